// SPDX-License-Identifier: Apache-2.0
// Small work on text: cutting, strict numbers, UTF-8, quoting, wrapping. White space is space, tab, \r, \n, \v, \f;
// case is ASCII only; nothing depends on the locale. Views returned point into the argument.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/display.h"   // IWYU pragma: export
#include "base/spelling.h"  // IWYU pragma: export

namespace segproof {

[[nodiscard]] bool is_space(char c);
[[nodiscard]] bool is_digit(char c);

// Without white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

// The parts between separators, empty ones included: "a,,b" has three, "" has one.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

// The runs without white space: " a  b " has two, "" has none.
[[nodiscard]] std::vector<std::string_view> split_words(std::string_view text);

[[nodiscard]] std::string to_lower(std::string_view text);
// Equal but for case.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

namespace detail {
[[nodiscard]] std::optional<std::uint64_t> parse_digits(std::string_view text, std::uint64_t max);
[[nodiscard]] std::optional<std::uint64_t> parse_hex_digits(std::string_view text, std::uint64_t max);
}  // namespace detail

// A decimal number within [min, max]: digits only, no sign, no space, no leading zero (is `010` ten or eight?).
template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> parse_unsigned(std::string_view text, T min = 0, T max = std::numeric_limits<T>::max()) {
  const std::optional<std::uint64_t> value = detail::parse_digits(text, max);
  if (!value || *value < min) {
    return std::nullopt;
  }
  return static_cast<T>(*value);
}

// The same for "0x1f" (either case, leading zeros allowed after the x, which is required).
template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> parse_hex(std::string_view text, T min = 0, T max = std::numeric_limits<T>::max()) {
  const std::optional<std::uint64_t> value = detail::parse_hex_digits(text, max);
  if (!value || *value < min) {
    return std::nullopt;
  }
  return static_cast<T>(*value);
}

// The offset of the first byte that does not belong to valid UTF-8 (RFC 3629: no surrogates, no overlong forms).
// O(n), about a gigabyte a second on ASCII.
[[nodiscard]] std::optional<std::size_t> first_invalid_utf8(std::string_view text);

// The text in backticks for a message, escaped for terminals and cut to `limit` code points, which "..." then shows.
[[nodiscard]] std::string quote(std::string_view text, std::size_t limit = 80);

// Lines of at most `width` columns, broken at white space; runs of white space become one space and "\n" stays a line
// break. A word that is wider than `width` stays whole on a line of its own. At least one line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace segproof
