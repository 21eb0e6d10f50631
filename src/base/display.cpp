// SPDX-License-Identifier: Apache-2.0
#include "base/display.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/assert.h"

namespace segproof {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Combining marks and joiners of the common scripts: no column of their own.
constexpr std::array zero_width = {Range{0x0300, 0x036f}, Range{0x0483, 0x0489},  Range{0x0591, 0x05bd},
                                   Range{0x0610, 0x061a}, Range{0x064b, 0x065f},  Range{0x1ab0, 0x1aff},
                                   Range{0x1dc0, 0x1dff}, Range{0x20d0, 0x20ff},  Range{0xfe00, 0xfe0f},
                                   Range{0xfe20, 0xfe2f}, Range{0xe0100, 0xe01ef}};

// East Asian wide and fullwidth, and emoji: two columns.
constexpr std::array double_width = {Range{0x1100, 0x115f},   Range{0x2e80, 0x303e},  Range{0x3041, 0x33ff},
                                     Range{0x3400, 0x4dbf},   Range{0x4e00, 0x9fff},  Range{0xa000, 0xa4cf},
                                     Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},  Range{0xfe30, 0xfe6f},
                                     Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},  Range{0x1f300, 0x1f64f},
                                     Range{0x1f900, 0x1f9ff}, Range{0x20000, 0x3fffd}};

// Characters without a visible form that change how the text around them is shown ("Trojan Source").
constexpr std::array deceptive = {Range{0x00ad, 0x00ad}, Range{0x061c, 0x061c}, Range{0x180e, 0x180e},
                                  Range{0x200b, 0x200f}, Range{0x2028, 0x202e}, Range{0x2060, 0x206f},
                                  Range{0xfeff, 0xfeff}, Range{0xfff9, 0xfffb}, Range{0xe0000, 0xe007f}};

bool within(std::span<const Range> ranges, char32_t code_point) {
  const auto found = std::ranges::lower_bound(ranges, code_point, {}, &Range::last);
  return found != ranges.end() && found->first <= code_point;
}

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xc2 && lead <= 0xdf) {
    return 2;
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    return 3;
  }
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

constexpr char32_t smallest_of_length(std::size_t length) {
  return length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
}

}  // namespace

Glyph first_glyph(std::string_view text) {
  SEGPROOF_ASSERT(!text.empty());
  const Glyph invalid{.bytes = text.substr(0, 1), .code_point = static_cast<unsigned char>(text[0]), .valid = false};
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > text.size()) {
    return invalid;
  }
  if (length == 1) {
    return {.bytes = text.substr(0, 1), .code_point = lead};
  }
  char32_t code_point = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80U) {
      return invalid;
    }
    code_point = (code_point << 6U) | (byte & 0x3fU);
  }
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (code_point < smallest_of_length(length) || code_point > 0x10ffff || surrogate) {
    return invalid;
  }
  return {.bytes = text.substr(0, length), .code_point = code_point};
}

std::size_t glyph_width(char32_t code_point) {
  if (code_point < 0x300) {
    return 1;
  }
  if (within(zero_width, code_point)) {
    return 0;
  }
  return within(double_width, code_point) ? 2 : 1;
}

bool must_be_escaped(const Glyph& glyph) {
  const char32_t c = glyph.code_point;
  return !glyph.valid || c < 0x20 || (c >= 0x7f && c <= 0x9f) || within(deceptive, c);
}

std::string escape_glyph(const Glyph& glyph) {
  switch (glyph.code_point) {
    case U'\t':
      return "\\t";
    case U'\n':
      return "\\n";
    case U'\r':
      return "\\r";
    default:
      break;
  }
  const auto number = static_cast<std::uint32_t>(glyph.code_point);
  return glyph.bytes.size() == 1 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{{{:x}}}", number);
}

std::string escape_controls(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    if (must_be_escaped(glyph)) {
      shown += escape_glyph(glyph);
    } else {
      shown += glyph.bytes;
    }
    text.remove_prefix(glyph.bytes.size());
  }
  return shown;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    width += glyph_width(glyph.code_point);
    text.remove_prefix(glyph.bytes.size());
  }
  return width;
}

}  // namespace segproof
