// SPDX-License-Identifier: Apache-2.0
// Statements: verdicts, marks, translations, and what sends a packet elsewhere. " || " separates a chain from a helper
// chain that a rule with an effect in its middle needs.
#include <doctest/doctest.h>

#include "read.h"

namespace segproof::test {
namespace {

struct Case {
  const char* rule;
  const char* rules;
};

template <std::size_t n>
void check(const Case (&cases)[n], std::string_view family, std::string_view base) {
  for (const Case& one : cases) {
    CAPTURE(one.rule);
    CHECK(dump_rule(one.rule, family, base) == one.rules);
  }
}

}  // namespace

TEST_CASE("statements") {
  check(
      {
          {"accept", "any -> accept"},
          {"drop", "any -> drop"},
          {"return", "any -> come back"},
          {"continue", "any -> go on"},
          {"jump user", "any -> call inet t user"},
          {"goto user", "any -> go to inet t user"},
          {"jump nowhere", "NOT UNDERSTOOD: chain `nowhere` does not exist"},
          {"counter packets 5 bytes 10 accept", "any -> accept"},
          {"log prefix \"x: \" level info flags tcp sequence,options flags skuid drop", "any -> drop"},
          {"limit rate over 10 mbytes/second burst 5 kbytes drop",
           "?rate limit(limit rate over 10 mbytes/second burst 5 kbytes) -> drop"},
          {"quota over 5 mbytes used 3 mbytes drop", "?quota(quota over 5 mbytes used 3 mbytes) -> drop"},
          {"ct count over 5 drop", "?number of connections(ct count over 5) -> drop"},
          {"tcp dport 22 reject", "protocol 6; fragment 0; destination_port 22 -> reject"},
          {"reject with tcp reset", "protocol 6 -> reject"},
          {"reject with icmp host-unreachable", "protocol 0-255 -> reject"},
          {"reject with icmpv6 no-route", "protocol 0-255 -> reject"},
          {"reject with icmpx admin-prohibited", "any -> reject"},
          {"meta mark set 5 reject with tcp reset", "protocol 6 -> mark keep 0x0 flip 0x5 | protocol 6 -> reject"},
          {"meta mark set 5 tcp dport 80 reject with tcp reset",
           "any -> mark keep 0x0 flip 0x5 | protocol 6; fragment 0; destination_port 80 -> reject"},
          {"queue flags bypass to 1-3", "any -> anything (queue flags bypass to 1-3)"},
          {"dup to 10.0.0.1", "any -> copy to 10.0.0.1"},
          {"dup to 10.0.0.1 device eth0", "any -> copy to 10.0.0.1"},
          {"tproxy ip to 127.0.0.1:8080 accept",
           "protocol 0-255; fragment 0; ?socket owner(tproxy ip to 127.0.0.1:8080) -> anything (tproxy ip to "
           "127.0.0.1:8080) | protocol 0-255; fragment 0; ?socket owner(tproxy ip to 127.0.0.1:8080) -> accept"},
          {"synproxy mss 1460 wscale 7 timestamp sack-perm",
           "protocol 6; fragment 0 -> anything (synproxy mss 1460 wscale 7 timestamp sack-perm)"},
          {"notrack", "state 01000/00 -> untrack"},
          {"flow add @ft",
           "any -> go on || protocol 6 17 47; state 00010/00; ?packet history(a flow in a flowtable) -> accept | any "
           "-> "
           "go to inet t base"},
          {"ct helper set \"ftp\"", "any -> helper ftp"},
          {"ct timeout set \"t\"", "any -> go on"},
          {"ct expectation set \"e\"", "any -> helper e"},
          {"ct zone set 5", "any -> go on"},
          {"xt match \"addrtype\" accept",
           "NOT UNDERSTOOD: xt match \"addrtype\" is a match of iptables that nft does not show"},
          {"xt target \"LOG\"", "NOT UNDERSTOOD: xt target \"LOG\" is a target of iptables that nft does not show"},
          {"meta mark set 5 accept", "any -> mark keep 0x0 flip 0x5 | any -> accept"},
          {"meta mark 1 meta mark set 2 accept",
           "mark 0x1/0xffffffff -> call inet t base || any -> mark keep 0x0 flip 0x2 | any -> accept"},
          {"meta mark 1 meta mark set 2 return",
           "mark 0x1/0xffffffff -> go to inet t base || any -> mark keep 0x0 flip 0x2 | any -> come back"},
          {"meta mark 1 meta mark set 2 tcp dport 22 return",
           "mark 0x1/0xffffffff -> anything (a return after a change of what the rule asked for)"},
          {"ct mark set meta mark and 0xff", "state 00111/00 -> copy to connmark 0xffffffff from 0xff"},
          {"meta mark set numgen inc mod 2 offset 10",
           "?chance(meta mark set numgen inc mod 2 offset 10) -> mark keep 0x0 flip 0xa | ?chance(meta mark set numgen "
           "inc mod 2 offset 10) -> mark keep 0x0 flip 0xb"},
          {"meta mark set jhash ip saddr mod 16", "any -> anything (meta mark set jhash ip saddr mod 16)"},
          {"meta mark set ip saddr map { 10.0.0.1 : 1, 10.0.0.2 : 2, 10.0.0.3 : 1 } accept",
           "protocol 0-255; source 10.0.0.1-10.0.0.3 -> call inet t base | protocol 0-255; source 10.0.0.1-10.0.0.3 -> "
           "accept || source 10.0.0.1 10.0.0.3 -> mark keep 0x0 flip 0x1 | source 10.0.0.2 -> mark keep 0x0 flip 0x2"},
          {"ct mark set ip saddr map { 10.0.0.1 : 1 } accept",
           "protocol 0-255; source 10.0.0.1 -> call inet t base | protocol 0-255; source 10.0.0.1 -> accept || source "
           "10.0.0.1; state 00111/00 -> connmark keep 0x0 flip 0x1"},
          {"meta mark vmap { 1 : jump user, 2 : drop, 3 : goto user, 4 : jump user, 5 : accept, 6 : return }",
           "mark 0x2/0xffffffff -> drop | mark 0x3/0xffffffff -> go to inet t user | mark 0x5/0xffffffff -> accept | "
           "mark 0x6/0xffffffff -> come back | any of [mark 0x1/0xffffffff or mark 0x4/0xffffffff] -> call inet t "
           "user"},
          {"tcp dport vmap { 22 : accept, 23-25 : drop, 80 : jump user, * : drop }",
           "protocol 6; fragment 0; destination_port 22 -> accept | protocol 6; fragment 0; destination_port 23-25 -> "
           "drop | protocol 6; fragment 0; destination_port 0-21 26-79 81-65535 -> drop | protocol 6; fragment 0; "
           "destination_port 80 -> call inet t user"},
          {"ip saddr . tcp dport vmap { 10.0.0.1 . 22 : accept, 10.0.0.0/24 . 80-90 : drop }",
           "protocol 0-255; protocol 6; fragment 0; any of [source 10.0.0.1; destination_port 22] -> accept | protocol "
           "0-255; protocol 6; fragment 0; any of [source 10.0.0.0-10.0.0.255; destination_port 80-90] -> drop"},
          {"iifname vmap { \"eth0\" : jump user, \"ppp*\" : drop }", "in ppp+ -> drop | in eth0 -> call inet t user"},
          {"ct state vmap { established : accept, related : accept, invalid : drop }",
           "state 00110/00 -> accept | state 01000/00 -> drop"},
          {"meta pkttype set host", "any -> go on"},
          {"ip dscp set cs1", "protocol 0-255 -> go on"},
          {"ip ttl set 5", "protocol 0-255 -> go on"},
          {"ip daddr set 10.0.0.1", "protocol 0-255 -> anything (ip daddr set 10.0.0.1)"},
          {"tcp option maxseg size set rt mtu", "protocol 6; fragment 0 -> go on"},
          {"@nh,96,32 set 1", "any -> anything (@nh,96,32 set 1)"},
          {"tcp dport 22 add @seen { ip saddr limit rate 3/minute } accept",
           "protocol 6; fragment 0; destination_port 22; protocol 0-255; ?rate limit(limit rate 3/minute); ?content of "
           "a set(@seen may be full) -> accept"},
          {"meter m { ip saddr limit rate 3/minute } accept",
           "protocol 0-255; ?rate limit(limit rate 3/minute); ?content of a set(@m may be full) -> accept"},
      },
      "inet", "type filter hook forward priority 0;");
}

TEST_CASE("destinations are translated where packets come in") {
  check(
      {
          {"dnat to 10.0.0.0/24", "any -> destination to 10.0.0.0-10.0.0.255"},
          {"dnat ip prefix to 10.0.0.0/24", "any -> destination to network 10.0.0.0/24"},
          {"dnat to 10.0.0.1-10.0.0.5", "any -> destination to 10.0.0.1-10.0.0.5"},
          {"tcp dport 80 dnat to 10.0.0.1:80-90",
           "protocol 6; fragment 0; destination_port 80 -> destination to 10.0.0.1 port 80-90"},
          {"tcp dport 80 dnat to :80", "protocol 6; fragment 0; destination_port 80 -> destination port 80"},
          {"dnat to ip saddr map { 10.0.0.0/24 : 10.1.1.1 }", "source 10.0.0.0-10.0.0.255 -> destination to 10.1.1.1"},
          {"dnat ip addr . port to tcp dport map { 80 : 10.1.1.1 . 8080 }",
           "protocol 6; fragment 0; destination_port 80 -> destination to 10.1.1.1 port 8080"},
          {"dnat to numgen inc mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }",
           "?chance(numgen inc) -> destination to 10.0.0.1 | ?chance(numgen inc) -> destination to 10.0.0.2"},
          {"tcp dport 80 redirect to :tcp dport map { 80 : 8080 }",
           "protocol 6; fragment 0; destination_port 80; destination_port 80 -> destination to interface port 8080"},
          {"meta l4proto tcp redirect to :80-90 random", "protocol 6 -> destination to interface port 80-90 random"},
          {"redirect", "any -> destination to interface"},
          {"snat to 10.0.0.1", "NOT UNDERSTOOD: this translation is not possible at every hook that reaches its chain"},
          {"masquerade", "NOT UNDERSTOOD: this translation is not possible at every hook that reaches its chain"},
      },
      "ip", "type nat hook prerouting priority dstnat;");
}

TEST_CASE("sources are translated where packets leave") {
  check(
      {
          {"snat to 10.0.0.1", "any -> source to 10.0.0.1"},
          {"snat to 10.0.0.1-10.0.0.9:1000-2000 random", "any -> source to 10.0.0.1-10.0.0.9 port 1000-2000 random"},
          {"masquerade", "any -> source to interface"},
          {"masquerade to :1024-65535 fully-random,persistent", "any -> source to interface port 1024-65535 random"},
          {"snat ip prefix to ip saddr map { 10.0.0.0/24 : 192.168.0.0/24 }",
           "source 10.0.0.0-10.0.0.255 -> source to network 192.168.0.0/24"},
          {"snat to ip saddr map { 10.0.0.1 : 192.0.2.1, 10.0.0.2 : 192.0.2.2 }",
           "source 10.0.0.1 -> source to 192.0.2.1 | source 10.0.0.2 -> source to 192.0.2.2"},
          {"fullcone", "any -> anything (fullcone)"},
          {"dnat to 10.0.0.1", "NOT UNDERSTOOD: this translation is not possible at every hook that reaches its chain"},
      },
      "ip", "type nat hook postrouting priority srcnat;");
}

TEST_CASE("translations of one family in a table of both") {
  check(
      {
          {"dnat ip to 10.0.0.1", "protocol 0-255 -> destination to 10.0.0.1"},
          {"dnat to [2001:db8::1]:80", "protocol 0-255 -> destination to 2001:db8::1 port 80"},
          {"dnat ip6 to [2001:db8::1-2001:db8::5]", "protocol 0-255 -> destination to 2001:db8::1-2001:db8::5"},
          {"dnat to [2001:db8::]/64", "protocol 0-255 -> destination to 2001:db8::-2001:db8::ffff:ffff:ffff:ffff"},
          {"redirect", "any -> destination to interface"},
          {"dnat to nowhere.example", "NOT UNDERSTOOD: this address cannot be read"},
      },
      "inet", "type nat hook output priority dstnat;");
}

TEST_CASE("notrack counts before connection tracking") {
  check(
      {
          {"udp dport 53 notrack", "protocol 17; fragment 0; destination_port 53 -> untrack"},
          {"ct state invalid notrack accept", "!state 10111/00 -> call ip t base || any -> untrack | any -> accept"},
      },
      "ip", "type filter hook prerouting priority raw;");
}

}  // namespace segproof::test
