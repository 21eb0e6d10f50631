// SPDX-License-Identifier: Apache-2.0
#include "check/core/text.h"

#include <doctest/doctest.h>

#include <string>

#include "check/core/network.h"

namespace check {

TEST_CASE("lines are a tree by their depth") {
  const std::string text = "a 1\n  b \"x y\"\n    c\n  d\ne\n";
  const std::vector<Line> lines = read_lines(text);
  REQUIRE(lines.size() == 2);
  REQUIRE(lines[0].below.size() == 2);
  CHECK(lines[0].below[0].words == std::vector<std::string_view>{"b", "\"x y\""});
  CHECK(lines[0].below[0].below[0].number == 3);
  CHECK(lines[1].words[0] == "e");
}

TEST_CASE("what is not exactly as described is malformed") {
  for (const std::string text :
       {"", "a", "a\n\n", " a\n", "a\n    b\n", "a  b\n", "a \n", "a \"b\n", "\ta\n", "a\x7f\n", "a\r\n", "  a\n"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(static_cast<void>(read_lines(text)), Malformed);
  }
}

TEST_CASE("each word has one way to be written") {
  const auto word = [](std::string_view text) {
    static Line line;
    line = {1, {text}, {}};
    return Words(line);
  };
  CHECK(word("\"a\\\"\\\\\\x0a\"").string() == "a\"\\\n");
  CHECK(word("10.0.0.0/8").prefix().range() == Range{0x0a000000, 0x0affffff});
  CHECK(word("2001:db8::1").address().family == Family::ipv6);
  CHECK(word("0-9,11").set(false) == Ranges{{0, 9}, {11, 11}});
  CHECK(word("none").set(false).empty());
  CHECK(word("-12").signed_number() == -12);
  CHECK(word("0xff").hexadecimal() == 255);
  for (const std::string_view text : {"a", "\"a", "\"\\n\"", "\"\\x0A\""}) {
    CAPTURE(text);
    CHECK_THROWS_AS(static_cast<void>(word(text).string()), Malformed);
  }
  for (const std::string_view text : {"", "01", "-1", "1a", "256", "99999999999999999999999999999999999999999999"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(static_cast<void>(word(text).number(255)), Malformed);
  }
  for (const std::string_view text :
       {"10.0.0.1.2", "010.0.0.1", "2001:DB8::1/64", "10.0.0.0/33", "::ffff:1.2.3.4/129"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(static_cast<void>(word(text).prefix()), Malformed);
  }
  for (const std::string_view text : {"1,2", "2-1", "3-3", "5,1", "1-5,5-9", "1,,3", "-"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(static_cast<void>(word(text).set(false)), Malformed);
  }
}

TEST_CASE("a network file whose numbers lead nowhere is malformed") {
  const std::string head = "segproof-network 1\nepoch \"e\" date \"\" kept\nsegment \"s\" open internal\n";
  const std::string node = head + "node \"n\" device\n  ipv4 given given on\n  ipv6 off off off\n  services unknown\n";
  CHECK_NOTHROW(static_cast<void>(read_network(node + "  rules now\n")));
  for (const std::string& wrong :
       {node, node + "  rules now\n    chain \"c\"\n      rule @- jump 1\n",
        node + "  rules now\n    chain \"c\"\n      rule @- jump 0\n",
        node + "  rules now\n    stage forward filter order 0 chain 0 policy drop families 4 \"f\" @-\n",
        node + "  rules now\n  rules before 2\n", node + "  interface \"e\" segment \"t\" up\n  rules now\n",
        node + "  table 4 1 \"main\"\n  rules now\n",
        node + "  table 4 0 \"main\"\n    route 10.0.0.0/8 unicast metric 0 @-\n      hop direct 0\n  rules now\n",
        node + "  rules now\n" + node.substr(head.size()) + "  rules now\n", node + "  colour red\n  rules now\n"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(static_cast<void>(read_network(wrong)), Malformed);
  }
}

}  // namespace check
