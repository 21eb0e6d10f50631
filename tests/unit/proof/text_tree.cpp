// SPDX-License-Identifier: Apache-2.0
#include "text_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace segproof::test {
namespace {

// Spaces separate words, but not those in quotation marks.
std::vector<std::string> words_of(std::string_view line, std::size_t number) {
  std::vector<std::string> words(1);
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ' && !in_string) {
      words.emplace_back();
      continue;
    }
    if (line[i] == '"') {
      in_string = !in_string;
    }
    words.back() += line[i];
    if (line[i] == '\\' && in_string && i + 1 < line.size()) {
      words.back() += line[++i];
    }
  }
  if (in_string || std::ranges::any_of(words, [](const std::string& word) { return word.empty(); })) {
    throw NotTheGrammar(fmt::format("line {}: words and single spaces expected", number));
  }
  return words;
}

std::optional<unsigned> hex_digit(char c) {
  const std::size_t value = std::string_view("0123456789abcdef").find(c);
  return value == std::string_view::npos ? std::nullopt : std::optional(static_cast<unsigned>(value));
}

std::optional<Bits> value_in(std::string_view text, std::optional<Family> addresses_of) {
  if (!addresses_of) {
    return read_number(text, ~Bits{0});
  }
  const auto address = parse_address(text);
  const bool is_canonical = address && address->family == *addresses_of && to_string(*address) == text;
  return is_canonical ? std::optional(address->bits) : std::nullopt;
}

// The end of the string that begins at `text[0]`, its quotation mark included.
std::size_t string_length(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && text[end] != '"') {
    end += text[end] == '\\' ? 2U : 1U;
  }
  return std::min(end + 1, text.size());
}

}  // namespace

std::vector<TextLine> read_tree(std::string_view text) {
  if (text.empty() || text.back() != '\n' || first_invalid_utf8(text)) {
    throw NotTheGrammar("the text is UTF-8 and ends with a line end");
  }
  TextLine root;
  std::vector<TextLine*> open = {&root};
  std::size_t number = 0;
  text.remove_suffix(1);
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t depth = spaces / 2;
    const bool has_control =
        std::ranges::any_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (spaces % 2 != 0 || depth >= open.size() || spaces == line.size() || has_control) {
      throw NotTheGrammar(fmt::format("line {}: two spaces for each level, words, no control bytes", number));
    }
    open.resize(depth + 1);
    open.back()->below.push_back({.number = number, .words = words_of(line.substr(spaces), number), .below = {}});
    open.push_back(&open.back()->below.back());
  }
  return std::move(root.below);
}

std::optional<Bits> read_number(std::string_view text, Bits most) {
  if (text.empty() || text.size() > 39 || (text.size() > 1 && text[0] == '0')) {
    return std::nullopt;
  }
  Bits value = 0;
  for (const char c : text) {
    const Bits digit = static_cast<Bits>(c - '0');
    if (!is_digit(c) || value > (~Bits{0} - digit) / 10) {
      return std::nullopt;
    }
    value = value * 10 + digit;
  }
  return value <= most ? std::optional(value) : std::nullopt;
}

std::optional<std::string> read_string(std::string_view word) {
  if (word.size() < 2 || word.front() != '"' || word.back() != '"') {
    return std::nullopt;
  }
  std::string bytes;
  const std::string_view inner = word.substr(1, word.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '"') {
      return std::nullopt;
    }
    if (inner[i] != '\\') {
      bytes += inner[i];
      continue;
    }
    const std::string_view escape = inner.substr(i + 1, 3);
    const auto high = escape.size() == 3 ? hex_digit(escape[1]) : std::nullopt;
    const auto low = escape.size() == 3 ? hex_digit(escape[2]) : std::nullopt;
    if (escape.starts_with('"') || escape.starts_with('\\')) {
      bytes += escape[0];
      i += 1;
    } else if (escape.starts_with('x') && high && low) {
      bytes += static_cast<char>(*high * 16 + *low);
      i += 3;
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

std::optional<IntervalSet> read_set(std::string_view word, std::optional<Family> addresses_of) {
  if (word == "none") {
    return IntervalSet{};
  }
  std::vector<Interval> intervals;
  for (const std::string_view part : split(word, ',')) {
    const std::size_t dash = part.find('-');
    const auto low = value_in(part.substr(0, dash), addresses_of);
    const auto high = dash == std::string_view::npos ? low : value_in(part.substr(dash + 1), addresses_of);
    const bool is_one_value = dash == std::string_view::npos;
    if (!low || !high || (!is_one_value && *low >= *high)) {
      return std::nullopt;
    }
    intervals.push_back({*low, *high});
  }
  const IntervalSet set = IntervalSet::of(intervals);
  // Ascending and not touching: as many as in the canonical form, in its order.
  return std::ranges::equal(set.intervals(), intervals) ? std::optional(set) : std::nullopt;
}

std::optional<Prefix> read_prefix(std::string_view word) {
  const auto prefix = parse_prefix(word);
  const bool is_whole = prefix && word == fmt::format("{}/{}", to_string(prefix->address), prefix->length);
  return is_whole ? prefix : std::nullopt;
}

void LineWords::fail(std::string_view wanted) const {
  throw NotTheGrammar(fmt::format("line {}: {} expected at word {} of `{}`", line_.number, wanted, next_ + 1,
                                  fmt::join(line_.words, " ")));
}

bool LineWords::has(std::string_view word) {
  const bool found = !at_end() && line_.words[next_] == word;
  next_ += found ? 1 : 0;
  return found;
}

void LineWords::must(std::string_view word) {
  if (!has(word)) {
    fail(word);
  }
}

std::string LineWords::word() {
  if (at_end()) {
    fail("a word");
  }
  return line_.words[next_++];
}

std::size_t LineWords::one_of(const std::vector<std::string_view>& words) {
  const auto found = at_end() ? words.end() : std::ranges::find(words, line_.words[next_]);
  if (found == words.end()) {
    fail(fmt::format("one of {}", fmt::join(words, ", ")));
  }
  ++next_;
  return static_cast<std::size_t>(found - words.begin());
}

std::string LineWords::string() {
  const auto text = at_end() ? std::nullopt : read_string(line_.words[next_]);
  if (!text) {
    fail("a string");
  }
  ++next_;
  return *text;
}

std::vector<std::string> LineWords::strings() {
  std::vector<std::string> result;
  const std::string list = word();
  for (std::string_view rest = list;;) {
    const std::size_t length = rest.empty() ? 0 : string_length(rest);
    const auto text = read_string(rest.substr(0, length));
    if (!text) {
      fail("strings");
    }
    result.push_back(*text);
    rest.remove_prefix(length);
    if (rest.empty()) {
      return result;
    }
    if (rest[0] != ',') {
      fail("a comma");
    }
    rest.remove_prefix(1);
  }
}

std::string LineWords::interface_name(bool& is_prefix) {
  std::string text = word();
  is_prefix = text.back() == '*';
  if (is_prefix) {
    text.pop_back();
  }
  const auto name = read_string(text);
  if (!name) {
    fail("the name of an interface");
  }
  return *name;
}

Bits LineWords::number(Bits most) {
  const auto value = read_number(word(), most);
  if (!value) {
    fail("a number");
  }
  return *value;
}

Bits LineWords::hexadecimal() {
  const std::string text = word();
  Bits value = 0;
  const bool is_short =
      text.size() > 2 && text.size() <= 34 && text.starts_with("0x") && (text.size() == 3 || text[2] != '0');
  for (std::size_t i = 2; is_short && i < text.size(); ++i) {
    const auto digit = hex_digit(text[i]);
    if (!digit) {
      fail("a hexadecimal number");
    }
    value = value << 4U | *digit;
  }
  if (!is_short) {
    fail("a hexadecimal number");
  }
  return value;
}

Address LineWords::address() {
  const std::string text = word();
  const auto address = parse_address(text);
  if (!address || to_string(*address) != text) {
    fail("an address");
  }
  return *address;
}

InterfaceAddress LineWords::interface_address() {
  const std::string text = word();
  const auto address = parse_interface_address(text);
  if (!address || text != fmt::format("{}/{}", to_string(address->address), address->prefix.length)) {
    fail("an address and a length");
  }
  return *address;
}

Prefix LineWords::prefix() {
  const auto prefix = read_prefix(word());
  if (!prefix) {
    fail("a prefix");
  }
  return *prefix;
}

Family LineWords::family() {
  return one_of({"4", "6"}) == 0 ? Family::ipv4 : Family::ipv6;
}

IntervalSet LineWords::set(std::optional<Family> addresses_of) {
  const auto set = read_set(word(), addresses_of);
  if (!set) {
    fail("a set");
  }
  return *set;
}

WrittenPlace LineWords::place() {
  const std::string text = word();
  if (text == "@-") {
    return {};
  }
  const std::size_t colon = text.rfind(':');
  const auto path = text.starts_with('@') && colon != std::string::npos
                        ? read_string(std::string_view(text).substr(1, colon - 1))
                        : std::nullopt;
  const auto line = path ? read_number(std::string_view(text).substr(colon + 1), 0xffffffffU) : std::nullopt;
  if (!line) {
    fail("a place");
  }
  return {.path = path, .line = static_cast<std::uint32_t>(*line)};
}

void LineWords::end() const {
  if (!at_end()) {
    fail("the end of the line");
  }
}

void LineWords::leaf() const {
  end();
  if (!line_.below.empty()) {
    fail("nothing below the line");
  }
}

}  // namespace segproof::test
