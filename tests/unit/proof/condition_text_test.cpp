// SPDX-License-Identifier: Apache-2.0
#include "proof/condition_text.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "network_reader.h"

namespace segproof::test {
namespace {

using namespace model;

std::string text_of(const Test& test) {
  proof::Page page;
  proof::write_tests({{test}}, 0, page);
  return page.take();
}

struct Case {
  Test test;
  std::string text;
};

const IntervalSet tens{{0x0a000000U, 0x0a0000ffU}};

std::vector<Case> cases() {
  return {
      {FieldTest{Field::protocol, IntervalSet::single(6)}, "is protocol 6\n"},
      {FieldTest{Field::source, tens, Family::ipv4}, "is source/4 10.0.0.0-10.0.0.255\n"},
      {FieldTest{Field::source, tens}, "is source 167772160-167772415\n"},
      {FieldTest{Field::destination, IntervalSet::single(1), Family::ipv6}, "is destination/6 ::1\n"},
      {FieldTest{Field::destination_port, IntervalSet{{22, 22}, {1024, 65535}}}, "is dport 22,1024-65535\n"},
      {FieldTest{Field::source_port, IntervalSet{}}, "is sport none\n"},
      {FieldTest{Field::tcp_flags, IntervalSet::single(2), Family::ipv6}, "is flags/6 2\n"},
      {FieldTest{Field::fragment, IntervalSet::single(0)}, "is fragment 0\n"},
      {MaskTest{Field::destination, 0xe0000000U, 0xf0000000U, true, Family::ipv4},
       "mask not destination/4 0xe0000000 0xf0000000\n"},
      {MaskTest{Field::tcp_flags, 3, 2}, "mask flags 0x3 0x2\n"},
      {InterfaceTest{Direction::ingress, "eth0", false, false}, "in \"eth0\"\n"},
      {InterfaceTest{Direction::egress, "tun", true, true}, "out not \"tun\"*\n"},
      {InterfaceTest{Direction::ingress, "*", false, false}, "in \"*\"\n"},
      {InterfaceTest{Direction::egress, "", true, false}, "out \"\"*\n"},
      {TrackTest{0b00110, 0, false}, "state established,related\n"},
      {TrackTest{0b11001, 0, true}, "state not new,invalid,untracked\n"},
      {TrackTest{0, 1, false}, "state none translated 1\n"},
      {TrackTest{1, 3, true}, "state not new translated 3\n"},
      {TrackTest{0, 0, false}, "state none\n"},
      {MarkTest{MarkKind::packet, 1, 0xff, false}, "mark 0x1 0xff\n"},
      {MarkTest{MarkKind::connection, 0, 0xffffffffU, true}, "connmark not 0x0 0xffffffff\n"},
      {AddressTypeTest{Endpoint::destination, 0b100, {}, false}, "type destination local\n"},
      {AddressTypeTest{Endpoint::source, 0b1110, Direction::ingress, true},
       "type not source in unicast,local,broadcast\n"},
      {AddressTypeTest{Endpoint::destination, 0x1f1, Direction::egress, false},
       "type destination out unspecified,multicast,anycast,unreachable,blackhole,prohibit\n"},
      {AddressTypeTest{Endpoint::source, 0, {}, false}, "type source none\n"},
      {AnyTest{{}, false}, "any\n"},
      {AnyTest{{{}}, true}, "any not\n  or\n"},
      {AnyTest{{{{FieldTest{Field::protocol, IntervalSet::single(17)},
                  FieldTest{Field::destination_port, IntervalSet::single(53)}}},
                {{AnyTest{{{{MarkTest{MarkKind::packet, 1, 1, false}}}}, false}}}},
               false},
       "any\n"
       "  or\n"
       "    is protocol 17\n"
       "    is dport 53\n"
       "  or\n"
       "    any\n"
       "      or\n"
       "        mark 0x1 0x1\n"},
  };
}

TEST_CASE("each test of a rule has its line, and is read back as it was") {
  for (const Case& c : cases()) {
    CHECK(text_of(c.test) == c.text);
    CHECK(text_of(read_tests(read_tree(c.text)).tests.at(0)) == c.text);
  }
}

TEST_CASE("what nothing decides is unknown, with the words of the reader") {
  CHECK(text_of(UnknownTest{Unknown::rate, "limit: 3/min", false}) == "unknown \"rate limit: limit: 3/min\"\n");
  CHECK(text_of(UnknownTest{Unknown::socket_owner, "uid \"x\"\n", true}) ==
        "unknown not \"socket owner: uid \\\"x\\\"\\x0a\"\n");
  CHECK(text_of(MeasureTest{Measure::total_length, IntervalSet{{0, 100}}}) == "unknown \"total length 0-100\"\n");
  CHECK(text_of(MeasureTest{Measure::hop_limit, IntervalSet::single(64)}) == "unknown \"hop limit 64\"\n");
  CHECK(text_of(MeasureTest{Measure::traffic_class, IntervalSet{}}) == "unknown \"traffic class none\"\n");
  CHECK(text_of(MeasureTest{Measure::packet_kind, IntervalSet::single(0)}) == "unknown \"kind of packet 0\"\n");
}

TEST_CASE("what looks like a secret is removed from words") {
  CHECK(text_of(UnknownTest{Unknown::set_content, "password hunter2", false}) ==
        "unknown \"content of a set: password [removed]\"\n");
}

TEST_CASE("what packets must hold, and what is not understood, is not told") {
  CHECK(text_of(UnknownTest{Unknown::content, "string \"hunter2\"", false}) == "unknown \"packet content\"\n");
  CHECK(text_of(UnknownTest{Unknown::not_understood, "key 7 0822455D0A16", true}) ==
        "unknown not \"a part that is not understood\"\n");
}

}  // namespace
}  // namespace segproof::test
