// SPDX-License-Identifier: Apache-2.0
#include "check/core/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

namespace check {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::size_t longest = std::size_t{16} << 20U;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Words are separated by one space; a string is one word, quotes included.
std::vector<std::string_view> words_of(std::string_view text, std::size_t number) {
  std::vector<std::string_view> result;
  std::size_t at = 0;
  while (true) {
    const std::size_t from = at;
    bool inside = false;
    for (; at < text.size() && (inside || text[at] != ' '); ++at) {
      const auto byte = static_cast<unsigned char>(text[at]);
      if (byte < 0x20 || byte == 0x7f) {
        throw Malformed(number, "a control byte");
      }
      if (text[at] == '"') {
        inside = !inside;
      } else if (text[at] == '\\' && inside) {
        ++at;
      }
    }
    if (inside || at > text.size() || at == from) {
      throw Malformed(number, "a string that does not end, or a space too many");
    }
    result.push_back(text.substr(from, at - from));
    if (at == text.size()) {
      return result;
    }
    ++at;
    if (at == text.size()) {
      throw Malformed(number, "a space at the end");
    }
  }
}

std::optional<Value> digits(std::string_view text, Value most) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) {
    return std::nullopt;
  }
  Value result = 0;
  for (const char c : text) {
    if (!is_digit(c)) {
      return std::nullopt;
    }
    const auto digit = static_cast<unsigned>(c - '0');
    if (result > (most - std::min<Value>(digit, most)) / 10) {
      return std::nullopt;
    }
    result = result * 10 + digit;
  }
  return result <= most ? std::optional(result) : std::nullopt;
}

std::optional<Address> address_in(std::string_view text) {
  const std::string copy(text);
  if (std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return std::nullopt;
  }
  std::array<unsigned char, 16> bytes{};
  const bool is_v6 = copy.find(':') != std::string::npos;
  if (inet_pton(is_v6 ? AF_INET6 : AF_INET, copy.c_str(), bytes.data()) != 1) {
    return std::nullopt;
  }
  Address result{is_v6 ? Family::ipv6 : Family::ipv4, 0};
  for (std::size_t i = 0; i < (is_v6 ? 16U : 4U); ++i) {
    result.value = result.value << 8U | bytes.at(i);
  }
  return result;
}

}  // namespace

Malformed::Malformed(std::size_t line, const std::string& what)
    : std::runtime_error("line " + std::to_string(line) + ": " + what) {}

std::vector<Line> read_lines(std::string_view text) {
  if (text.empty() || text.back() != '\n') {
    throw Malformed(0, "the last line does not end");
  }
  Line root;
  std::vector<Line*> open{&root};
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t depth = spaces / 2;
    if (line.size() > longest || spaces % 2 != 0 || depth >= open.size() || depth > deepest) {
      throw Malformed(number, "a line that is too long or too deep");
    }
    open.resize(depth + 1);
    open.back()->below.push_back({number, words_of(line.substr(spaces), number), {}});
    open.push_back(&open.back()->below.back());
  }
  return std::move(root.below);
}

unsigned width_of(Family family) {
  return family == Family::ipv4 ? 32 : 128;
}

Range Prefix::range() const {
  const unsigned host_bits = width_of(address.family) - length;
  const Value mask = host_bits == 0 ? 0 : ~Value{0} >> (128U - host_bits);
  return {address.value & ~mask, address.value | mask};
}

void Words::fail(const std::string& what) const {
  throw Malformed(line_->number, what);
}

bool Words::take(std::string_view word) {
  const bool found = !is_done() && line_->words[at_] == word;
  at_ += found ? 1 : 0;
  return found;
}

std::string_view Words::next() {
  if (is_done()) {
    fail("a word is missing");
  }
  return line_->words[at_++];
}

std::string Words::string() {
  const std::string_view word = next();
  if (word.size() < 2 || word.front() != '"' || word.back() != '"') {
    fail("a string is missing");
  }
  const auto hex = [&](char c) -> unsigned {
    if (!is_digit(c) && (c < 'a' || c > 'f')) {
      fail("a wrong escape");
    }
    return static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'a' + 10);
  };
  std::string result;
  const std::string_view inner = word.substr(1, word.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '"') {
      fail("a quote inside a word");
    }
    if (inner[i] != '\\') {
      result += inner[i];
    } else if (i + 1 < inner.size() && (inner[i + 1] == '"' || inner[i + 1] == '\\')) {
      result += inner[++i];
    } else if (i + 3 < inner.size() && inner[i + 1] == 'x') {
      result += static_cast<char>(hex(inner[i + 2]) << 4U | hex(inner[i + 3]));
      i += 3;
    } else {
      fail("a wrong escape");
    }
  }
  return result;
}

std::uint64_t Words::number(std::uint64_t most) {
  const auto result = digits(next(), most);
  if (!result) {
    fail("a number is missing or too large");
  }
  return static_cast<std::uint64_t>(*result);
}

std::int64_t Words::signed_number() {
  const std::string_view word = next();
  const bool negative = word.substr(0, 1) == "-";
  const auto result = digits(negative ? word.substr(1) : word, Value{1} << 32U);
  if (!result || (negative && *result == 0)) {
    fail("a number is missing or too large");
  }
  return negative ? -static_cast<std::int64_t>(*result) : static_cast<std::int64_t>(*result);
}

Value Words::hexadecimal() {
  const std::string_view word = next();
  if (word.size() < 3 || word.size() > 34 || word.substr(0, 2) != "0x" || (word.size() > 3 && word[2] == '0')) {
    fail("a hexadecimal number is missing");
  }
  Value result = 0;
  for (const char c : word.substr(2)) {
    if (!is_digit(c) && (c < 'a' || c > 'f')) {
      fail("a hexadecimal number is missing");
    }
    result = result << 4U | static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  return result;
}

Address Words::address() {
  const auto result = address_in(next());
  if (!result) {
    fail("an address is missing");
  }
  return *result;
}

Prefix Words::prefix() {
  const std::string_view word = next();
  const std::size_t slash = word.find('/');
  const auto address = address_in(word.substr(0, slash));
  const auto length = slash == std::string_view::npos ? std::nullopt : digits(word.substr(slash + 1), 128);
  if (!address || !length || *length > width_of(address->family)) {
    fail("a prefix is missing");
  }
  return {*address, static_cast<unsigned>(*length)};
}

Ranges Words::set(bool of_addresses) {
  std::string_view word = next();
  Ranges result;
  if (word == "none") {
    return result;
  }
  const auto value = [&](std::string_view text) {
    const auto address = of_addresses ? address_in(text) : std::nullopt;
    const auto number = of_addresses ? std::nullopt : digits(text, ~Value{0});
    if (!address && !number) {
      fail("a value is missing in a set");
    }
    return address ? address->value : *number;
  };
  while (true) {
    const std::size_t comma = word.find(',');
    const std::string_view item = word.substr(0, comma);
    const std::size_t dash = item.find('-');
    const Value low = value(item.substr(0, dash));
    const Value high = dash == std::string_view::npos ? low : value(item.substr(dash + 1));
    const bool follows = result.empty() || (result.back().high < low && low - result.back().high > 1);
    if (!follows || high < low || (dash != std::string_view::npos && high == low)) {
      fail("a set that is not ascending");
    }
    result.push_back({low, high});
    if (comma == std::string_view::npos) {
      return result;
    }
    word.remove_prefix(comma + 1);
  }
}

std::size_t Words::one_of(const std::vector<std::string_view>& names) {
  const std::string_view word = next();
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end()) {
    fail("an unknown word");
  }
  return static_cast<std::size_t>(found - names.begin());
}

void Words::end() const {
  if (!is_done()) {
    fail("more words than expected");
  }
}

void Words::leaf() const {
  end();
  if (!line_->below.empty()) {
    fail("nothing may stand below this line");
  }
}

void check_order(const std::vector<Line>& lines, const std::vector<Expected>& expected, std::size_t parent) {
  using Times = Expected::Times;
  auto line = lines.begin();
  for (const Expected& next : expected) {
    std::size_t count = 0;
    while (line != lines.end() && (next.times == Times::any || count == 0) &&
           std::find(next.words.begin(), next.words.end(), line->words.front()) != next.words.end()) {
      ++count;
      ++line;
    }
    if (count == 0 && next.times == Times::once) {
      throw Malformed(parent, "there is no line " + std::string(next.words.front()) + " in its place");
    }
  }
  if (line != lines.end()) {
    throw Malformed(line->number, "a line that does not belong here, or not a second time");
  }
}

std::string text_of(Family family, Value address) {
  std::array<unsigned char, 16> bytes{};
  const std::size_t length = family == Family::ipv4 ? 4 : 16;
  for (std::size_t i = length; i-- > 0; address >>= 8U) {
    bytes.at(i) = static_cast<unsigned char>(address & 0xffU);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family == Family::ipv4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      result += "\\x";
      result += hex[byte >> 4U];
      result += hex[byte & 15U];
    } else {
      result += c == '"' || c == '\\' ? "\\" : "";
      result += c;
    }
  }
  return result + '"';
}

}  // namespace check
