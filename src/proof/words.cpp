// SPDX-License-Identifier: Apache-2.0
#include "proof/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/display.h"

namespace segproof::proof {
namespace {

constexpr Bits largest_port = 65535;

template <class Text>
std::string set_of(const IntervalSet& values, const Text& text) {
  std::string word;
  for (const Interval& interval : values.intervals()) {
    word += word.empty() ? "" : ",";
    word += text(interval.low);
    if (interval.high != interval.low) {
      word += "-" + text(interval.high);
    }
  }
  return word.empty() ? "none" : word;
}

}  // namespace

std::string quoted(std::string_view bytes) {
  std::string result = "\"";
  for (std::string_view rest = bytes; !rest.empty();) {
    const Glyph glyph = first_glyph(rest);
    if (must_be_escaped(glyph)) {
      for (const char byte : glyph.bytes) {
        result += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
      }
    } else {
      result += glyph.bytes == "\"" || glyph.bytes == "\\" ? "\\" : "";
      result += glyph.bytes;
    }
    rest.remove_prefix(glyph.bytes.size());
  }
  return result + "\"";
}

std::string decimal(Bits value) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  std::ranges::reverse(digits);
  return digits;
}

std::string hexadecimal(Bits value) {
  std::string digits;
  do {
    digits += "0123456789abcdef"[static_cast<std::size_t>(value & 15U)];
    value >>= 4U;
  } while (value != 0);
  std::ranges::reverse(digits);
  return "0x" + digits;
}

std::string set_word(const IntervalSet& values) {
  return set_of(values, decimal);
}

std::string set_word(const IntervalSet& addresses, Family family) {
  return set_of(addresses, [family](Bits bits) { return to_string(Address{family, bits}); });
}

std::string ports_word(const IntervalSet& ports) {
  return set_word(ports.is_empty() ? IntervalSet::range(0, largest_port) : ports);
}

std::string prefix_word(const Prefix& prefix) {
  return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

std::string place_word(const SourceSpan& span, const SourceStore& sources) {
  return span.file.valid() ? fmt::format("@{}:{}", quoted(sources.path(span.file)), span.line) : "@-";
}

void Page::line(std::size_t depth, std::string_view words) {
  SEGPROOF_ASSERT(words.find('\n') == std::string_view::npos);
  text_.append(2 * depth, ' ');
  text_ += words;
  text_ += '\n';
}

}  // namespace segproof::proof
