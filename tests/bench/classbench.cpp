// SPDX-License-Identifier: Apache-2.0
// The format of ClassBench's filters. Its last column holds bits that TCP flags do not have; it is read over, so a list
// may match more than its author meant: a workload, not a configuration.
#include <charconv>

#include "base/text.h"
#include "bench/rule_list.h"

namespace segproof::bench {
namespace {

// Cuts what comes before the first blank off, and blanks after it.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  const std::size_t end = std::min(text.find_first_of(" \t\r", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::optional<Bits> number(std::string_view text, int base) {
  std::uint32_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return fault == std::errc() && end == text.data() + text.size() ? std::optional<Bits>(value) : std::nullopt;
}

std::optional<Interval> prefix(std::string_view word, Family family) {
  const std::size_t slash = word.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::optional<Bits> length = number(word.substr(slash + 1), 10);
  const std::optional<Address> address = parse_address(word.substr(0, slash));
  if (!address || address->family != family || !length || *length > address_width(family)) {
    return std::nullopt;
  }
  return make_prefix(*address, static_cast<unsigned>(*length)).interval();
}

std::optional<Interval> range(std::string_view& text) {
  const std::optional<Bits> low = number(next_word(text), 10);
  const bool colon = next_word(text) == ":";
  const std::optional<Bits> high = number(next_word(text), 10);
  return low && colon && high && *low <= *high && *high <= 65535 ? std::optional<Interval>({*low, *high})
                                                                 : std::nullopt;
}

std::optional<ListRule> parse_filter(std::string_view line, Family family) {
  if (!line.starts_with('@')) {
    return std::nullopt;
  }
  line.remove_prefix(1);
  const std::optional<Interval> source = prefix(next_word(line), family);
  const std::optional<Interval> destination = prefix(next_word(line), family);
  const std::optional<Interval> source_port = range(line);
  const std::optional<Interval> destination_port = range(line);
  const std::string_view protocol = next_word(line);
  if (!source || !destination || !source_port || !destination_port || !protocol.starts_with("0x") ||
      protocol.size() != 9) {
    return std::nullopt;
  }
  const std::optional<Bits> value = number(protocol.substr(2, 2), 16);
  const std::optional<Bits> mask = number(protocol.substr(7), 16);
  if (!value || !mask || (*mask != 0 && *mask != 255)) {
    return std::nullopt;
  }
  ListRule rule;
  rule.source = *source;
  rule.destination = *destination;
  rule.source_port = *source_port;
  rule.destination_port = *destination_port;
  rule.protocol = *mask == 0 ? Interval{0, 255} : Interval{*value, *value};
  return rule;
}

}  // namespace

std::optional<RuleList> parse_classbench(const std::string& text, Family family) {
  RuleList list{family, {}};
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    const std::optional<ListRule> rule = parse_filter(line, family);
    if (!rule) {
      return std::nullopt;
    }
    list.rules.push_back(*rule);
  }
  return list;
}

}  // namespace segproof::bench
