// SPDX-License-Identifier: Apache-2.0
#include "input/nft/headers.h"

#include <algorithm>
#include <array>

namespace segproof::nft {
namespace {

using model::Measure;
using model::Unknown;
constexpr auto tcp = protocol_number::tcp;
constexpr auto udp = protocol_number::udp;
constexpr auto udplite = protocol_number::udplite;
constexpr auto dccp = protocol_number::dccp;
constexpr auto sctp = protocol_number::sctp;
constexpr std::uint8_t esp = 50, ah = 51, comp = 108, igmp = 2, gre = 47;

constexpr Key port_key(std::string_view header, std::string_view key, std::uint8_t protocol) {
  return {.header = header,
          .key = key,
          .type = Datatype::port,
          .meaning = Meaning::field,
          .width = 16,
          .needs = protocol == 0 ? Needs::transport : Needs::protocol,
          .protocol = protocol,
          .field = key == "sport" ? Field::source_port : Field::destination_port};
}
// A part of a transport header that the model does not carry.
constexpr Key content(std::string_view header, std::string_view key, std::uint8_t protocol) {
  return {.header = header, .key = key, .needs = Needs::protocol, .protocol = protocol};
}
constexpr Key undecided(std::string_view header, std::string_view key, Unknown unknown, Needs needs = Needs::nothing) {
  return {.header = header, .key = key, .needs = needs, .unknown = unknown};
}
constexpr Key extension(std::string_view header, std::string_view key) {
  return undecided(header, key, Unknown::extension_header, Needs::ipv6);
}
constexpr Key ethernet(std::string_view header, std::string_view key) {
  return undecided(header, key, Unknown::mac_address);
}
constexpr Key address(std::string_view header, std::string_view key) {
  const bool old = header == "ip";
  return {.header = header,
          .key = key,
          .type = old ? Datatype::ipv4_address : Datatype::ipv6_address,
          .meaning = Meaning::field,
          .width = old ? 32U : 128U,
          .needs = old ? Needs::ipv4 : Needs::ipv6,
          .field = key == "saddr" ? Field::source : Field::destination};
}
constexpr Key icmp_byte(std::string_view header, std::string_view key, Datatype type) {
  return {.header = header,
          .key = key,
          .type = type,
          .meaning = Meaning::field,
          .width = 8,
          .needs = header == "icmp" ? Needs::icmp : Needs::icmpv6,
          .field = Field::destination_port,
          .shift = key == "type" ? 8U : 0U};
}
constexpr Key measure(std::string_view header, std::string_view key, Measure what, Datatype type, unsigned width,
                      Needs needs) {
  return {.header = header,
          .key = key,
          .type = type,
          .meaning = Meaning::measure,
          .width = width,
          .needs = needs,
          .measure = what};
}
constexpr Key dscp(std::string_view header, Needs needs) {
  return {.header = header,
          .key = "dscp",
          .type = Datatype::dscp,
          .meaning = Meaning::measure,
          .width = 6,
          .needs = needs,
          .shift = 2,
          .measure = Measure::traffic_class};
}
constexpr Key means(std::string_view header, std::string_view key, Meaning meaning, Datatype type, unsigned width,
                    Needs needs = Needs::nothing) {
  return {.header = header, .key = key, .type = type, .meaning = meaning, .width = width, .needs = needs};
}
constexpr Key interface(std::string_view key, Field field) {
  return {.header = "meta",
          .key = key,
          .type = Datatype::interface,
          .meaning = Meaning::interface,
          .width = 128,
          .field = field};
}

constexpr Key keys[] = {
    // Network layer.
    address("ip", "saddr"),
    address("ip", "daddr"),
    {.header = "ip",
     .key = "protocol",
     .type = Datatype::protocol,
     .meaning = Meaning::field,
     .width = 8,
     .needs = Needs::ipv4,
     .field = Field::protocol},
    means("ip", "version", Meaning::version, Datatype::number, 4, Needs::ipv4),
    means("ip", "frag-off", Meaning::fragment_word, Datatype::number, 16, Needs::ipv4),
    measure("ip", "length", Measure::total_length, Datatype::number, 16, Needs::ipv4),
    measure("ip", "ttl", Measure::hop_limit, Datatype::number, 8, Needs::ipv4),
    dscp("ip", Needs::ipv4),
    measure("ip", "ecn", Measure::traffic_class, Datatype::ecn, 2, Needs::ipv4),
    undecided("ip", "hdrlength", Unknown::content, Needs::ipv4),
    undecided("ip", "id", Unknown::content, Needs::ipv4),
    undecided("ip", "checksum", Unknown::content, Needs::ipv4),
    address("ip6", "saddr"),
    address("ip6", "daddr"),
    means("ip6", "nexthdr", Meaning::next_header, Datatype::protocol, 8, Needs::ipv6),
    means("ip6", "version", Meaning::version, Datatype::number, 4, Needs::ipv6),
    means("ip6", "length", Meaning::payload_length, Datatype::number, 16, Needs::ipv6),
    measure("ip6", "hoplimit", Measure::hop_limit, Datatype::number, 8, Needs::ipv6),
    dscp("ip6", Needs::ipv6),
    measure("ip6", "ecn", Measure::traffic_class, Datatype::ecn, 2, Needs::ipv6),
    undecided("ip6", "flowlabel", Unknown::content, Needs::ipv6),
    // Transport layer.
    port_key("tcp", "sport", tcp),
    port_key("tcp", "dport", tcp),
    {.header = "tcp",
     .key = "flags",
     .type = Datatype::tcp_flags,
     .meaning = Meaning::field,
     .width = 8,
     .needs = Needs::protocol,
     .protocol = tcp,
     .field = Field::tcp_flags},
    content("tcp", "sequence", tcp),
    content("tcp", "ackseq", tcp),
    content("tcp", "doff", tcp),
    content("tcp", "reserved", tcp),
    content("tcp", "window", tcp),
    content("tcp", "checksum", tcp),
    content("tcp", "urgptr", tcp),
    port_key("udp", "sport", udp),
    port_key("udp", "dport", udp),
    content("udp", "length", udp),
    content("udp", "checksum", udp),
    port_key("udplite", "sport", udplite),
    port_key("udplite", "dport", udplite),
    content("udplite", "csumcov", udplite),
    content("udplite", "cscov", udplite),
    content("udplite", "checksum", udplite),
    port_key("sctp", "sport", sctp),
    port_key("sctp", "dport", sctp),
    content("sctp", "vtag", sctp),
    content("sctp", "checksum", sctp),
    port_key("dccp", "sport", dccp),
    port_key("dccp", "dport", dccp),
    content("dccp", "type", dccp),
    port_key("th", "sport", 0),
    port_key("th", "dport", 0),
    icmp_byte("icmp", "type", Datatype::icmp_type),
    icmp_byte("icmp", "code", Datatype::icmp_code),
    undecided("icmp", "checksum", Unknown::content, Needs::icmp),
    undecided("icmp", "id", Unknown::content, Needs::icmp),
    undecided("icmp", "sequence", Unknown::content, Needs::icmp),
    undecided("icmp", "gateway", Unknown::content, Needs::icmp),
    undecided("icmp", "mtu", Unknown::content, Needs::icmp),
    icmp_byte("icmpv6", "type", Datatype::icmpv6_type),
    icmp_byte("icmpv6", "code", Datatype::icmpv6_code),
    undecided("icmpv6", "checksum", Unknown::content, Needs::icmpv6),
    undecided("icmpv6", "parameter-problem", Unknown::content, Needs::icmpv6),
    undecided("icmpv6", "packet-too-big", Unknown::content, Needs::icmpv6),
    undecided("icmpv6", "id", Unknown::content, Needs::icmpv6),
    undecided("icmpv6", "sequence", Unknown::content, Needs::icmpv6),
    undecided("icmpv6", "max-delay", Unknown::content, Needs::icmpv6),
    undecided("icmpv6", "mtu", Unknown::content, Needs::icmpv6),
    undecided("icmpv6", "taddr", Unknown::content, Needs::icmpv6),
    undecided("icmpv6", "daddr", Unknown::content, Needs::icmpv6),
    content("igmp", "type", igmp),
    content("igmp", "mrt", igmp),
    content("igmp", "checksum", igmp),
    content("igmp", "group", igmp),
    content("esp", "spi", esp),
    content("esp", "sequence", esp),
    content("ah", "nexthdr", ah),
    content("ah", "hdrlength", ah),
    content("ah", "reserved", ah),
    content("ah", "spi", ah),
    content("ah", "sequence", ah),
    content("comp", "nexthdr", comp),
    content("comp", "flags", comp),
    content("comp", "cpi", comp),
    content("gre", "flags", gre),
    content("gre", "version", gre),
    content("gre", "protocol", gre),
    // IPv6 extension headers.
    extension("hbh", "nexthdr"),
    extension("hbh", "hdrlength"),
    extension("rt", "nexthdr"),
    extension("rt", "hdrlength"),
    extension("rt", "type"),
    extension("rt", "seg-left"),
    extension("rt0", "addr"),
    extension("rt2", "addr"),
    extension("srh", "last-entry"),
    extension("srh", "flags"),
    extension("srh", "tag"),
    extension("srh", "sid"),
    extension("srh", "seg-left"),
    extension("frag", "nexthdr"),
    extension("frag", "reserved"),
    extension("frag", "frag-off"),
    extension("frag", "reserved2"),
    extension("frag", "more-fragments"),
    extension("frag", "id"),
    extension("dst", "nexthdr"),
    extension("dst", "hdrlength"),
    extension("mh", "nexthdr"),
    extension("mh", "hdrlength"),
    extension("mh", "type"),
    extension("mh", "reserved"),
    extension("mh", "checksum"),
    // Link layer.
    ethernet("ether", "saddr"),
    ethernet("ether", "daddr"),
    ethernet("ether", "type"),
    ethernet("vlan", "id"),
    ethernet("vlan", "pcp"),
    ethernet("vlan", "dei"),
    ethernet("vlan", "cfi"),
    ethernet("vlan", "type"),
    ethernet("arp", "htype"),
    ethernet("arp", "ptype"),
    ethernet("arp", "hlen"),
    ethernet("arp", "plen"),
    ethernet("arp", "operation"),
    ethernet("arp", "saddr ip"),
    ethernet("arp", "saddr ether"),
    ethernet("arp", "daddr ip"),
    ethernet("arp", "daddr ether"),
    // What the kernel knows beside the header.
    interface("iif", Field::ingress),
    interface("iifname", Field::ingress),
    interface("oif", Field::egress),
    interface("oifname", Field::egress),
    means("meta", "mark", Meaning::packet_mark, Datatype::mark, 32),
    {.header = "meta",
     .key = "l4proto",
     .type = Datatype::protocol,
     .meaning = Meaning::field,
     .width = 8,
     .field = Field::protocol},
    means("meta", "nfproto", Meaning::family, Datatype::family, 8),
    means("meta", "protocol", Meaning::ether_type, Datatype::ether_type, 16),
    measure("meta", "length", Measure::total_length, Datatype::number, 16, Needs::nothing),
    measure("meta", "pkttype", Measure::packet_kind, Datatype::packet_kind, 8, Needs::nothing),
    undecided("meta", "skuid", Unknown::socket_owner),
    undecided("meta", "skgid", Unknown::socket_owner),
    undecided("meta", "cgroup", Unknown::socket_owner),
    undecided("meta", "iiftype", Unknown::mac_address),
    undecided("meta", "oiftype", Unknown::mac_address),
    undecided("meta", "iifgroup", Unknown::set_content),
    undecided("meta", "oifgroup", Unknown::set_content),
    undecided("meta", "iifkind", Unknown::set_content),
    undecided("meta", "oifkind", Unknown::set_content),
    undecided("meta", "sdif", Unknown::set_content),
    undecided("meta", "sdifname", Unknown::set_content),
    undecided("meta", "ibrname", Unknown::bridge_port),
    undecided("meta", "obrname", Unknown::bridge_port),
    undecided("meta", "ibriport", Unknown::bridge_port),
    undecided("meta", "obriport", Unknown::bridge_port),
    undecided("meta", "ibridgename", Unknown::bridge_port),
    undecided("meta", "obridgename", Unknown::bridge_port),
    undecided("meta", "ibrpvid", Unknown::bridge_port),
    undecided("meta", "ibrvproto", Unknown::bridge_port),
    undecided("meta", "broute", Unknown::bridge_port),
    undecided("meta", "ibrhwaddr", Unknown::bridge_port),
    undecided("meta", "priority", Unknown::history),
    undecided("meta", "nftrace", Unknown::history),
    undecided("meta", "rtclassid", Unknown::set_content),
    undecided("meta", "secmark", Unknown::history),
    undecided("meta", "cpu", Unknown::chance),
    undecided("meta", "random", Unknown::chance),
    undecided("meta", "prandom", Unknown::chance),
    undecided("meta", "ipsec", Unknown::ipsec_policy),
    undecided("meta", "secpath", Unknown::ipsec_policy),
    undecided("meta", "time", Unknown::clock),
    undecided("meta", "day", Unknown::clock),
    undecided("meta", "hour", Unknown::clock),
    undecided("meta", "vlan", Unknown::mac_address),
    // Connection tracking.
    means("ct", "state", Meaning::track_state, Datatype::track_state, 32),
    means("ct", "status", Meaning::track_status, Datatype::track_status, 32, Needs::entry),
    means("ct", "mark", Meaning::connection_mark, Datatype::mark, 32, Needs::entry),
    means("ct", "direction", Meaning::track_direction, Datatype::track_direction, 8, Needs::entry),
    means("ct", "protocol", Meaning::track_protocol, Datatype::protocol, 8, Needs::entry),
    means("ct", "l3proto", Meaning::track_family, Datatype::family, 8, Needs::entry),
    undecided("ct", "saddr", Unknown::history, Needs::entry),
    undecided("ct", "daddr", Unknown::history, Needs::entry),
    undecided("ct", "proto-src", Unknown::history, Needs::entry),
    undecided("ct", "proto-dst", Unknown::history, Needs::entry),
    undecided("ct", "zone", Unknown::history),
    undecided("ct", "id", Unknown::history, Needs::entry),
    undecided("ct", "expiration", Unknown::history, Needs::entry),
    undecided("ct", "helper", Unknown::history, Needs::entry),
    undecided("ct", "label", Unknown::history, Needs::entry),
    undecided("ct", "bytes", Unknown::history, Needs::entry),
    undecided("ct", "packets", Unknown::history, Needs::entry),
    undecided("ct", "avgpkt", Unknown::history, Needs::entry),
    undecided("ct", "event", Unknown::history, Needs::entry),
    undecided("ct", "secmark", Unknown::history, Needs::entry),
    undecided("ct", "timeout", Unknown::history, Needs::entry),
    undecided("ct", "src", Unknown::history, Needs::entry),
    undecided("ct", "dst", Unknown::history, Needs::entry),
    // Routes, sockets, chance.
    means("fib", "type", Meaning::address_type, Datatype::address_type, 32),
    undecided("fib", "oif", Unknown::reverse_path),
    undecided("fib", "oifname", Unknown::reverse_path),
    undecided("fib", "check", Unknown::reverse_path),
    undecided("rt", "classid", Unknown::set_content),
    undecided("rt", "nexthop", Unknown::set_content),
    undecided("rt", "mtu", Unknown::set_content),
    undecided("rt", "ipsec", Unknown::ipsec_policy),
    undecided("socket", "transparent", Unknown::socket_owner),
    undecided("socket", "mark", Unknown::socket_owner),
    undecided("socket", "wildcard", Unknown::socket_owner),
    undecided("socket", "cgroupv2", Unknown::socket_owner),
    content("osf", "name", tcp),
    content("osf", "version", tcp),
    undecided("numgen", "inc", Unknown::chance),
    undecided("numgen", "random", Unknown::chance),
    undecided("jhash", "", Unknown::chance),
    undecided("symhash", "", Unknown::chance),
    undecided("ipsec", "reqid", Unknown::ipsec_policy),
    undecided("ipsec", "spi", Unknown::ipsec_policy),
    undecided("ipsec", "saddr", Unknown::ipsec_policy),
    undecided("ipsec", "daddr", Unknown::ipsec_policy),
};

// Headers whose keys are too many to list.
constexpr Key open_headers[] = {
    content("tcp option", "", tcp),  undecided("ip option", "", Unknown::content, Needs::ipv4),
    content("sctp chunk", "", sctp), content("dccp option", "", dccp),
    extension("exthdr", ""),
};

constexpr std::array<std::string_view, 25> bare_meta_keys{
    "iif",         "iifname",     "iifgroup", "iiftype", "oif",  "oifname", "oifgroup",  "oiftype",  "mark",
    "skuid",       "skgid",       "nftrace",  "cgroup",  "cpu",  "pkttype", "rtclassid", "ibriport", "obriport",
    "ibridgename", "obridgename", "ibrname",  "obrname", "time", "day",     "hour"};

}  // namespace

bool is_bitmask(Datatype type) {
  return type == Datatype::tcp_flags || type == Datatype::track_state || type == Datatype::track_status;
}

const Key* find_key(std::string_view header, std::string_view key) {
  for (const Key& known : keys) {
    if (known.header == header && known.key == key)
      return &known;
  }
  for (const Key& known : open_headers) {
    if (known.header == header)
      return &known;
  }
  return nullptr;
}

bool is_header(std::string_view word) {
  return std::ranges::any_of(keys, [&](const Key& known) { return known.header == word; });
}

bool is_bare_meta_key(std::string_view word) {
  return std::ranges::find(bare_meta_keys, word) != bare_meta_keys.end();
}

}  // namespace segproof::nft
