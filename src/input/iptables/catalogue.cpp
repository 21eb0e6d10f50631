// SPDX-License-Identifier: Apache-2.0
#include "input/iptables/catalogue.h"

#include <algorithm>
#include <span>

#include "input/iptables/builders.h"

namespace segproof::iptables {
namespace {

using model::Unknown;

constexpr Extension matches[] = {
    {.name = "addrtype", .options = "src-type= dst-type= limit-iface-in limit-iface-out", .match = match_addrtype},
    {.name = "ah", .options = "ahspi= ahlen= ahres", .match = match_extension_protocol},
    {.name = "bpf", .options = "bytecode= object-pinned=", .unknown = Unknown::content},
    {.name = "cgroup", .options = "cgroup= path=", .unknown = Unknown::socket_owner},
    {.name = "cluster",
     .options = "cluster-total-nodes= cluster-local-node= cluster-local-nodemask= cluster-hash-seed=",
     .match = match_tracked_unknown},
    {.name = "comment", .options = "comment=", .match = match_comment},
    {.name = "condition", .options = "condition=", .unknown = Unknown::history},
    {.name = "connbytes", .options = "connbytes= connbytes-dir= connbytes-mode=", .match = match_tracked_unknown},
    {.name = "connlabel", .options = "label= set", .match = match_tracked_unknown},
    {.name = "connlimit",
     .options = "connlimit-upto= connlimit-above= connlimit-mask= connlimit-saddr connlimit-daddr",
     .match = match_tracked_unknown},
    {.name = "connmark", .options = "mark=", .match = match_connmark},
    {.name = "conntrack",
     .options = "ctstate= ctproto= ctorigsrc= ctorigdst= ctreplsrc= ctrepldst= ctorigsrcport= ctorigdstport= "
                "ctreplsrcport= ctrepldstport= ctstatus= ctexpire= ctdir=",
     .match = match_conntrack},
    {.name = "cpu", .options = "cpu=", .unknown = Unknown::chance},
    {.name = "dccp",
     .options = "source-port= sport= destination-port= dport= dccp-types= dccp-option=",
     .match = match_dccp},
    {.name = "devgroup", .options = "src-group= dst-group=", .unknown = Unknown::set_content},
    {.name = "dscp", .options = "dscp= dscp-class=", .match = match_dscp},
    {.name = "dst",
     .options = "dst-len= dst-opts=",
     .unknown = Unknown::extension_header,
     .families = Families::only_ipv6},
    {.name = "ecn", .options = "ecn-tcp-cwr ecn-tcp-ece ecn-ip-ect=", .match = match_ecn},
    {.name = "esp", .options = "espspi=", .match = match_extension_protocol},
    {.name = "eui64", .options = "", .unknown = Unknown::mac_address, .families = Families::only_ipv6},
    {.name = "frag",
     .options = "fragid= fraglen= fragres fragfirst fragmore fraglast",
     .unknown = Unknown::extension_header,
     .families = Families::only_ipv6},
    {.name = "geoip",
     .options = "source-country= src-cc= destination-country= dst-cc=",
     .unknown = Unknown::set_content},
    {.name = "hashlimit",
     .options = "hashlimit= hashlimit-upto= hashlimit-above= hashlimit-srcmask= hashlimit-dstmask= hashlimit-burst= "
                "hashlimit-htable-size= hashlimit-htable-max= hashlimit-htable-expire= hashlimit-htable-gcinterval= "
                "hashlimit-mode= hashlimit-name= hashlimit-rate-match hashlimit-rate-interval=",
     .unknown = Unknown::rate},
    {.name = "hbh",
     .options = "hbh-len= hbh-opts=",
     .unknown = Unknown::extension_header,
     .families = Families::only_ipv6},
    {.name = "helper", .options = "helper=", .match = match_tracked_unknown},
    {.name = "hl", .options = "hl-eq= hl-lt= hl-gt=", .match = match_hl, .families = Families::only_ipv6},
    {.name = "icmp", .options = "icmp-type=", .match = match_icmp, .families = Families::only_ipv4},
    {.name = "icmp6", .options = "icmpv6-type=", .match = match_icmp6, .families = Families::only_ipv6},
    {.name = "icmpv6", .options = "icmpv6-type=", .match = match_icmp6, .families = Families::only_ipv6},
    {.name = "iface",
     .options = "iface= dev-in dev-out up down broadcast loopback pointopoint running noarp arp promisc multicast "
                "dynamic lower-up dormant",
     .unknown = Unknown::history},
    {.name = "ipcomp", .options = "ipcompspi= compres", .match = match_extension_protocol},
    {.name = "iprange", .options = "src-range= dst-range=", .match = match_iprange},
    {.name = "ipv4options", .options = "flags= any", .unknown = Unknown::content, .families = Families::only_ipv4},
    {.name = "ipv6header",
     .options = "header= soft",
     .unknown = Unknown::extension_header,
     .families = Families::only_ipv6},
    {.name = "ipvs", .options = "ipvs vproto= vaddr= vport= vdir= vmethod= vportctl=", .unknown = Unknown::history},
    {.name = "l2tp", .options = "pversion= type= sid= tid=", .unknown = Unknown::content},
    {.name = "layer7", .options = "l7proto= l7dir= l7pkt", .unknown = Unknown::content},
    {.name = "length", .options = "length=", .match = match_length},
    {.name = "limit", .options = "limit= limit-burst=", .unknown = Unknown::rate},
    {.name = "mac", .options = "mac-source=", .unknown = Unknown::mac_address},
    {.name = "mark", .options = "mark=", .match = match_mark},
    {.name = "mh", .options = "mh-type=", .match = match_extension_protocol, .families = Families::only_ipv6},
    {.name = "multiport",
     .options = "source-ports= sports= destination-ports= dports= ports=",
     .match = match_multiport},
    {.name = "nfacct", .options = "nfacct-name=", .unknown = Unknown::quota},
    {.name = "nth", .options = "every= counter= start= packet=", .unknown = Unknown::chance},
    {.name = "osf", .options = "genre= ttl= log=", .unknown = Unknown::content},
    {.name = "owner",
     .options = "uid-owner= gid-owner= pid-owner= sid-owner= cmd-owner= socket-exists suppl-groups",
     .match = match_owner},
    {.name = "physdev",
     .options = "physdev-in= physdev-out= physdev-is-in physdev-is-out physdev-is-bridged",
     .match = match_physdev},
    {.name = "pkttype", .options = "pkt-type=", .match = match_pkttype},
    {.name = "policy",
     .options = "dir= pol= strict reqid= spi= tunnel-src= tunnel-dst= proto= mode= next",
     .match = match_policy},
    {.name = "quota", .options = "quota=", .unknown = Unknown::quota},
    {.name = "random", .options = "average=", .unknown = Unknown::chance},
    {.name = "rateest",
     .options = "rateest1= rateest= rateest2= rateest-bps1? rateest-pps1? rateest-bps2? rateest-pps2? rateest-bps? "
                "rateest-pps? rateest-delta rateest-lt rateest-gt rateest-eq",
     .unknown = Unknown::rate},
    {.name = "realm", .options = "realm=", .unknown = Unknown::set_content, .families = Families::only_ipv4},
    {.name = "recent",
     .options = "set rcheck update remove seconds= reap hitcount= rttl name= rsource rdest mask=",
     .match = match_recent},
    {.name = "rpfilter", .options = "loose validmark accept-local invert", .unknown = Unknown::reverse_path},
    {.name = "rt",
     .options = "rt-type= rt-segsleft= rt-len= rt-0-res rt-0-addrs= rt-0-not-strict",
     .unknown = Unknown::extension_header,
     .families = Families::only_ipv6},
    {.name = "sctp", .options = "source-port= sport= destination-port= dport= chunk-types==", .match = match_sctp},
    {.name = "set",
     .options = "match-set== set== return-nomatch update-counters update-subcounters packets-eq= packets-lt= "
                "packets-gt= bytes-eq= bytes-lt= bytes-gt=",
     .match = match_set},
    {.name = "socket", .options = "transparent nowildcard restore-skmark", .unknown = Unknown::socket_owner},
    {.name = "srh",
     .options = "srh-next-hdr= srh-hdr-len-eq= srh-hdr-len-gt= srh-hdr-len-lt= srh-segs-left-eq= srh-segs-left-gt= "
                "srh-segs-left-lt= srh-last-entry-eq= srh-last-entry-gt= srh-last-entry-lt= srh-tag= srh-psid= "
                "srh-nsid= srh-lsid=",
     .unknown = Unknown::extension_header,
     .families = Families::only_ipv6},
    {.name = "state", .options = "state=", .match = match_state},
    {.name = "statistic", .options = "mode= probability= every= packet=", .unknown = Unknown::chance},
    {.name = "string", .options = "from= to= algo= string= hex-string= icase", .unknown = Unknown::content},
    {.name = "tcp",
     .options = "source-port= sport= destination-port= dport= syn tcp-flags== tcp-option=",
     .match = match_tcp},
    {.name = "tcpmss", .options = "mss=", .unknown = Unknown::content},
    {.name = "time",
     .options = "timestart= timestop= days= monthdays= weekdays= datestart= datestop= contiguous utc localtz "
                "kerneltz",
     .unknown = Unknown::clock},
    {.name = "tos", .options = "tos=", .match = match_tos},
    {.name = "ttl", .options = "ttl= ttl-eq= ttl-gt= ttl-lt=", .match = match_ttl, .families = Families::only_ipv4},
    {.name = "u32", .options = "u32=", .unknown = Unknown::content},
    {.name = "udp", .options = "source-port= sport= destination-port= dport=", .match = match_udp},
    {.name = "unclean", .options = "", .unknown = Unknown::content},
};

constexpr Extension targets[] = {
    {.name = "ACCEPT", .options = "", .target = target_accept},
    {.name = "AUDIT", .options = "type="},
    {.name = "CHECKSUM", .options = "checksum-fill"},
    {.name = "CLASSIFY", .options = "set-class="},
    {.name = "CLUSTERIP",
     .options = "new hashmode= clustermac= total-nodes= local-node= hash-init=",
     .target = target_anything,
     .families = Families::only_ipv4},
    {.name = "CONNMARK",
     .options = "set-xmark= set-mark= and-mark= or-mark= xor-mark= save-mark restore-mark ctmask= nfmask= mask= "
                "left-shift-mark= right-shift-mark=",
     .target = target_connmark},
    {.name = "CONNSECMARK", .options = "save restore"},
    {.name = "CT",
     .options = "notrack helper= ctevents= expevents= zone= zone-orig= zone-reply= timeout=",
     .target = target_ct},
    {.name = "DNAT", .options = "to-destination= random persistent", .target = target_dnat},
    {.name = "DNPT", .options = "src-pfx= dst-pfx=", .target = target_anything, .families = Families::only_ipv6},
    {.name = "DROP", .options = "", .target = target_drop},
    {.name = "DSCP", .options = "set-dscp= set-dscp-class=", .target = target_traffic_class},
    {.name = "ECN", .options = "ecn-tcp-remove ecn-tcp-cwr= ecn-tcp-ece= ecn-ip-ect=", .target = target_traffic_class},
    {.name = "FLOWOFFLOAD", .options = "hw", .target = target_flow_offload},
    {.name = "HL", .options = "hl-set= hl-dec= hl-inc=", .target = target_hop_limit, .families = Families::only_ipv6},
    {.name = "HMARK",
     .options = "hmark-tuple= hmark-mod= hmark-offset= hmark-src-prefix= hmark-dst-prefix= hmark-sport-mask= "
                "hmark-dport-mask= hmark-spi-mask= hmark-sport= hmark-dport= hmark-spi= hmark-proto-mask= hmark-rnd=",
     .target = target_anything},
    {.name = "IDLETIMER", .options = "timeout= label= alarm send_nl_msg"},
    {.name = "LED", .options = "led-trigger-id= led-delay= led-always-blink"},
    {.name = "LOG",
     .options = "log-level= log-prefix= log-tcp-sequence log-tcp-options log-ip-options log-uid log-macdecode"},
    {.name = "MARK", .options = "set-xmark= set-mark= and-mark= or-mark= xor-mark=", .target = target_mark},
    {.name = "MASQUERADE", .options = "to-ports= random random-fully", .target = target_masquerade},
    {.name = "MIRROR", .options = "", .target = target_anything},
    {.name = "NETMAP", .options = "to=", .target = target_netmap},
    {.name = "NFLOG", .options = "nflog-group= nflog-prefix= nflog-range= nflog-size= nflog-threshold="},
    {.name = "NFQUEUE",
     .options = "queue-num= queue-balance= queue-bypass queue-cpu-fanout",
     .target = target_anything},
    {.name = "NOTRACK", .options = "", .target = target_notrack},
    {.name = "QUEUE", .options = "", .target = target_anything},
    {.name = "RATEEST", .options = "rateest-name= rateest-interval= rateest-ewmalog="},
    {.name = "REDIRECT", .options = "to-ports= random random-fully", .target = target_redirect},
    {.name = "REJECT", .options = "reject-with=", .target = target_reject},
    {.name = "RETURN", .options = "", .target = target_return},
    {.name = "SAME", .options = "to= nodst random", .target = target_anything},
    {.name = "SECMARK", .options = "selctx="},
    {.name = "SET",
     .options = "add-set== del-set== map-set== timeout= exist map-mark map-prio map-queue",
     .target = target_set},
    {.name = "SNAT", .options = "to-source= random random-fully persistent", .target = target_snat},
    {.name = "SNPT", .options = "src-pfx= dst-pfx=", .target = target_anything, .families = Families::only_ipv6},
    {.name = "SYNPROXY", .options = "sack-perm timestamp wscale= mss= ecn", .target = target_anything},
    {.name = "TCPMSS", .options = "set-mss= clamp-mss-to-pmtu"},
    {.name = "TCPOPTSTRIP", .options = "strip-options="},
    {.name = "TEE", .options = "gateway= oif=", .target = target_tee},
    {.name = "TOS", .options = "set-tos= and-tos= or-tos= xor-tos=", .target = target_traffic_class},
    {.name = "TPROXY", .options = "on-port= on-ip= tproxy-mark=", .target = target_anything},
    {.name = "TRACE", .options = ""},
    {.name = "TTL",
     .options = "ttl-set= ttl-dec= ttl-inc=",
     .target = target_hop_limit,
     .families = Families::only_ipv4},
    {.name = "ULOG",
     .options = "ulog-nlgroup= ulog-prefix= ulog-cprange= ulog-qthreshold=",
     .families = Families::only_ipv4},
};

bool fits(const Extension& extension, Family family) {
  return extension.families == Families::both ||
         (extension.families == Families::only_ipv4) == (family == Family::ipv4);
}

const Extension* find_in(std::span<const Extension> list, std::string_view name, Family family) {
  const auto found = std::ranges::lower_bound(list, name, {}, &Extension::name);
  return found != list.end() && found->name == name && fits(*found, family) ? &*found : nullptr;
}

static_assert(std::ranges::is_sorted(matches, {}, &Extension::name));
static_assert(std::ranges::is_sorted(targets, {}, &Extension::name));

}  // namespace

const Extension* find_match(std::string_view name, Family family) {
  return find_in(matches, name, family);
}
const Extension* find_target(std::string_view name, Family family) {
  return find_in(targets, name, family);
}

std::string_view protocol_match(std::uint8_t protocol) {
  switch (protocol) {
    case protocol_number::tcp:
      return "tcp";
    case protocol_number::udp:
      return "udp";
    case protocol_number::sctp:
      return "sctp";
    case protocol_number::dccp:
      return "dccp";
    case protocol_number::icmp:
      return "icmp";
    case protocol_number::icmpv6:
      return "icmp6";
    case 50:
      return "esp";
    case 51:
      return "ah";
    case 108:
      return "ipcomp";
    case 135:
      return "mh";
    default:
      return {};
  }
}

void RuleDraft::add(model::Test test) {
  condition.tests.push_back(std::move(test));
}

void RuleDraft::add_unknown(model::Unknown kind, std::string text, bool negated) {
  add(model::UnknownTest{kind, std::move(text), negated});
}

void RuleDraft::fail(std::string message, std::uint32_t column) {
  if (!fault)
    fault = Fault{std::move(message), column};
}

void RuleDraft::add_field(Field field, IntervalSet values, bool negated) {
  if (negated)
    values = values.complement(field_max(field, family));
  const bool addressed = field == Field::source || field == Field::destination;
  add(model::FieldTest{field, std::move(values), addressed ? std::optional(family) : std::nullopt});
}

}  // namespace segproof::iptables
