// SPDX-License-Identifier: Apache-2.0
#include "proof/words.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "text_tree.h"

namespace segproof::test {
namespace {

using namespace proof;

TEST_CASE("strings hold any bytes on one line") {
  struct Case {
    std::string bytes;
    std::string word;
  };
  const std::vector<Case> cases = {
      {"", R"("")"},
      {"fw edge", R"("fw edge")"},
      {R"(a"b\c)", R"("a\"b\\c")"},
      {"two\nlines\r\t", R"("two\x0alines\x0d\x09")"},
      {std::string("nul\0", 4), R"("nul\x00")"},
      {"\x7f", R"("\x7f")"},
      {"B\xc3\xbcro", "\"B\xc3\xbcro\""},
      {"\xc3(", R"("\xc3(")"},
      {"\xff\xfe", R"("\xff\xfe")"},
      {"\xe2\x80\xae"
       "rtl",
       R"("\xe2\x80\xaertl")"},               // right-to-left override
      {"\xe2\x80\xa8", R"("\xe2\x80\xa8")"},  // line separator
      {"\xc2\x85", R"("\xc2\x85")"},          // next line (C1)
      {R"(\x0a)", R"("\\x0a")"},              // not an escape of the input
      {"\" accept\n  rule @- accept", R"("\" accept\x0a  rule @- accept")"},
  };
  for (const Case& c : cases) {
    CHECK(quoted(c.bytes) == c.word);
    CHECK(read_string(c.word) == c.bytes);
  }
}

TEST_CASE("every byte and every pair of bytes comes back") {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string bytes = {static_cast<char>(first), static_cast<char>(second)};
      const std::string word = quoted(bytes);
      REQUIRE(read_string(word) == bytes);
      for (const char c : word) {
        REQUIRE((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
      }
    }
  }
}

TEST_CASE("numbers, sets, prefixes and places") {
  CHECK(decimal(0) == "0");
  CHECK(decimal(~Bits{0}) == "340282366920938463463374607431768211455");
  CHECK(hexadecimal(0) == "0x0");
  CHECK(hexadecimal(0xff00U) == "0xff00");
  CHECK(hexadecimal(~Bits{0}) == "0xffffffffffffffffffffffffffffffff");
  CHECK(set_word(IntervalSet{}) == "none");
  CHECK(set_word(IntervalSet{{22, 22}, {80, 443}}) == "22,80-443");
  CHECK(set_word(IntervalSet{{0x0a000000U, 0x0a0000ffU}, {0xac100001U, 0xac100001U}}, Family::ipv4) ==
        "10.0.0.0-10.0.0.255,172.16.0.1");
  CHECK(set_word(IntervalSet{{0, ~Bits{0}}}, Family::ipv6) == "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  CHECK(ports_word({}) == "0-65535");
  CHECK(ports_word(IntervalSet::single(53)) == "53");
  CHECK(prefix_word(*parse_prefix("10.0.0.1")) == "10.0.0.1/32");
  CHECK(prefix_word(*parse_prefix("::/0")) == "::/0");

  SourceStore sources;
  const FileId file = sources.add("a \"b\".rules", "text\n");
  CHECK(place_word({.file = file, .line = 7, .column = 3, .length = 1}, sources) == R"(@"a \"b\".rules":7)");
  CHECK(place_word({}, sources) == "@-");
}

TEST_CASE("lines are indented by their level") {
  Page page;
  page.line(0, "node");
  page.line(2, "rule");
  CHECK(page.take() == "node\n    rule\n");
}

}  // namespace
}  // namespace segproof::test
