// SPDX-License-Identifier: Apache-2.0
// Text for a terminal. Input may hold anything, so nothing of it is printed before it went through here: control
// characters, invalid UTF-8, and characters that reorder or hide text become visible escapes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace segproof {

// One code point of a text, as a terminal shows it.
struct Glyph {
  std::string_view bytes;  // of the text; one byte when it is not valid UTF-8
  char32_t code_point = 0;
  bool valid = true;  // false: `bytes` is one byte that is not UTF-8
};

// The first code point of `text`. Precondition: `text` is not empty. O(1).
[[nodiscard]] Glyph first_glyph(std::string_view text);

// Columns that a terminal uses for it: 0 (combining), 1 or 2 (East Asian wide, emoji). An approximation of wcwidth that
// does not depend on the locale.
[[nodiscard]] std::size_t glyph_width(char32_t code_point);

// True for what must not reach a terminal as it is: C0 and C1 controls, DEL, bidirectional and zero-width characters,
// line and paragraph separators, invalid bytes.
[[nodiscard]] bool must_be_escaped(const Glyph& glyph);

// `\t`, `\n`, `\r`, `\x1b`, `\u{202e}`; an invalid byte is `\xff`.
[[nodiscard]] std::string escape_glyph(const Glyph& glyph);

// The text with all that must be escaped escaped; the rest byte for byte. The result is one line of valid UTF-8.
[[nodiscard]] std::string escape_controls(std::string_view text);

// Columns of `text` on a terminal, which must have been through escape_controls.
[[nodiscard]] std::size_t display_width(std::string_view text);

}  // namespace segproof
