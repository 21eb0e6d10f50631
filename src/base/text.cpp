// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <cstring>

namespace segproof {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::optional<std::uint64_t> hex_digit(char c) {
  if (is_digit(c)) {
    return static_cast<std::uint64_t>(c - '0');
  }
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? std::optional(static_cast<std::uint64_t>(letter - 'a') + 10) : std::nullopt;
}

// `value * base + digit`, or nothing above `max`.
std::optional<std::uint64_t> append_digit(std::uint64_t value, std::uint64_t base, std::uint64_t digit,
                                          std::uint64_t max) {
  if (digit > max || value > (max - digit) / base) {
    return std::nullopt;
  }
  return value * base + digit;
}

// Adds one paragraph (no line breaks in it) to the lines.
void wrap_paragraph(std::string_view paragraph, std::size_t width, std::vector<std::string>& lines) {
  std::string line;
  std::size_t used = 0;
  for (const std::string_view word : split_words(paragraph)) {
    const std::size_t needed = display_width(word);
    if (!line.empty() && used + 1 + needed > width) {
      lines.push_back(std::move(line));
      line.clear();
      used = 0;
    }
    if (!line.empty()) {
      line += ' ';
      ++used;
    }
    line += word;
    used += needed;
  }
  lines.push_back(std::move(line));
}

}  // namespace

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && !is_space(text[at])) {
      ++at;
    }
    words.push_back(text.substr(begin, at - begin));
  }
  return words;
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

namespace detail {

std::optional<std::uint64_t> parse_digits(std::string_view text, std::uint64_t max) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  std::optional<std::uint64_t> value = 0;
  for (const char c : text) {
    value = is_digit(c) ? append_digit(*value, 10, static_cast<std::uint64_t>(c - '0'), max) : std::nullopt;
    if (!value) {
      return std::nullopt;
    }
  }
  return value;
}

std::optional<std::uint64_t> parse_hex_digits(std::string_view text, std::uint64_t max) {
  if (text.size() < 3 || text[0] != '0' || lower(text[1]) != 'x') {
    return std::nullopt;
  }
  std::optional<std::uint64_t> value = 0;
  for (const char c : text.substr(2)) {
    const std::optional<std::uint64_t> digit = hex_digit(c);
    value = digit ? append_digit(*value, 16, *digit, max) : std::nullopt;
    if (!value) {
      return std::nullopt;
    }
  }
  return value;
}

}  // namespace detail

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t block = 0;
    if (text.size() - at >= sizeof block) {
      std::memcpy(&block, text.data() + at, sizeof block);
      if ((block & high_bits) == 0) {
        at += sizeof block;
        continue;
      }
    }
    const Glyph glyph = first_glyph(text.substr(at));
    if (!glyph.valid) {
      return at;
    }
    at += glyph.bytes.size();
  }
  return std::nullopt;
}

std::string quote(std::string_view text, std::size_t limit) {
  std::string quoted = "`";
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == limit) {
      quoted += "...";
      break;
    }
    const Glyph glyph = first_glyph(text);
    quoted += must_be_escaped(glyph) ? escape_glyph(glyph) : std::string(glyph.bytes);
    text.remove_prefix(glyph.bytes.size());
  }
  return quoted + "`";
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string_view paragraph : split(text, '\n')) {
    wrap_paragraph(paragraph, width, lines);
  }
  return lines;
}

}  // namespace segproof
