// SPDX-License-Identifier: Apache-2.0
#include "packet/packet.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "packet/space.h"
#include "unit/packet/naive_set.h"

namespace segproof {
namespace {

std::string dump(std::string_view text) {
  const auto packet = parse_packet(text);
  return packet ? to_string(*packet) : "-";
}

TEST_CASE("packets are read and written in one syntax") {
  struct Case {
    std::string_view in;
    std::string_view out;
  };
  const std::initializer_list<Case> cases{
      {"tcp 10.11.0.9:40000 > 172.30.10.4:443", "tcp 10.11.0.9:40000 > 172.30.10.4:443 [syn]"},
      {"TCP 10.11.0.9:40000 > 172.30.10.4:443 [syn]", "tcp 10.11.0.9:40000 > 172.30.10.4:443 [syn]"},
      {"6 10.11.0.9:40000 > 172.30.10.4:443 [ack,syn]", "tcp 10.11.0.9:40000 > 172.30.10.4:443 [syn,ack]"},
      {"tcp 10.0.0.1:1 > 10.0.0.2:2 [none]", "tcp 10.0.0.1:1 > 10.0.0.2:2 [none]"},
      {"udp [::1]:53 > [2001:db8::2]:53", "udp [::1]:53 > [2001:db8::2]:53"},
      {"icmp 10.0.0.1 > 10.0.0.2", "icmp 10.0.0.1 > 10.0.0.2 type 8 code 0"},
      {"icmp 10.0.0.1 > 10.0.0.2 type 3 code 13", "icmp 10.0.0.1 > 10.0.0.2 type 3 code 13"},
      {"icmpv6 ::1 > ::2", "icmpv6 [::1] > [::2] type 128 code 0"},
      {"gre [::1] > [::2]", "gre [::1] > [::2]"},
      {"200 10.0.0.1 > 10.0.0.2", "200 10.0.0.1 > 10.0.0.2"},
      {"tcp 10.0.0.1 > 10.0.0.2 fragment", "tcp 10.0.0.1 > 10.0.0.2 fragment"},
      {"icmp 10.0.0.1 > 10.0.0.2 fragment", "icmp 10.0.0.1 > 10.0.0.2 fragment"},
      {"", "-"},
      {"tcp", "-"},
      {"tcp 10.0.0.1 > 10.0.0.2", "-"},
      {"tcp 10.0.0.1:1 > 10.0.0.2", "-"},
      {"tcp 10.0.0.1:1 10.0.0.2:2", "-"},
      {"tcp 10.0.0.1:1 > [::1]:2", "-"},
      {"tcp 10.0.0.1:65536 > 10.0.0.2:2", "-"},
      {"tcp 10.0.0.1:01 > 10.0.0.2:2", "-"},
      {"tcp 10.0.0.1:1 > 10.0.0.2:2 [syn", "-"},
      {"tcp 10.0.0.1:1 > 10.0.0.2:2 []", "-"},
      {"tcp 10.0.0.1:1 > 10.0.0.2:2 [syn,syn]", "-"},
      {"tcp 10.0.0.1:1 > 10.0.0.2:2 [syn] x", "-"},
      {"tcp [10.0.0.1]:1 > 10.0.0.2:2", "-"},
      {"icmp 10.0.0.1 > 10.0.0.2 type 256 code 0", "-"},
      {"icmp 10.0.0.1 > 10.0.0.2 type 3", "-"},
      {"icmp 10.0.0.1:1 > 10.0.0.2:2", "-"},
      {"256 10.0.0.1 > 10.0.0.2", "-"},
      {"ip 10.0.0.1 > 10.0.0.2", "-"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.in);
    CHECK(dump(c.in) == c.out);
  }
}

TEST_CASE("every valid packet survives printing and parsing") {
  test::Random random(test::seed());
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    int valid = 0;
    for (int i = 0; i < 60000; ++i) {
      Packet packet = test::random_packet(random, family);
      // Most random packets break a rule of validity: empty the fields now and then.
      if (test::below(random, 2) == 0)
        packet[Field::source_port] = 0;
      if (test::below(random, 2) == 0)
        packet[Field::destination_port] = 0;
      if (test::below(random, 2) == 0)
        packet[Field::tcp_flags] = 0;
      if (!space.valid().contains(packet))
        continue;
      ++valid;
      for (const Field field : {Field::origin, Field::ingress, Field::egress, Field::state, Field::translated,
                                Field::mark, Field::connection_mark}) {
        packet[field] = 0;
      }
      CAPTURE(to_string(packet));
      CHECK(parse_packet(to_string(packet)) == packet);
    }
    CHECK(valid > 1000);
  }
}

TEST_CASE("protocol names and numbers") {
  for (unsigned number = 0; number < 256; ++number) {
    CHECK(parse_protocol(protocol_name(static_cast<std::uint8_t>(number))) == static_cast<std::uint8_t>(number));
    CHECK(parse_protocol(std::to_string(number)) == static_cast<std::uint8_t>(number));
  }
  CHECK(protocol_name(6) == "tcp");
  CHECK(protocol_name(47) == "gre");
  CHECK(protocol_name(253) == "253");
  CHECK(parse_protocol("ipv6-icmp") == 58);
  for (const std::string_view text : {"", "ip", "all", "any", "256", "-1", "06", "tcp ", "999999999999"}) {
    CHECK_FALSE(parse_protocol(text));
  }
  CHECK(tcp_flag_names(0x12) == std::vector<std::string_view>{"syn", "ack"});
}

TEST_CASE("hostile packet text never hurts") {
  test::Random random(test::seed() + 1);
  INFO("seed ", test::seed());
  const std::vector<std::string> words{"tcp", "icmp", "10.0.0.1", "10.0.0.1:80", "[::1]:1", "[",     "]",        ":",
                                       ">",   "type", "8",        "code",        "[syn]",   "[",     "fragment", "",
                                       "\t",  "::",   "[]",       "[]:1",        ":1",      "[::1]", "47",       "gre"};
  for (int i = 0; i < 100000; ++i) {
    std::string text;
    const auto length = test::below(random, 9);
    for (std::uint64_t k = 0; k < length; ++k) {
      text += words[test::below(random, words.size())];
      if (test::below(random, 8) != 0)
        text += ' ';
    }
    CAPTURE(text);
    if (const auto packet = parse_packet(text))
      CHECK(parse_packet(to_string(*packet)) == packet);
  }
  CHECK_FALSE(parse_packet(std::string(1000000, ' ')));
}

TEST_CASE("a text that is no packet is told why") {
  const std::pair<std::string_view, std::string_view> faults[] = {
      {"tpc 10.0.0.1:1 > 10.0.0.2:2", "`tpc` is not a protocol"},
      {"tcp 10.0.0.1:70000 > 10.0.0.2:2", "`70000` is not a port from 0 to 65535"},
      {"tcp 10.0.0.300:1 > 10.0.0.2:2", "`10.0.0.300:1` is not an address, with or without a port"},
      {"tcp [::1:1 > [::2]:2", "the `[` of `[::1:1` is not closed"},
      {"tcp 10.0.0.1:1 10.0.0.2:2", "behind the source stands no `>`"},
      {"tcp 10.0.0.1:1 > 10.0.0.2", "only one of source and destination has a port"},
      {"tcp 10.0.0.1 > 10.0.0.2", "a packet of tcp has ports"},
      {"udp 10.0.0.1:1 > [::2]:2", "source and destination are of different families"},
      {"icmp 10.0.0.1:1 > 10.0.0.2:2", "ICMP has no ports"},
      {"icmp 10.0.0.1 > 10.0.0.2 type 256 code 0", "behind `type` stands no `NUMBER code NUMBER`, both from 0 to 255"},
      {"udp 10.0.0.1:1 > 10.0.0.2:2 type 8 code 0", "only ICMP has a type"},
      {"tcp 10.0.0.1:1 > 10.0.0.2:2 [syn,sin]", "`sin` is not a flag of TCP, or stands twice"},
      {"tcp 10.0.0.1:1 > 10.0.0.2:2 [syn] now", "`now` is not understood"},
      {"", "`` is not a protocol"}};
  for (const auto& [text, why] : faults) {
    const Result<Packet> packet = read_packet(text);
    REQUIRE_FALSE(packet.ok());
    CHECK(packet.failure().message.find(fmt::format(" is not a packet: {}; write one as ", why)) != std::string::npos);
  }
}

}  // namespace
}  // namespace segproof
