// SPDX-License-Identifier: Apache-2.0
// Comparisons: one rule in, the tests of the model out. What nft 1.0.6 makes of the same rules was looked at with
// `nft --debug=netlink`; most of them are also asked of the kernel (tests/agree).
#include <doctest/doctest.h>

#include "read.h"

namespace segproof::test {
namespace {

struct Case {
  const char* rule;
  const char* tests;  // " -> go on" follows: a rule without a verdict
};

template <std::size_t n>
void check(const Case (&cases)[n]) {
  for (const Case& one : cases) {
    CAPTURE(one.rule);
    CHECK(dump_rule(one.rule) == std::string(one.tests) + " -> go on");
  }
}

}  // namespace

TEST_CASE("flags, states and marks") {
  check({
      {"tcp flags == syn", "protocol 6; fragment 0; tcp_flags 2"},
      {"tcp flags != syn", "protocol 6; fragment 0; tcp_flags 0-1 3-255"},
      {"tcp flags syn,ack",
       "protocol 6; fragment 0; tcp_flags 2-3 6-7 10-11 14-31 34-35 38-39 42-43 46-63 66-67 70-71 74-75 78-95 98-99 "
       "102-103 106-107 110-127 130-131 134-135 138-139 142-159 162-163 166-167 170-171 174-191 194-195 198-199 "
       "202-203 206-223 226-227 230-231 234-235 238-255"},
      {"tcp flags == syn,ack", "protocol 6; fragment 0; tcp_flags 18"},
      {"tcp flags != syn,ack", "protocol 6; fragment 0; tcp_flags 0-17 19-255"},
      {"tcp flags != { syn }", "protocol 6; fragment 0; tcp_flags 0-1 3-255"},
      {"tcp flags { syn, ack }", "protocol 6; fragment 0; tcp_flags 2 16"},
      {"tcp flags { syn | ack, rst }", "protocol 6; fragment 0; tcp_flags 4 18"},
      {"tcp flags ! syn,ack",
       "protocol 6; fragment 0; tcp_flags 0-1 4-5 8-9 12-13 32-33 36-37 40-41 44-45 64-65 68-69 72-73 76-77 96-97 "
       "100-101 104-105 108-109 128-129 132-133 136-137 140-141 160-161 164-165 168-169 172-173 192-193 196-197 "
       "200-201 204-205 224-225 228-229 232-233 236-237"},
      {"tcp flags syn / syn,ack",
       "protocol 6; fragment 0; tcp_flags 2-3 6-7 10-11 14-15 34-35 38-39 42-43 46-47 66-67 70-71 74-75 78-79 98-99 "
       "102-103 106-107 110-111 130-131 134-135 138-139 142-143 162-163 166-167 170-171 174-175 194-195 198-199 "
       "202-203 206-207 226-227 230-231 234-235 238-239"},
      {"tcp flags != syn / syn,ack",
       "protocol 6; fragment 0; tcp_flags 0-1 4-5 8-9 12-13 16-33 36-37 40-41 44-45 48-65 68-69 72-73 76-77 80-97 "
       "100-101 104-105 108-109 112-129 132-133 136-137 140-141 144-161 164-165 168-169 172-173 176-193 196-197 "
       "200-201 204-205 208-225 228-229 232-233 236-237 240-255"},
      {"tcp flags & (syn|ack) == syn",
       "protocol 6; fragment 0; tcp_flags 2-3 6-7 10-11 14-15 34-35 38-39 42-43 46-47 66-67 70-71 74-75 78-79 98-99 "
       "102-103 106-107 110-111 130-131 134-135 138-139 142-143 162-163 166-167 170-171 174-175 194-195 198-199 "
       "202-203 206-207 226-227 230-231 234-235 238-239"},
      {"tcp flags & (syn|ack) != 0",
       "protocol 6; fragment 0; tcp_flags 2-3 6-7 10-11 14-31 34-35 38-39 42-43 46-63 66-67 70-71 74-75 78-95 98-99 "
       "102-103 106-107 110-127 130-131 134-135 138-139 142-159 162-163 166-167 170-171 174-191 194-195 198-199 "
       "202-203 206-223 226-227 230-231 234-235 238-255"},
      {"tcp flags & (syn|ack) syn",
       "protocol 6; fragment 0; tcp_flags 2-3 6-7 10-11 14-15 34-35 38-39 42-43 46-47 66-67 70-71 74-75 78-79 98-99 "
       "102-103 106-107 110-111 130-131 134-135 138-139 142-143 162-163 166-167 170-171 174-175 194-195 198-199 "
       "202-203 206-207 226-227 230-231 234-235 238-239"},
      {"tcp flags syn|ack",
       "protocol 6; fragment 0; tcp_flags 2-3 6-7 10-11 14-31 34-35 38-39 42-43 46-63 66-67 70-71 74-75 78-95 98-99 "
       "102-103 106-107 110-127 130-131 134-135 138-139 142-159 162-163 166-167 170-171 174-191 194-195 198-199 "
       "202-203 206-223 226-227 230-231 234-235 238-255"},
      {"tcp flags > 3", "protocol 6; fragment 0; tcp_flags 4-255"},
      {"ct state new", "!state 11110/00"},
      {"ct state != new", "!state 00001/00"},
      {"ct state new,established", "!state 11100/00"},
      {"ct state != new,established", "!state 00000/00"},
      {"ct state ! new,established", "state 11100/00"},
      {"ct state { new, established }", "state 00011/00"},
      {"ct state != { new, established }", "!state 00011/00"},
      {"ct state { new }", "!state 11110/00"},
      {"ct state { new|established, related }", "state 00100/00"},
      {"ct state new|established", "!state 11100/00"},
      {"ct state == new", "state 00001/00"},
      {"ct state != { new }", "!state 00001/00"},
      {"ct status dnat",
       "state 00111/00; none of [!state 00001/00; !state 00000/01; !state 00000/10 or !state 00001/00; !state "
       "00000/01; state 00000/10 or state 00001/00; !state 00000/01; !state 00000/10 or state 00001/00; !state "
       "00000/01; state 00000/10]"},
      {"ct status != dnat",
       "state 00111/00; none of [!state 00001/00; state 00000/01; !state 00000/10; ?packet history(ct status) or state "
       "00001/00; state 00000/01; !state 00000/10; ?packet history(ct status)]"},
      {"ct status & dnat == 0",
       "state 00111/00; any of [!state 00001/00; !state 00000/01; !state 00000/10 or !state 00001/00; !state 00000/01; "
       "state 00000/10 or state 00001/00; !state 00000/01; !state 00000/10 or state 00001/00; !state 00000/01; state "
       "00000/10]"},
      {"ct status snat,dnat",
       "state 00111/00; none of [!state 00001/00; !state 00000/01; !state 00000/10 or state 00001/00; !state 00000/01; "
       "!state 00000/10]"},
      {"ct status & 0x180 != 0",
       "state 00111/00; none of [!state 00001/00; !state 00000/01; !state 00000/10; ?packet history(ct status) "
       "or !state 00001/00; state 00000/01; !state 00000/10; ?packet history(ct status) or !state 00001/00; "
       "!state 00000/01; state 00000/10; ?packet history(ct status) or !state 00001/00; state 00000/01; state "
       "00000/10; ?packet history(ct status) or state 00001/00; !state 00000/01; !state 00000/10; ?packet "
       "history(ct status) or state 00001/00; state 00000/01; !state 00000/10; ?packet history(ct status) or "
       "state 00001/00; !state 00000/01; state 00000/10; ?packet history(ct status) or state 00001/00; state "
       "00000/01; state 00000/10; ?packet history(ct status)]"},
      {"tcp option maxseg exists", "protocol 6; fragment 0; ?packet content(tcp option maxseg exists)"},
      {"tcp option maxseg missing", "none of [protocol 6; fragment 0; ?packet content(tcp option maxseg missing)]"},
      {"ip protocol tcp tcp option maxseg missing",
       "protocol 0-255; protocol 6; none of [fragment 0; ?packet content(tcp option maxseg missing)]"},
      {"sctp chunk data != exists", "none of [protocol 132; fragment 0; ?packet content(sctp chunk data != exists)]"},
      {"ct label 5", "state 00111/00; ?packet history(ct label 5)"},
      {"ct direction original", "state 00111/00; any of [state 00001/00 or ?packet history(ct direction)]"},
      {"ct direction { original }", "state 00111/00; any of [state 00001/00 or ?packet history(ct direction)]"},
      {"meta mark 5", "mark 0x5/0xffffffff"},
      {"meta mark and 5 == 5", "mark 0x5/0x5"},
      {"meta mark & 0xff 0x10", "mark 0x10/0xff"},
      {"meta mark != 5", "!mark 0x5/0xffffffff"},
      {"meta mark 5-10",
       "any of [mark 0x5/0xffffffff or mark 0x6/0xfffffffe or mark 0x8/0xfffffffe or mark 0xa/0xffffffff]"},
      {"meta mark { 5-10, 20 }",
       "any of [mark 0x5/0xffffffff or mark 0x6/0xfffffffe or mark 0x8/0xfffffffe or mark 0xa/0xffffffff or mark "
       "0x14/0xffffffff]"},
      {"meta mark | 5 == 7", "mark 0x2/0xfffffffa"},
      {"ct mark != 0", "state 00111/00; !connmark 0x0/0xffffffff"},
      {"ct mark and 3 == 3", "state 00111/00; connmark 0x3/0x3"},
      {"ct zone 5", "?packet history(ct zone 5)"},
      {"ct expiration > 10s", "state 00111/00; ?packet history(ct expiration > 10s)"},
      {"ct original saddr 10.0.0.1", "state 00111/00; ?packet history(ct original saddr 10.0.0.1)"},
      {"ct original ip saddr 10.0.0.1", "state 00111/00; ?packet history(ct original ip saddr 10.0.0.1)"},
      {"ct original proto-dst 22", "state 00111/00; ?packet history(ct original proto-dst 22)"},
      {"ct original protocol 6",
       "state 00111/00; any of [!state 00100/00; protocol 6 or state 00100/00; protocol 6 or state 00100/00; protocol "
       "1 58; ?packet history(ct protocol)]"},
      {"ct protocol tcp",
       "state 00111/00; any of [!state 00100/00; protocol 6 or state 00100/00; protocol 6 or state 00100/00; protocol "
       "1 58; ?packet history(ct protocol)]"},
      {"ct l3proto ipv4", "state 00111/00; protocol 0-255"},
      {"ct helper \"ftp\"", "state 00111/00; ?packet history(ct helper \"ftp\")"},
      {"ct bytes > 1000", "state 00111/00; ?packet history(ct bytes > 1000)"},
      {"ct count over 5", "?number of connections(ct count over 5)"},
  });
}

TEST_CASE("headers") {
  check({
      {"ip saddr & 0.0.0.255 == 0.0.0.1", "protocol 0-255; source&0.0.0.255 == 0.0.0.1"},
      {"ip saddr 10.0.0.0/8", "protocol 0-255; source 10.0.0.0-10.255.255.255"},
      {"ip saddr != 10.0.0.0/8", "protocol 0-255; source 0.0.0.0-9.255.255.255 11.0.0.0-255.255.255.255"},
      {"ip saddr > 10.0.0.0", "protocol 0-255; source 10.0.0.1-255.255.255.255"},
      {"ip saddr 10.0.0.1-10.0.0.5", "protocol 0-255; source 10.0.0.1-10.0.0.5"},
      {"ip saddr { 10.0.0.0/8 }", "protocol 0-255; source 10.0.0.0-10.255.255.255"},
      {"ip saddr { 10.0.0.1 }", "protocol 0-255; source 10.0.0.1"},
      {"ip protocol tcp", "protocol 0-255; protocol 6"},
      {"tcp dport 22", "protocol 6; fragment 0; destination_port 22"},
      {"udp dport != 53", "protocol 17; fragment 0; destination_port 0-52 54-65535"},
      {"udp sport != 1 udp dport != { 53, 54 }",
       "protocol 17; fragment 0; source_port 0 2-65535; destination_port 0-52 55-65535"},
      {"udp sport != 1 iifname \"a\" udp dport != 53",
       "protocol 17; fragment 0; any of [source_port 0 2-65535; destination_port 0-52 54-65535 or source_port 0 "
       "2-65535; "
       "?packet content(values of one header, all negated, which nft 1.0.6 takes for one) or destination_port 0-52 "
       "54-65535; ?packet content(values of one header, all negated, which nft 1.0.6 takes for one)]; in a"},
      {"udp sport != 1 counter udp dport != 53",
       "protocol 17; fragment 0; source_port 0 2-65535; destination_port 0-52 54-65535"},
      {"ip saddr != 10.0.0.1 ip daddr != 10.0.0.2",
       "protocol 0-255; source 0.0.0.0-10.0.0.0 10.0.0.2-255.255.255.255; destination 0.0.0.0-10.0.0.1 "
       "10.0.0.3-255.255.255.255"},
      {"th dport 53",
       "fragment 0; any of [protocol 6 17 33 132 136; destination_port 53 or protocol 0-5 7-16 18-32 34-131 133-135 "
       "137-255; ?packet content(th dport of a protocol without ports)]"},
      {"icmp type echo-request", "protocol 0-255; protocol 1; fragment 0; destination_port 2048-2303"},
      {"icmpv6 type nd-router-advert", "protocol 0-255; protocol 58; fragment 0; destination_port 34304-34559"},
      {"icmp code 1", "protocol 0-255; protocol 1; fragment 0; destination_port&255 == 1"},
      {"icmp type destination-unreachable icmp code 3",
       "protocol 0-255; protocol 1; fragment 0; destination_port 768-1023; destination_port&255 == 3"},
      {"icmp id 5", "protocol 0-255; protocol 1; fragment 0; ?packet content(icmp id 5)"},
      {"icmp sequence 5", "protocol 0-255; protocol 1; fragment 0; ?packet content(icmp sequence 5)"},
      {"icmp mtu 1500", "protocol 0-255; protocol 1; fragment 0; ?packet content(icmp mtu 1500)"},
      {"icmpv6 mtu 1280", "protocol 0-255; protocol 58; fragment 0; ?packet content(icmpv6 mtu 1280)"},
      {"ip protocol . th dport { tcp . 22 , udp . 53 }",
       "protocol 0-255; fragment 0; any of [protocol 6; destination_port 22 or protocol 17; destination_port 53]"},
      {"tcp dport . ip saddr { 22 . 10.0.0.0/8, 80-90 . 10.1.1.1 }",
       "protocol 6; fragment 0; protocol 0-255; any of [destination_port 22; source 10.0.0.0-10.255.255.255 or "
       "destination_port 80-90; source 10.1.1.1]"},
      {"ip6 nexthdr tcp", "protocol 0-255; any of [protocol 6; !?extension header(an extension header comes first)]"},
      {"ip6 nexthdr tcp tcp dport 22",
       "protocol 0-255; any of [protocol 6; !?extension header(an extension header comes first)]; fragment 0; "
       "destination_port 22"},
      {"ip version 4", "protocol 0-255; protocol 0-255"},
      {"ip length 40", "protocol 0-255; length 40"},
      {"ip ttl 5", "protocol 0-255; hops 5"},
      {"ip ttl < 5", "protocol 0-255; hops 0-4"},
      {"ip6 hoplimit 255", "protocol 0-255; hops 255"},
      {"ip dscp cs1", "protocol 0-255; class 32-35"},
      {"ip dscp != cs1", "protocol 0-255; none of [class 32-35]"},
      {"ip6 dscp cs1", "protocol 0-255; class 32-35"},
      {"ip frag-off & 0x1fff != 0", "protocol 0-255; fragment 1"},
      {"ip frag-off != 0", "protocol 0-255; none of [fragment 0; ?packet content(flags of fragments)]"},
      {"frag more-fragments 1", "protocol 0-255; ?extension header(frag more-fragments 1)"},
      {"exthdr frag exists", "protocol 0-255; ?extension header(exthdr frag exists)"},
      {"exthdr hbh missing", "protocol 0-255; !?extension header(exthdr hbh missing)"},
      {"rt type 0", "protocol 0-255; ?extension header(rt type 0)"},
      {"tcp option maxseg size 500", "protocol 6; fragment 0; ?packet content(tcp option maxseg size 500)"},
      {"ether type ip", "?MAC address(ether type ip)"},
      {"ether saddr 00:11:22:33:44:55", "?MAC address(ether saddr 00:11:22:33:44:55)"},
      {"vlan id 5", "?MAC address(vlan id 5)"},
      {"@nh,96,32 0x0a000001", "?packet content(@nh,96,32 0x0a000001)"},
      {"@th,16,16 22",
       "fragment 0; any of [protocol 6 17 33 132 136; destination_port 22 or protocol 0-5 7-16 18-32 34-131 133-135 "
       "137-255; ?packet content(@th,16,16 of a protocol without ports)]"},
      {"@th,0,16 { 22, 23 }",
       "fragment 0; any of [protocol 6 17 33 132 136; source_port 22-23 or protocol 0-5 7-16 18-32 34-131 133-135 "
       "137-255; ?packet content(@th,0,16 of a protocol without ports)]"},
      {"@ll,0,48 0x1", "?MAC address(@ll,0,48 0x1)"},
  });
}

TEST_CASE("what the kernel knows") {
  check({
      {"meta l4proto tcp", "protocol 6"},
      {"meta protocol ip", "protocol 0-255"},
      {"meta nfproto ipv4", "protocol 0-255"},
      {"meta l4proto { tcp, udp } th dport 53", "protocol 6 17; fragment 0; destination_port 53"},
      {"iif lo", "in lo"},
      {"iifname \"eth0\"", "in eth0"},
      {"iifname eth*", "in eth+"},
      {"iifname != \"eth*\"", "!in eth+"},
      {"iifname { \"eth0\", \"wg*\" }", "any of [in eth0 or in wg+]"},
      {"oif lo", "out lo"},
      {"meta iiftype ether", "?MAC address(meta iiftype ether)"},
      {"meta iifgroup 5", "?content of a set(meta iifgroup 5)"},
      {"meta length 40-100", "length 40-100"},
      {"meta length != 60", "none of [length 60]"},
      {"meta pkttype host", "kind 0"},
      {"meta skuid 0", "?socket owner(meta skuid 0)"},
      {"meta priority 1:2", "?packet history(meta priority 1:2)"},
      {"fib daddr type local", "destination type 0x4"},
      {"fib daddr . iif type local", "destination type 0x4 on in"},
      {"fib saddr . iif oif missing", "?reverse path(fib saddr . iif oif missing)"},
      {"fib saddr . iif oif exists", "?reverse path(fib saddr . iif oif exists)"},
      {"fib saddr . iif oif 0", "?reverse path(fib saddr . iif oif 0)"},
      {"fib daddr oif lo", "?reverse path(fib daddr oif lo)"},
      {"fib saddr oifname \"eth0\"", "?reverse path(fib saddr oifname \"eth0\")"},
      {"fib daddr type { local, broadcast }", "destination type 0xc"},
      {"rt nexthop 1.1.1.1", "?content of a set(rt nexthop 1.1.1.1)"},
      {"rt ip nexthop 1.1.1.1", "?content of a set(rt ip nexthop 1.1.1.1)"},
      {"rt classid 5", "?content of a set(rt classid 5)"},
      {"rt mtu 500", "?content of a set(rt mtu 500)"},
      {"socket transparent 1", "?socket owner(socket transparent 1)"},
      {"socket wildcard 0", "?socket owner(socket wildcard 0)"},
      {"osf name \"Linux\"", "protocol 6; fragment 0; ?packet content(osf name \"Linux\")"},
      {"numgen inc mod 2 0", "?chance(numgen inc mod 2 0)"},
      {"numgen random mod 10 < 5", "?chance(numgen random mod 10 < 5)"},
      {"jhash ip saddr mod 2 == 0", "?chance(jhash ip saddr mod 2 == 0)"},
  });
}

// The tests of flags, against the definition, for every byte of flags.
TEST_CASE("flags are tested as nft tests them") {
  struct Law {
    const char* rule;
    bool (*holds)(unsigned flags);
  };
  constexpr Law laws[] = {
      {"tcp flags syn", [](unsigned f) { return (f & 2U) != 0; }},
      {"tcp flags { syn }", [](unsigned f) { return (f & 2U) != 0; }},
      {"tcp flags 2", [](unsigned f) { return (f & 2U) != 0; }},
      {"tcp flags syn,ack", [](unsigned f) { return (f & 18U) != 0; }},
      {"tcp flags syn|ack", [](unsigned f) { return (f & 18U) != 0; }},
      {"tcp flags != { syn }", [](unsigned f) { return f != 2; }},
      {"tcp flags ! syn", [](unsigned f) { return (f & 2U) == 0; }},
      {"tcp flags ! syn,ack", [](unsigned f) { return (f & 18U) == 0; }},
      {"tcp flags syn / syn,ack", [](unsigned f) { return (f & 18U) == 2; }},
      {"tcp flags != syn / syn,ack", [](unsigned f) { return (f & 18U) != 2; }},
      {"tcp flags & (syn|ack) == syn", [](unsigned f) { return (f & 18U) == 2; }},
      {"tcp flags & (syn|ack) syn", [](unsigned f) { return (f & 18U) == 2; }},
      {"tcp flags & (syn|ack) != 0", [](unsigned f) { return (f & 18U) != 0; }},
      {"tcp flags & syn == 0", [](unsigned f) { return (f & 2U) == 0; }},
      {"tcp flags & (fin | syn) > 1", [](unsigned f) { return (f & 3U) > 1; }},
  };
  for (const Law& law : laws) {
    CAPTURE(law.rule);
    const Read read(std::string("table ip t {\nchain c {\ntype filter hook forward priority 0;\n") + law.rule +
                    "\n}\n}\n");
    REQUIRE(read.result.rules.chains.size() == 1);
    const model::Condition& condition = read.result.rules.chains[0].rules.at(0).condition;
    for (unsigned flags = 0; flags < 256; ++flags) {
      for (const model::Test& test : condition.tests) {
        const auto* field = std::get_if<model::FieldTest>(&test);
        REQUIRE(field != nullptr);
        if (field->field == Field::tcp_flags)
          CHECK(field->values.contains(flags) == law.holds(flags));
      }
    }
  }
}

}  // namespace segproof::test
