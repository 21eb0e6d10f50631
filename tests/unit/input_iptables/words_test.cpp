// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "input/iptables/values.h"
#include "input/iptables/words.h"

namespace segproof::iptables {
namespace {

// The words of a line, each in brackets; quoted ones in braces.
std::string cut(std::string_view line) {
  const Words words(line);
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += words[i].quoted ? '{' : '[';
    text += words[i].text;
    text += words[i].quoted ? '}' : ']';
  }
  return words.unterminated() ? text + "..." : text;
}

}  // namespace

TEST_CASE("words are cut as iptables-restore cuts them") {
  struct Case {
    const char* line;
    const char* expected;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"", ""},
           {"  a\tb  ", "[a][b]"},
           {"a \"b c\" d", "[a]{b c}[d]"},
           {"\"a \\\"b\\\" \\\\ c\"", "{a \"b\" \\ c}"},
           {"\"\"", "{}"},
           {"a\"b c\"d", "[ab c][d]"},
           {"a\\ b", "[a\\][b]"},
           {"\"open", "{open}..."},
           {"\"ends with a backslash\\", "{ends with a backslash}..."},
           {"'single quotes' mean nothing", "['single][quotes'][mean][nothing]"},
           {"set;^~|$ name\r", "[set;^~|$][name]"},
       }) {
    CAPTURE(one.line);
    CHECK(cut(one.line) == one.expected);
  }
}

TEST_CASE("columns count from one") {
  const Words words("  -A \"x y\" z");
  REQUIRE(words.size() == 3);
  CHECK(words[0].column == 3);
  CHECK(words[1].column == 6);
  CHECK(words[2].column == 12);
}

TEST_CASE("numbers have the bases of C") {
  CHECK(parse_number("10", 255) == 10U);
  CHECK(parse_number("010", 255) == 8U);
  CHECK(parse_number("0x1F", 255) == 31U);
  CHECK(parse_number("0", 255) == 0U);
  for (const char* wrong : {"", "-1", "+1", " 1", "1 ", "08", "0x", "0xg", "256", "1e3", "99999999999999999999999"}) {
    CAPTURE(wrong);
    CHECK(!parse_number(wrong, 255));
  }
  CHECK(parse_number("18446744073709551615", ~std::uint64_t{0}) == ~std::uint64_t{0});
  CHECK(!parse_number("18446744073709551616", ~std::uint64_t{0}));
}

TEST_CASE("ports and services") {
  CHECK(parse_ports("80", ':', 6)->ports == Interval{80, 80});
  CHECK(parse_ports(":", ':', 6)->ports == Interval{0, 65535});
  CHECK(parse_ports("ftp-data", '-', 6)->ports == Interval{20, 20});
  CHECK(!parse_ports("80-ftp", '-', 6));
  CHECK(parse_ports("nosuch", ':', 6)->is_name);
  CHECK(!parse_ports("65536", ':', 6));
  CHECK(!parse_ports("80:", '-', 6));
}

}  // namespace segproof::iptables
