// SPDX-License-Identifier: Apache-2.0
// Rows as text for people.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "packet/rows.h"

namespace segproof {
namespace {

const IntervalSet& values(const Row& row, Field field) {
  return row.fields[static_cast<std::size_t>(field)];
}
IntervalSet full(const Row& row, Field field) {
  return IntervalSet::range(0, field_max(field, row.family));
}
bool is_full(const Row& row, Field field) {
  return values(row, field) == full(row, field);
}

IntervalSet protocols_where(bool (*holds)(std::uint8_t)) {
  std::vector<Interval> list;
  for (unsigned number = 0; number < 256; ++number) {
    if (holds(static_cast<std::uint8_t>(number)))
      list.push_back({number, number});
  }
  return IntervalSet::of(std::move(list));
}

std::string number_text(const Interval& interval) {
  const auto low = static_cast<unsigned>(interval.low);
  const auto high = static_cast<unsigned>(interval.high);
  return low == high ? fmt::format("{}", low) : fmt::format("{}-{}", low, high);
}

std::string protocols_text(const IntervalSet& set) {
  std::vector<std::string> names;
  for (const Interval& interval : set.intervals()) {
    if (interval.high - interval.low > 3) {
      names.push_back(number_text(interval));
      continue;
    }
    for (Bits number = interval.low; number <= interval.high; ++number) {
      names.push_back(protocol_name(static_cast<std::uint8_t>(number)));
    }
  }
  return fmt::format("{}", fmt::join(names, ","));
}

std::string numbers_text(const IntervalSet& set) {
  std::vector<std::string> parts;
  for (const Interval& interval : set.intervals())
    parts.push_back(number_text(interval));
  return fmt::format("{}", fmt::join(parts, ","));
}

std::string addresses_text(Family family, const IntervalSet& set) {
  std::vector<std::string> parts;
  for (const Interval& interval : set.intervals()) {
    const std::vector<Prefix> prefixes = prefixes_of(family, interval);
    if (prefixes.size() <= 2) {
      for (const Prefix& prefix : prefixes)
        parts.push_back(to_string(prefix));
    } else {
      parts.push_back(to_string(Address{family, interval.low}) + "-" + to_string(Address{family, interval.high}));
    }
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

// "X", or "all except Y" where Y has fewer or smaller parts.
template <class Text>
std::string shorter_text(const IntervalSet& set, Bits max, const Text& text) {
  const IntervalSet rest = set.complement(max);
  if (rest.is_empty())
    return "any";
  const bool except = rest.intervals().size() < set.intervals().size() ||
                      (rest.intervals().size() == set.intervals().size() && rest.size() < 16 && set.size() >= 16);
  return except ? "all except " + text(rest) : text(set);
}

// "type 0,8", "type 3 code 4", "type 0,8 or type 3 code 4".
std::string icmp_text(const IntervalSet& overlay) {
  std::vector<Interval> whole;
  std::vector<std::string> parts;
  for (const Interval& interval : overlay.intervals()) {
    for (Bits low = interval.low; low <= interval.high;) {
      const Bits type = low >> 8U;
      const Bits high = std::min(interval.high, type << 8U | 255U);
      const Interval codes{low & 255U, high & 255U};
      if (codes == Interval{0, 255}) {
        whole.push_back({type, type});
      } else {
        parts.push_back(fmt::format("type {} code {}", static_cast<unsigned>(type), number_text(codes)));
      }
      low = high + 1;
    }
  }
  if (!whole.empty())
    parts.insert(parts.begin(), "type " + numbers_text(IntervalSet::of(std::move(whole))));
  return fmt::format("{}", fmt::join(parts, " or "));
}

// "syn,!ack" when the set is "these flags set, those clear, the rest free".
std::optional<std::string> flag_cube_text(const IntervalSet& set) {
  unsigned ones = 255;
  unsigned zeros = 255;
  for (unsigned flags = 0; flags < 256; ++flags) {
    if (!set.contains(flags))
      continue;
    ones &= flags;
    zeros &= ~flags;
  }
  const unsigned free = 255U & ~(ones | zeros);
  for (unsigned flags = 0; flags < 256; ++flags) {
    if (set.contains(flags) != ((flags & ~free) == ones))
      return std::nullopt;
  }
  if (free == 0) {
    const auto names = tcp_flag_names(static_cast<std::uint8_t>(ones));
    return names.empty() ? "none" : fmt::format("only {}", fmt::join(names, ","));
  }
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 8; ++bit) {
    const auto flag = static_cast<std::uint8_t>(1U << bit);
    if ((free & flag) != 0)
      continue;
    names.push_back(((ones & flag) != 0 ? "" : "!") + std::string(tcp_flag_names(flag).front()));
  }
  return fmt::format("{}", fmt::join(names, ","));
}

std::string flags_text(const IntervalSet& set) {
  if (const auto cube = flag_cube_text(set))
    return *cube;
  if (const auto cube = flag_cube_text(set.complement(255)))
    return "all except " + *cube;
  std::vector<std::string> parts;
  for (const Interval& interval : set.intervals()) {
    const auto low = static_cast<unsigned>(interval.low);
    const auto high = static_cast<unsigned>(interval.high);
    parts.push_back(low == high ? fmt::format("0x{:02x}", low) : fmt::format("0x{:02x}-0x{:02x}", low, high));
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

// The service words of a row whose protocols are all ICMP or none of them is. What validity implies is left out.
std::vector<std::string> service_words(const Row& row) {
  const IntervalSet& protocols = values(row, Field::protocol);
  const IntervalSet portless = protocols_where(has_ports) | protocols_where(is_icmp);
  std::vector<std::string> words;
  if (!is_full(row, Field::protocol))
    words.push_back(shorter_text(protocols, 255, protocols_text));
  const auto ports_text = [](const IntervalSet& set) { return shorter_text(set, 65535, numbers_text); };
  const IntervalSet& overlay = values(row, Field::destination_port);
  if (protocols_where(is_icmp).contains(protocols)) {
    if (!is_full(row, Field::destination_port))
      words.push_back(icmp_text(overlay));
  } else if (protocols.intersects(portless)) {
    if (!is_full(row, Field::destination_port))
      words.push_back("dport " + ports_text(overlay));
    if (!is_full(row, Field::source_port))
      words.push_back("sport " + ports_text(values(row, Field::source_port)));
    if (!is_full(row, Field::tcp_flags) && protocols.contains(protocol_number::tcp)) {
      words.push_back("flags " + flags_text(values(row, Field::tcp_flags)));
    }
  }
  const IntervalSet& fragment = values(row, Field::fragment);
  const bool port_bound = !is_full(row, Field::destination_port) || !is_full(row, Field::source_port);
  if (fragment == IntervalSet::single(1)) {
    words.emplace_back("later fragments");
  } else if (!is_full(row, Field::fragment) && !port_bound) {
    words.emplace_back("without later fragments");
  }
  return words;
}

}  // namespace

std::string service_text(const Row& row) {
  // A port list means types for ICMP: such a row is told in two halves.
  const IntervalSet icmp = values(row, Field::protocol) & protocols_where(is_icmp);
  const IntervalSet other = values(row, Field::protocol) - icmp;
  const bool mixed =
      !is_full(row, Field::destination_port) && !icmp.is_empty() && other.intersects(protocols_where(has_ports));
  if (mixed && !is_full(row, Field::protocol)) {
    Row left = row;
    Row right = row;
    left.fields[static_cast<std::size_t>(Field::protocol)] = other;
    right.fields[static_cast<std::size_t>(Field::protocol)] = icmp;
    return service_text(left) + " or " + service_text(right);
  }
  const std::vector<std::string> words = service_words(row);
  return words.empty() ? "any" : fmt::format("{}", fmt::join(words, " "));
}

std::string to_string(const Row& row) {
  std::string out = service_text(row);
  const auto addresses = [&](const IntervalSet& set) { return addresses_text(row.family, set); };
  for (const auto& [word, field] : {std::pair{"from", Field::source}, std::pair{"to", Field::destination}}) {
    if (is_full(row, field))
      continue;
    fmt::format_to(std::back_inserter(out), " {} {}", word,
                   shorter_text(values(row, field), field_max(field, row.family), addresses));
  }
  return out;
}

}  // namespace segproof
