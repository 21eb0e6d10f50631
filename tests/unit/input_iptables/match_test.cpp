// SPDX-License-Identifier: Apache-2.0
// What each match becomes: text in, dump out.
#include <doctest/doctest.h>

#include "dump.h"

namespace segproof::test {
namespace {

struct Case {
  const char* rule;
  const char* expected;
};

void check(std::initializer_list<Case> cases, Family family = Family::ipv4) {
  for (const Case& one : cases) {
    CAPTURE(one.rule);
    CHECK(dump_rule(one.rule, family) == one.expected);
  }
}

}  // namespace

TEST_CASE("addresses, protocols, interfaces, fragments") {
  check({
      {"-j ACCEPT", "any -> accept"},
      {"-p tcp", "protocol 6 -> go on"},
      {"-p 6 -j DROP", "protocol 6 -> drop"},
      {"! -p tcp -j DROP", "protocol 0-5 7-255 -> drop"},
      {"-p ! udp -j DROP", "protocol 0-16 18-255 -> drop"},
      {"-p all -j DROP", "any -> drop"},
      {"! -p all -j DROP", "NOT UNDERSTOOD: rule would never match protocol"},
      {"-p nosuch -j DROP", "?name that is not resolved(protocol nosuch) -> drop"},
      {"-s 10.1.2.3 -j DROP", "source 10.1.2.3 -> drop"},
      {"-s 10.1.2.3/8 -j DROP", "source 10.0.0.0-10.255.255.255 -> drop"},
      {"-s 10.1/16 -j DROP", "source 10.1.0.0-10.1.255.255 -> drop"},
      {"-s 010.0.0.1 -j DROP", "source 8.0.0.1 -> drop"},
      {"-s 0/0 -j DROP", "any -> drop"},
      {"! -s 0.0.0.0/0 -j DROP", "source nothing -> drop"},
      {"! -s 10.0.0.0/8 -j DROP", "source 0.0.0.0-9.255.255.255 11.0.0.0-255.255.255.255 -> drop"},
      {"-s ! 128.0.0.0/1 -j DROP", "source 0.0.0.0-127.255.255.255 -> drop"},
      {"-d 10.0.0.0/255.0.0.255 -j DROP", "destination&255.0.0.255 == 10.0.0.0 -> drop"},
      {"! -d 10.0.0.1/255.0.0.255 -j DROP", "destination&255.0.0.255 != 10.0.0.1 -> drop"},
      {"-s 10.0.0.1,10.0.0.2 -d 1.1.1.1,2.2.2.2 -j DROP",
       "source 10.0.0.1; destination 1.1.1.1 -> drop | source 10.0.0.1; destination 2.2.2.2 -> drop | "
       "source 10.0.0.2; destination 1.1.1.1 -> drop | source 10.0.0.2; destination 2.2.2.2 -> drop"},
      {"! -s 10.0.0.1,10.0.0.2 -j DROP", "NOT UNDERSTOOD: `!` before several addresses"},
      {"-s www.example.org -j DROP", "?name that is not resolved(host www.example.org) -> drop"},
      {"-s 10.0.0.0/33 -j DROP", "NOT UNDERSTOOD: bad address `10.0.0.0/33`"},
      {"-s 2001:db8::1 -j DROP", "NOT UNDERSTOOD: bad address `2001:db8::1`"},
      {"-s 256.0.0.1 -j DROP", "NOT UNDERSTOOD: bad address `256.0.0.1`"},
      {"-i eth0 -j DROP", "in eth0 -> drop"},
      {"-i eth+ -j DROP", "in eth+ -> drop"},
      {"-i + -j DROP", "in + -> drop"},
      {"! -o ppp+ -j DROP", "NOT UNDERSTOOD: option --out-interface in chain `INPUT`"},
      {"-i an-interface-that-is-long -j DROP",
       "NOT UNDERSTOOD: interface name `an-interface-that-is-long` is too long"},
      {"-f -j DROP", "fragment 1 -> drop"},
      {"! -f -j DROP", "fragment 0 -> drop"},
      {"-s 1.1.1.1 -s 2.2.2.2 -j DROP", "NOT UNDERSTOOD: option --source is given twice"},
  });
}

TEST_CASE("IPv6 addresses and extension headers") {
  check(
      {
          {"-s 2001:db8::/32 -j DROP", "source 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff -> drop"},
          {"-d ::1 -j DROP", "destination ::1 -> drop"},
          {"-s ::/0 -j DROP", "any -> drop"},
          {"-s 2001:db8::1/ffff::ffff -j DROP", "source&ffff::ffff == 2001::1 -> drop"},
          {"-s 10.0.0.1 -j DROP", "NOT UNDERSTOOD: bad address `10.0.0.1`"},
          {"-f -j DROP", "NOT UNDERSTOOD: option `-f` in an IPv6 table"},
          {"-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT",
           "protocol 58; fragment 0; destination_port 32768-33023 -> accept"},
          {"-p icmpv6 --icmpv6-type neighbour-solicitation -j ACCEPT",
           "protocol 58; fragment 0; destination_port 34560-34815 -> accept"},
          {"-p icmpv6 -m icmp6 --icmpv6-type 255 -j ACCEPT",
           "protocol 58; fragment 0; destination_port 65280-65535 -> accept"},
          {"-m rt --rt-type 0 -j DROP", "?extension header(rt --rt-type 0) -> drop"},
          {"-p 44 -j DROP", "?extension header(protocol 44) -> drop"},
          {"-m hl --hl-eq 255 -j ACCEPT", "hops 255 -> accept"},
          {"-m addrtype --dst-type UNICAST -j ACCEPT", "destination type 0xffee -> accept"},
          {"-m icmp --icmp-type 8 -j DROP", "?a part that is not understood(match icmp --icmp-type 8) -> drop"},
      },
      Family::ipv6);
}

TEST_CASE("ports and flags") {
  check({
      {"-p tcp --dport 80 -j ACCEPT", "protocol 6; fragment 0; destination_port 80 -> accept"},
      {"-p tcp -m tcp --sport 1024: ! --dport 0:79 -j ACCEPT",
       "protocol 6; fragment 0; source_port 1024-65535; destination_port 80-65535 -> accept"},
      {"-p udp ! --sport 53 ! --dport 1:2 -j ACCEPT",
       "protocol 17; fragment 0; source_port 0-52 54-65535; destination_port 0 3-65535 -> accept"},
      {"-p udp ! --sport 53 ! --dport 1 -j ACCEPT",
       "protocol 17; fragment 0; any of [source_port 0-52 54-65535; destination_port 0 2-65535 or source_port 0-52 "
       "54-65535; ?packet content(two negated ports, which iptables-nft 1.8.9 takes for one) or destination_port 0 "
       "2-65535; ?packet content(two negated ports, which iptables-nft 1.8.9 takes for one)] -> accept"},
      {"-p tcp ! --sport 0:65535 -j ACCEPT", "protocol 6; fragment 0; ?packet content(none of all ports) -> accept"},
      {"-p tcp --tcp-flags NONE SYN -j ACCEPT",
       "protocol 6; fragment 0; ?packet content(flags outside of an empty mask) -> accept"},
      {"-p tcp ! --tcp-flags NONE NONE -j ACCEPT",
       "protocol 6; fragment 0; ?packet content(flags outside of an empty mask) -> accept"},
      {"-p tcp --tcp-flags NONE NONE -j ACCEPT", "protocol 6; fragment 0; tcp_flags&0 == 0 -> accept"},
      {"-p tcp ! --tcp-flags NONE SYN -j ACCEPT", "protocol 6; fragment 0; tcp_flags&0 != 2 -> accept"},
      {"-p tcp --dport ! 80 -j ACCEPT", "protocol 6; fragment 0; destination_port 0-79 81-65535 -> accept"},
      {"-p tcp --destination-port https -j ACCEPT", "protocol 6; fragment 0; destination_port 443 -> accept"},
      {"-p tcp --dport ftp-data:ssh -j ACCEPT", "protocol 6; fragment 0; destination_port 20-22 -> accept"},
      {"-p udp --dport domain -j ACCEPT", "protocol 17; fragment 0; destination_port 53 -> accept"},
      {"-p tcp --dport nosuchservice -j ACCEPT",
       "protocol 6; fragment 0; ?name that is not resolved(service nosuchservice) -> accept"},
      {"-p tcp --dport 70000 -j ACCEPT", "NOT UNDERSTOOD: bad port `70000`"},
      {"-p tcp --dport 90:80 -j ACCEPT", "NOT UNDERSTOOD: bad port `90:80`"},
      {"--dport 80 -j ACCEPT", "NOT UNDERSTOOD: unknown option `--dport`"},
      {"-m tcp --dport 80 -j ACCEPT", "NOT UNDERSTOOD: match `tcp` needs `-p tcp`"},
      {"! -p tcp -m tcp --dport 80 -j ACCEPT", "NOT UNDERSTOOD: match `tcp` needs `-p tcp`"},
      {"-p tcp -m tcp -j ACCEPT", "protocol 6; fragment 0 -> accept"},
      {"-p tcp --syn -j ACCEPT", "protocol 6; fragment 0; tcp_flags&23 == 2 -> accept"},
      {"-p tcp ! --syn -j DROP", "protocol 6; fragment 0; tcp_flags&23 != 2 -> drop"},
      {"-p tcp --tcp-flags ALL NONE -j DROP", "protocol 6; fragment 0; tcp_flags&63 == 0 -> drop"},
      {"-p tcp --tcp-flags SYN,FIN SYN,FIN -j DROP", "protocol 6; fragment 0; tcp_flags&3 == 3 -> drop"},
      {"-p tcp --tcp-option 5 -j DROP", "protocol 6; fragment 0; ?packet content(tcp --tcp-option 5) -> drop"},
      {"-p tcp -m multiport --dports 22,80:90,https -j ACCEPT",
       "protocol 6; fragment 0; destination_port 22 80-90 443 -> accept"},
      {"-p udp -m multiport ! --source-ports 53 -j ACCEPT",
       "protocol 17; fragment 0; source_port 0-52 54-65535 -> accept"},
      {"-p tcp -m multiport --ports 80 -j ACCEPT",
       "protocol 6; fragment 0; any of [source_port 80 or destination_port 80] -> accept"},
      {"-p tcp -m multiport ! --ports 80 -j ACCEPT",
       "protocol 6; fragment 0; none of [source_port 80 or destination_port 80] -> accept"},
      {"-p tcp -m multiport --dports 1:2,3:4,5,6,7,8,9,10,11,12,13,14,16 -j ACCEPT",
       "protocol 6; fragment 0; destination_port 1-14 16 -> accept"},
      {"-p tcp -m multiport --dports 1:2,3:4,5,6,7,8,9,10,11,12,13,14,15,16 -j ACCEPT",
       "NOT UNDERSTOOD: more than 15 ports"},
      {"-m multiport --dports 80 -j ACCEPT",
       "NOT UNDERSTOOD: match `multiport` needs `-p` with a protocol that has ports"},
      {"-p sctp --dport 9 -j ACCEPT", "protocol 132; fragment 0; destination_port 9 -> accept"},
      {"-p sctp -m sctp --chunk-types all INIT -j ACCEPT",
       "protocol 132; fragment 0; ?packet content(sctp --chunk-types all INIT) -> accept"},
  });
}

TEST_CASE("ICMP types") {
  check({
      {"-p icmp --icmp-type 8 -j ACCEPT", "protocol 1; fragment 0; destination_port 2048-2303 -> accept"},
      {"-p icmp --icmp-type 3/1 -j ACCEPT", "protocol 1; fragment 0; destination_port 769 -> accept"},
      {"-p icmp ! --icmp-type echo-request -j DROP",
       "protocol 1; fragment 0; destination_port 0-2047 2304-65535 -> drop"},
      {"-p icmp --icmp-type host-unreachable -j ACCEPT", "protocol 1; fragment 0; destination_port 769 -> accept"},
      {"-p icmp --icmp-type time-ex -j ACCEPT", "protocol 1; fragment 0; destination_port 2816-3071 -> accept"},
      {"-p icmp --icmp-type any -j ACCEPT", "protocol 1; fragment 0; destination_port 0-65535 -> accept"},
      {"-p icmp ! --icmp-type 255 -j ACCEPT", "protocol 1; fragment 0; destination_port nothing -> accept"},
      {"-p icmp -m icmp -j ACCEPT", "protocol 1; fragment 0 -> accept"},
      {"-p icmp --icmp-type nosuch -j ACCEPT", "NOT UNDERSTOOD: bad ICMP type `nosuch`"},
      {"-p icmp --icmp-type time -j ACCEPT", "NOT UNDERSTOOD: bad ICMP type `time`"},
  });
}

TEST_CASE("state, marks") {
  check({
      {"-m state --state NEW -j ACCEPT", "state 00001/00 -> accept"},
      {"-m state --state RELATED,ESTABLISHED -j ACCEPT", "state 00110/00 -> accept"},
      {"-m state ! --state INVALID -j ACCEPT", "!state 01000/00 -> accept"},
      {"-m state --state SNAT -j ACCEPT", "NOT UNDERSTOOD: bad state `SNAT`"},
      {"-m conntrack --ctstate NEW,UNTRACKED,DNAT -j ACCEPT", "state 10001/01 -> accept"},
      {"-m conntrack --ctproto tcp -j ACCEPT",
       "state 00111/00; any of [!state 00100/00; protocol 6 or state 00100/00; protocol 6 or state 00100/00; "
       "protocol 1; ?packet history(conntrack --ctproto tcp)] -> accept"},
      {"-m conntrack --ctstate NEW --ctproto 17 -j ACCEPT",
       "state 00001/00; any of [!state 00111/00 or state 00111/00; any of [!state 00100/00; protocol 17 or state "
       "00100/00; protocol 17 or state 00100/00; protocol 1; ?packet history(conntrack --ctstate NEW --ctproto 17)]] "
       "-> accept"},
      {"-m conntrack --ctorigdst 10.0.0.1 -j ACCEPT",
       "state 00111/00; ?packet history(conntrack --ctorigdst 10.0.0.1) -> accept"},
      {"-m mark --mark 0x1/0xff -j ACCEPT", "mark 0x1/0xff -> accept"},
      {"-m mark ! --mark 7 -j ACCEPT", "!mark 0x7/0xffffffff -> accept"},
      {"-m connmark ! --mark 7 -j ACCEPT", "state 00111/00; !connmark 0x7/0xffffffff -> accept"},
  });
}

TEST_CASE("what no configuration decides") {
  check({
      {"-m limit --limit 3/min -j ACCEPT", "?rate limit(limit --limit 3/min) -> accept"},
      {"-m recent --set --name x -j ACCEPT", "any -> accept"},
      {"-m recent ! --set -j ACCEPT", "protocol nothing -> accept"},
      {"-m recent --update --seconds 60 -j DROP", "?packet history(recent --update --seconds 60) -> drop"},
      {"-m owner --uid-owner 0 -j ACCEPT", "?socket owner(owner --uid-owner 0) -> accept"},
      {"-m owner ! --uid-owner 0 -j ACCEPT", "!?socket owner(owner ! --uid-owner 0) -> accept"},
      {"-m mac ! --mac-source 00:00:00:00:00:01 -j DROP", "?MAC address(mac ! --mac-source 00:00:00:00:00:01) -> drop"},
      {"-m policy --dir in --pol none -j DROP", "!?IPsec policy(policy --dir in --pol none) -> drop"},
      {"-m physdev ! --physdev-in eth0 -j DROP", "!?bridge port(physdev ! --physdev-in eth0) -> drop"},
      {"-m set ! --match-set bad src -j DROP", "!?content of a set(set ! --match-set bad src) -> drop"},
      {"-m geoip --src-cc DE -j DROP", "?content of a set(geoip --src-cc DE) -> drop"},
      {"-m nosuch --foo a b -p tcp --dport 80 -j DROP",
       "protocol 6; ?a part that is not understood(match nosuch --foo a b); fragment 0; destination_port 80 -> drop"},
      {"-m comment --comment \"-j \\\"ACCEPT\\\" !\" -j DROP", "any -> drop"},
  });
}

TEST_CASE("lengths, header bytes, address types") {
  check({
      {"-m length --length 100:200 -j DROP", "length 100-200 -> drop"},
      {"-m length ! --length :99 -j DROP", "length 100-65575 -> drop"},
      {"-m ttl --ttl-lt 5 -j DROP", "hops 0-4 -> drop"},
      {"-m ttl ! --ttl-eq 64 -j DROP", "hops 0-63 65-255 -> drop"},
      {"-m tos --tos 0x10/0x3f -j DROP", "class 16 80 144 208 -> drop"},
      {"-m dscp --dscp-class EF -j DROP", "class 184-187 -> drop"},
      {"-m pkttype --pkt-type broadcast -j DROP", "kind 1 -> drop"},
      {"-m addrtype --dst-type LOCAL -j DROP", "destination type 0x4 -> drop"},
      {"-m addrtype ! --src-type LOCAL,BROADCAST --limit-iface-in -j DROP", "!source type 0xc on in -> drop"},
      {"-m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 1.1.1.1-255.255.255.255 -j DROP",
       "source 10.0.0.1-10.0.0.9; destination 0.0.0.0-1.1.1.0 -> drop"},
  });
}

TEST_CASE("forms of writing") {
  check({
      {"--protocol tcp --match tcp --destination-port 80 --jump ACCEPT",
       "protocol 6; fragment 0; destination_port 80 -> accept"},
      {"--proto tcp --jump ACCEPT", "protocol 6 -> accept"},
      {"-ptcp -s10.0.0.1 -jACCEPT", "protocol 6; source 10.0.0.1 -> accept"},
      {"--source=10.0.0.1 -j ACCEPT", "source 10.0.0.1 -> accept"},
      {"-j LOG -m limit --limit 1/s --log-prefix \"a \\\"b\\\" c\"", "?rate limit(limit --limit 1/s) -> go on"},
      {"-c 10 20 -j ACCEPT", "any -> accept"},
      {"-j ACCEPT -p tcp --dport 80", "protocol 6; fragment 0; destination_port 80 -> accept"},
      {"-p tcp -m tcp --d 80 -j ACCEPT", "NOT UNDERSTOOD: option `--d` is ambiguous"},
      {"! ! -s 10.0.0.1 -j ACCEPT", "NOT UNDERSTOOD: `!` stands twice"},
      {"-j ACCEPT -j DROP", "NOT UNDERSTOOD: more than one target"},
      {"-p tcp --dport", "NOT UNDERSTOOD: option `--dport` needs a value"},
      {"-s 10.0.0.1 words -j ACCEPT", "NOT UNDERSTOOD: bad argument `words`"},
      {"-j ACCEPT -m comment --comment \"open", "NOT UNDERSTOOD: a quote is not closed"},
      {"-t nat -j ACCEPT", "NOT UNDERSTOOD: option `-t` does not belong in a saved table"},
  });
}

}  // namespace segproof::test
