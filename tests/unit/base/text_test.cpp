// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "support/skip.h"

namespace segproof {
namespace {

using Parts = std::vector<std::string_view>;
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("trim") {
  CHECK(trim("  a b \t\r\n") == "a b");
  CHECK(trim(" \v\f").empty());
  CHECK(trim("").empty());
}

TEST_CASE("split keeps empty parts") {
  CHECK(split("a,,b", ',') == Parts{"a", "", "b"});
  CHECK(split("", ',') == Parts{""});
  CHECK(split(",", ',') == Parts{"", ""});
  CHECK(split("a", ',') == Parts{"a"});
}

TEST_CASE("split_words drops white space") {
  CHECK(split_words(" a\t b\r\nc ") == Parts{"a", "b", "c"});
  CHECK(split_words("  ") == Parts{});
}

TEST_CASE("case is ASCII") {
  CHECK(to_lower("ABC-\xc3\x84") == "abc-\xc3\x84");
  CHECK(same_word("DMZ", "dmz"));
  CHECK_FALSE(same_word("dmz", "dmz2"));
}

TEST_CASE("numbers are read strictly") {
  CHECK(parse_unsigned<std::uint16_t>("0") == 0);
  CHECK(parse_unsigned<std::uint16_t>("65535") == 65535);
  CHECK(parse_unsigned<std::uint64_t>("18446744073709551615") == 18446744073709551615U);
  CHECK(parse_unsigned<std::uint8_t>("7", 1, 7) == 7);
  for (const std::string_view bad : {"", "65536", "70000", "-1", "+1", " 1", "1 ", "010", "00", "1e3", "0x10", "1.0",
                                     "1_0", "99999999999999999999999999", "\xd9\xa1", "1\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_unsigned<std::uint16_t>(bad).has_value());
  }
  CHECK_FALSE(parse_unsigned<std::uint64_t>("18446744073709551616").has_value());
  CHECK_FALSE(parse_unsigned<std::uint8_t>("0", 1, 7).has_value());
  CHECK_FALSE(parse_unsigned<std::uint8_t>("8", 1, 7).has_value());
  CHECK_FALSE(parse_unsigned<std::uint16_t>(std::string_view("1\0", 2)).has_value());
}

TEST_CASE("hexadecimal numbers need their 0x") {
  CHECK(parse_hex<std::uint32_t>("0x1F") == 31);
  CHECK(parse_hex<std::uint32_t>("0XffffFFFF") == 0xffffffffU);
  CHECK(parse_hex<std::uint32_t>("0x0000000001") == 1);
  for (const std::string_view bad : {"", "0x", "1f", "0x100000000", "0xg", "x1", "0x-1", "0x 1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_hex<std::uint32_t>(bad).has_value());
  }
}

TEST_CASE("a printed number reads back") {
  std::mt19937_64 random(test::seed("numbers", 5));
  for (int round = 0; round < 3000; ++round) {
    const std::uint64_t value = random() >> (random() % 64);
    CHECK(parse_unsigned<std::uint64_t>(fmt::format("{}", value)) == value);
    CHECK(parse_hex<std::uint64_t>(fmt::format("0x{:x}", value)) == value);
    CHECK(parse_unsigned<std::uint32_t>(fmt::format("{}", value)).has_value() == (value <= 0xffffffffU));
  }
}

TEST_CASE("the first byte that is not UTF-8 is found, wherever it stands") {
  CHECK_FALSE(first_invalid_utf8("").has_value());
  CHECK_FALSE(first_invalid_utf8("\xf0\x9f\x94\xa5 text \xc3\xa4").has_value());
  for (std::size_t length = 0; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'a');
      text[at] = '\x80';
      CHECK(first_invalid_utf8(text) == at);
      text[at] = '\xc3';  // a lead byte whose continuation is missing
      CHECK(first_invalid_utf8(text) == at);
    }
  }
}

TEST_CASE("quoting") {
  CHECK(quote("dmz") == "`dmz`");
  CHECK(quote("") == "``");
  CHECK(quote("a\x1b[2Jb") == "`a\\x1b[2Jb`");
  CHECK(quote("abcdef", 3) == "`abc...`");
  CHECK(quote("abc", 3) == "`abc`");
  CHECK(quote("\xc3\xa4\xc3\xa4\xc3\xa4", 2) == "`\xc3\xa4\xc3\xa4...`");
  CHECK(quote(std::string(100'000'000, 'x')).size() == 85);
}

TEST_CASE("wrapping") {
  CHECK(wrap("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrap("  one   two ", 80) == Lines{"one two"});
  CHECK(wrap("", 10) == Lines{""});
  CHECK(wrap("a\n\nb", 10) == Lines{"a", "", "b"});
  CHECK(wrap("a incomprehensibilities b", 6) == Lines{"a", "incomprehensibilities", "b"});
  CHECK(wrap("\xc3\xa4\xc3\xa4 \xc3\xa4\xc3\xa4", 5) == Lines{"\xc3\xa4\xc3\xa4 \xc3\xa4\xc3\xa4"});
  CHECK(wrap("a b", 0) == Lines{"a", "b"});
}

TEST_CASE("wrapping keeps all words, and no line is too wide unless it is one word") {
  std::mt19937_64 random(test::seed("wrap", 9));
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (std::size_t i = random() % 60; i > 0; --i) {
      text += random() % 4 == 0 ? ' ' : 'x';
    }
    const std::size_t width = random() % 12;
    std::string joined;
    for (const std::string& line : wrap(text, width)) {
      CHECK((display_width(line) <= width || split_words(line).size() == 1));
      joined += line + " ";
    }
    CHECK(split_words(joined) == split_words(text));
  }
}

}  // namespace segproof
