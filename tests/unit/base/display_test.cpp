// SPDX-License-Identifier: Apache-2.0
#include "base/display.h"

#include <doctest/doctest.h>

#include <random>

#include "base/text.h"
#include "support/skip.h"

namespace segproof {

TEST_CASE("controls become visible") {
  CHECK(escape_controls("plain text, \xc3\xa4\xe2\x82\xac") == "plain text, \xc3\xa4\xe2\x82\xac");
  CHECK(escape_controls("\x1b[31mred") == "\\x1b[31mred");
  CHECK(escape_controls("a\tb\nc\rd") == "a\\tb\\nc\\rd");
  CHECK(escape_controls(std::string_view("\0", 1)) == "\\x00");
  CHECK(escape_controls("\x7f") == "\\x7f");
  CHECK(escape_controls("\xc2\x9b"
                        "31m") == "\\u{9b}31m");
  CHECK(escape_controls("\xe2\x80\xae") == "\\u{202e}");
  CHECK(escape_controls("\xef\xbb\xbf") == "\\u{feff}");
  CHECK(escape_controls("\xe2\x81\xa6") == "\\u{2066}");
}

TEST_CASE("bytes that are not UTF-8 become visible, one by one") {
  CHECK(escape_controls("\xff") == "\\xff");
  CHECK(escape_controls("\xc3") == "\\xc3");                             // cut
  CHECK(escape_controls("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(escape_controls("\xe0\x80\x80") == "\\xe0\\x80\\x80");           // overlong
  CHECK(escape_controls("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
  CHECK(escape_controls("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  CHECK(escape_controls("\xc3(") == "\\xc3(");
}

TEST_CASE("widths") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("\xc3\xa4") == 1);
  CHECK(display_width("a\xcc\x88") == 1);
  CHECK(display_width("\xe6\x97\xa5\xe6\x9c\xac") == 4);
  CHECK(display_width("\xf0\x9f\x94\xa5") == 2);
  CHECK(display_width("") == 0);
}

TEST_CASE("whatever the bytes, the result is one printable line of valid UTF-8") {
  std::mt19937_64 random(test::seed("escape_controls", 11));
  for (int round = 0; round < 5000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 24; i > 0; --i) {
      // Lead and continuation bytes are made likely.
      const std::uint64_t kind = random() % 4;
      bytes += static_cast<char>(kind == 0 ? random() % 128 : kind == 1 ? 0x80 + random() % 64 : 0xc0 + random() % 64);
    }
    const std::string shown = escape_controls(bytes);
    CAPTURE(bytes);
    CHECK_FALSE(first_invalid_utf8(shown).has_value());
    for (std::string_view rest = shown; !rest.empty();) {
      const Glyph glyph = first_glyph(rest);
      CHECK_FALSE(must_be_escaped(glyph));
      rest.remove_prefix(glyph.bytes.size());
    }
  }
}

TEST_CASE("every code point survives its own encoding") {
  for (char32_t c = 1; c <= 0x10ffff; ++c) {
    std::string bytes;
    const auto put = [&](char32_t byte) { bytes += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 | (c >> 6U));
      put(0x80 | (c & 0x3fU));
    } else if (c < 0x10000) {
      put(0xe0 | (c >> 12U));
      put(0x80 | ((c >> 6U) & 0x3fU));
      put(0x80 | (c & 0x3fU));
    } else {
      put(0xf0 | (c >> 18U));
      put(0x80 | ((c >> 12U) & 0x3fU));
      put(0x80 | ((c >> 6U) & 0x3fU));
      put(0x80 | (c & 0x3fU));
    }
    const Glyph glyph = first_glyph(bytes);
    const bool surrogate = c >= 0xd800 && c <= 0xdfff;
    if (glyph.valid == surrogate || (!surrogate && (glyph.code_point != c || glyph.bytes.size() != bytes.size()))) {
      FAIL("code point " << static_cast<unsigned long>(c));
    }
  }
}

}  // namespace segproof
