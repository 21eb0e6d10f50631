// SPDX-License-Identifier: Apache-2.0
// What each type of set matches: sets in, answers for single packets out.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "set_world.h"

namespace segproof::test {
namespace {

struct Case {
  const char* sets;
  const char* rule;
  const char* packet;
  const char* expected;
};

void check(std::initializer_list<Case> cases, Family family = Family::ipv4) {
  for (const Case& one : cases) {
    CAPTURE(one.sets);
    CAPTURE(one.rule);
    CAPTURE(one.packet);
    const SetWorld world(one.sets, one.rule, family);
    CHECK(world.complaints() == "");
    CHECK(world.ask(one.packet) == one.expected);
  }
}

constexpr const char* web = "tcp 10.0.0.1:40000 > 10.9.0.1:80";

}  // namespace

TEST_CASE("addresses and prefixes") {
  check({
      {"create s hash:ip\nadd s 10.0.0.1\n", "-m set --match-set s src", web, "match"},
      {"create s hash:ip\nadd s 10.0.0.1\n", "-m set --match-set s dst", web, "none"},
      {"create s hash:ip\nadd s 10.0.0.1\n", "-m set ! --match-set s src", web, "none"},
      {"create s hash:ip\nadd s 10.0.0.0-10.0.0.9\n", "-m set --match-set s src", web, "match"},
      {"create s hash:ip netmask 24\nadd s 10.0.0.0\n", "-m set --match-set s src", web, "match"},
      {"create s hash:ip bitmask 255.0.0.255\nadd s 10.0.0.1\n", "-m set --match-set s dst", web, "match"},
      {"create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/16 nomatch\n", "-m set --match-set s src", web, "none"},
      {"create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/16 nomatch\n", "-m set --match-set s dst", web, "match"},
      {"create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/16 nomatch\nadd s 10.0.0.1\n", "-m set --match-set s src",
       web, "match"},
      {"create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/16 nomatch\n", "-m set --match-set s src --return-nomatch",
       web, "match"},
      {"create s hash:net\nadd s 10.0.0.0/8\nadd s 10.0.0.0/16 nomatch\n", "-m set --match-set s dst --return-nomatch",
       web, "none"},
      {"create s bitmap:ip range 10.0.0.0-10.0.0.255\nadd s 10.0.0.1\n", "-m set --match-set s src", web, "match"},
  });
}

TEST_CASE("pairs and triples") {
  check({
      {"create s hash:ip,port\nadd s 10.9.0.1,80\n", "-m set --match-set s dst,dst", web, "match"},
      {"create s hash:ip,port\nadd s 10.9.0.1,80\n", "-m set --match-set s dst,src", web, "none"},
      {"create s hash:ip,port\nadd s 10.9.0.1,udp:80\n", "-m set --match-set s dst,dst", web, "none"},
      {"create s hash:ip,port\nadd s 10.9.0.1,80\n", "-m set --match-set s dst", web, "none"},  // too few dimensions
      {"create s hash:ip,port,ip\nadd s 10.9.0.1,tcp:80,10.0.0.1\n", "-m set --match-set s dst,dst,src", web, "match"},
      {"create s hash:ip,port,net\nadd s 10.9.0.1,tcp:80,10.0.0.0/8\nadd s 10.9.0.1,tcp:80,10.0.0.0/30 nomatch\n",
       "-m set --match-set s dst,dst,src", web, "none"},
      {"create s hash:net,net\nadd s 10.0.0.0/8,10.0.0.0/8\nadd s 10.0.0.0/16,10.9.0.0/16 nomatch\n",
       "-m set --match-set s src,dst", web, "none"},
      // The first network decides before the second does.
      {"create s hash:net,net\nadd s 10.0.0.0/16,10.0.0.0/8\nadd s 10.0.0.0/8,10.9.0.0/16 nomatch\n",
       "-m set --match-set s src,dst", web, "match"},
      {"create s hash:net,port,net\nadd s 10.0.0.0/8,tcp:80,10.9.0.0/16\n", "-m set --match-set s src,dst,dst", web,
       "match"},
      {"create s hash:ip,mark markmask 0xff\nadd s 10.0.0.1,0x100\n", "-m set --match-set s src,src", web, "match"},
      {"create s hash:ip,mark\nadd s 10.0.0.1,0x1\n", "-m set --match-set s src,src", web, "none"},
      {"create s bitmap:port range 0-1024\nadd s 80-90\n", "-m set --match-set s dst", web, "match"},
      {"create s bitmap:port range 0-1024\nadd s 80\n", "-m set --match-set s dst", "sctp 10.0.0.1:40000 > 10.9.0.1:80",
       "none"},
      {"create s hash:ip,port\nadd s 10.0.0.1,icmp:echo-request\n", "-m set --match-set s src,src",
       "icmp 10.0.0.1 > 10.9.0.1 type 8 code 0", "match"},
  });
}

TEST_CASE("interfaces, and what a packet alone does not show") {
  const char* wires =
      "create s hash:net,iface\nadd s 10.0.0.0/8,in0\nadd s 10.1.0.0/16,in1\nadd s 10.2.0.0/16,in wildcard\n";
  check({
      {wires, "-m set --match-set s src,src", "udp 10.5.0.1:1 > 10.9.0.1:1", "match"},
      {wires, "-m set --match-set s src,src", "udp 10.1.0.1:1 > 10.9.0.1:1",
       "none"},  // the longer prefix decides alone
      {wires, "-m set --match-set s src,src", "udp 10.2.0.1:1 > 10.9.0.1:1", "match"},
      {wires, "-m set --match-set s src,dst", "udp 10.2.0.1:1 > 10.9.0.1:1", "none"},
      {"create s hash:mac\nadd s 00:11:22:33:44:55\n", "-m set --match-set s src", web, "none"},
      {"create s hash:ip,mac\nadd s 10.0.0.1,00:11:22:33:44:55\n", "-m set --match-set s src,src", web, "none"},
  });
}

TEST_CASE("lists ask their members one after the other") {
  const std::string sets =
      "create a hash:ip\nadd a 10.0.0.2\ncreate b hash:ip,port\nadd b 10.0.0.1,tcp:80\ncreate l list:set\nadd l a\nadd "
      "l b\n";
  CHECK(SetWorld(sets, "-m set --match-set l src,dst").ask(web) == "match");
  CHECK(SetWorld(sets, "-m set --match-set l src").ask(web) == "none");  // b needs two dimensions
  CHECK(SetWorld(sets, "-m set --match-set l src").ask("udp 10.0.0.2:1 > 10.9.0.1:1") == "match");
}

TEST_CASE("IPv6") {
  check({{"create s hash:net family inet6\nadd s 2001:db8::/32\n", "-m set --match-set s src",
          "udp [2001:db8::1]:1 > [2001:db9::1]:1", "match"},
         {"create s hash:ip,port family inet6\nadd s 2001:db8::1,ipv6-icmp:echo-request\n",
          "-m set --match-set s src,src", "icmpv6 2001:db8::1 > 2001:db9::1 type 128 code 0", "match"},
         {"create s hash:ip\nadd s 10.0.0.1\n", "-m set --match-set s src", "udp [2001:db8::1]:1 > [2001:db9::1]:1",
          "none"}},
        Family::ipv6);
}

TEST_CASE("sets that are not known for certain are undecided, and say why") {
  struct Doubt {
    const char* sets;
    const char* rule;
    const char* why;
  };
  const Doubt doubts[] = {
      {"create t hash:ip\n", "-m set --match-set s src", "it is not in the file"},
      {"create s hash:ip timeout 300\n", "-m set --match-set s src", "its elements have a timeout"},
      {"create s hash:ip\n", "-j SET --add-set s src\n-A FORWARD -m set --match-set s src", "rules change it"},
      {"create a hash:ip\ncreate s list:set\nadd s a\n", "-j SET --add-set s src\n-A FORWARD -m set --match-set a src",
       "rules change it"},
      {"create s hash:ip\n", "-m set --match-set s src --packets-gt 3", "its counters are asked for"},
  };
  for (const Doubt& doubt : doubts) {
    CAPTURE(doubt.why);
    const SetWorld world(doubt.sets, doubt.rule);
    CHECK(world.complaints() == "");
    CHECK_MESSAGE(world.undecided().find(doubt.why) != std::string::npos, world.undecided());
  }
  CHECK(SetWorld("create s hash:ip timeout 9\n", "-m set ! --match-set s src").ask(web) == "perhaps");
}

TEST_CASE("elements beside one of a bridge port match perhaps") {
  const SetWorld world("create s hash:net,iface\nadd s 10.0.0.0/8,in0\nadd s 10.1.0.0/16,physdev:in0\n",
                       "-m set --match-set s src,src");
  CHECK(world.ask("udp 10.1.0.1:1 > 10.9.0.1:1") == "perhaps");
  CHECK(world.ask("udp 10.2.0.1:1 > 10.9.0.1:1") == "match");
}

TEST_CASE("a large set of one field stays one test") {
  std::string sets = "create s hash:net\ncreate p hash:ip,port\n";
  for (unsigned i = 0; i < 60000; ++i) {
    sets +=
        fmt::format("add s 10.{}.{}.{}/31{}\n", i / 16384, i / 128 % 128, i % 128 * 2, i % 7 == 0 ? " nomatch" : "");
    sets += fmt::format("add p 10.{}.{}.{},tcp:{}\n", i / 16384, i / 128 % 128, i % 128, 80 + i % 4);
  }
  const SetWorld world(sets, "-m set --match-set s src");
  CHECK(world.complaints() == "");
  CHECK(world.alternatives() == 1);
  CHECK(world.ask("udp 10.0.0.3:1 > 10.9.0.1:1") == "match");
  CHECK(world.ask("udp 10.0.0.1:1 > 10.9.0.1:1") == "none");
  CHECK(SetWorld(sets, "-m set --match-set p src,dst").alternatives() == 4);
}

TEST_CASE("commands beside create and add") {
  const std::string base = "create s hash:ip\nadd s 10.0.0.1\ncreate t hash:ip\n";
  CHECK(SetWorld(base + "flush s\n", "-m set --match-set s src").ask(web) == "none");
  CHECK(SetWorld(base + "swap s t\n", "-m set --match-set t src").ask(web) == "match");
  CHECK(SetWorld(base + "rename s u\n", "-m set --match-set u src").ask(web) == "match");
  CHECK(SetWorld(base + "destroy s\n", "-m set --match-set s src").ask(web) == "perhaps");
  CHECK(SetWorld(base + "del s 10.0.0.1\n", "-m set --match-set s src").ask(web) == "perhaps");
  CHECK(SetWorld("-N s iphash\n-A s 10.0.0.1\nCOMMIT\n", "-m set --match-set s src").ask(web) == "match");
}

TEST_CASE("the output of ipset save is recognised") {
  CHECK(looks_like_ipset_save("create s hash:ip family inet\nadd s 10.0.0.1\n"));
  CHECK(looks_like_ipset_save("# by hand\n\ncreate s list:set size 8\n"));
  CHECK_FALSE(looks_like_ipset_save("create a table\n"));
  CHECK_FALSE(looks_like_ipset_save("*filter\n:INPUT ACCEPT\n"));
  CHECK_FALSE(looks_like_ipset_save(""));
}

}  // namespace segproof::test
