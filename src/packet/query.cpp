// SPDX-License-Identifier: Apache-2.0
// Questions about a set: membership, values of a field, one example, size.
#include <algorithm>

#include "base/assert.h"
#include "packet/diagram.h"
#include "packet/operation_codes.h"

namespace segproof {

bool Space::Diagram::contains(NodeId root, const Packet& packet) const {
  SEGPROOF_ASSERT(packet.family == levels().family());
  while (!store_.is_terminal(root)) {
    const Level& digit = levels()[level(root)];
    const Bits value = packet[digit.field];
    if (value > field_max(digit.field, levels().family()))
      return false;
    root = store_.child_at(root, static_cast<std::uint32_t>(value >> digit.shift & low_ones(digit.width)));
  }
  return root == all;
}

NodeId Space::Diagram::support(Field field, NodeId root) {
  const unsigned first = levels().first(field);
  const unsigned last = levels().last(field);
  const auto drawn = [&](auto&& self, NodeId node) -> NodeId {
    if (node == none)
      return none;
    if (level(node) > last)
      return all;
    const std::uint32_t code = operation_code::support;
    const auto key = static_cast<NodeId>(field);
    if (const NodeId* found = cache_.find(node, key, code))
      return *found;
    const Digit* uppers = store_.uppers(node);
    const NodeId* children = store_.children(node);
    const std::uint32_t count = store_.edge_count(node);
    const NodeStore::Frame frame = store_.open();
    for (std::uint32_t i = 0; i < count; ++i)
      store_.push(frame, uppers[i], self(self, children[i]));
    const NodeId result = store_.close(frame, level(node));
    cache_.store(node, key, code, result);
    return result;
  };
  // Every node that the walk meets at the field or below can be reached, so its values occur.
  NodeMap seen;
  std::vector<NodeId> entries;
  std::vector<NodeId> todo{root};
  while (!todo.empty()) {
    const NodeId node = todo.back();
    todo.pop_back();
    if (node == none || seen.find(node) != nullptr)
      continue;
    seen.insert(node, node);
    if (level(node) > last)
      return all;
    if (level(node) >= first) {
      entries.push_back(node);
      continue;
    }
    todo.insert(todo.end(), store_.children(node), store_.children(node) + store_.edge_count(node));
  }
  for (NodeId& entry : entries)
    entry = drawn(drawn, entry);
  std::ranges::sort(entries);
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return unite_all(entries);
}

bool Space::Diagram::view(Field field, NodeId node, std::vector<FieldSegment>& segments) const {
  const unsigned last = levels().last(field);
  const auto add = [&](Bits low, Bits high, NodeId below) {
    if (!segments.empty() && segments.back().below == below) {
      segments.back().high = high;
    } else {
      segments.push_back({low, high, below});
    }
  };
  // The values base + [0, all digits from `at` on].
  const auto walk = [&](auto&& self, unsigned at, Bits base, NodeId here) -> bool {
    if (segments.size() > max_intervals)
      return false;
    const Level& digit = levels()[at];
    if (level(here) > last) {
      add(base, base + (Bits{digit.max} << digit.shift | low_ones(digit.shift)), here);
      return true;
    }
    const bool skipped = level(here) > at;  // each value of this digit, the same below
    const std::uint32_t count = skipped ? 1 : store_.edge_count(here);
    std::uint32_t low = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t high = skipped ? digit.max : store_.uppers(here)[i];
      const NodeId child = skipped ? here : store_.children(here)[i];
      if (level(child) > last) {
        add(base + (Bits{low} << digit.shift), base + (Bits{high} << digit.shift | low_ones(digit.shift)), child);
      } else {
        for (std::uint32_t value = low; value <= high; ++value) {
          if (!self(self, at + 1, base + (Bits{value} << digit.shift), child))
            return false;
        }
      }
      low = high + 1;
    }
    return true;
  };
  return walk(walk, levels().first(field), 0, node);
}

IntervalSet Space::Diagram::to_intervals(Field field, NodeId root) const {
  std::vector<FieldSegment> segments;
  if (!view(field, root, segments))
    throw SpaceExhausted();
  std::vector<Interval> found;
  for (const FieldSegment& segment : segments) {
    SEGPROOF_ASSERT(segment.below <= all);
    if (segment.below == all)
      found.push_back({segment.low, segment.high});
  }
  return IntervalSet::of(std::move(found));
}

std::optional<Bits> Space::Diagram::next_value(Field field, NodeId root, Bits from) const {
  if (from > field_max(field, levels().family()))
    return std::nullopt;
  // Within the block of `at` and the digits below it, the smallest value >= from (relative to the block).
  const auto search = [&](auto&& self, unsigned at, NodeId node, Bits start) -> std::optional<Bits> {
    if (node == none)
      return std::nullopt;
    if (node == all)
      return start;
    const Level& digit = levels()[at];
    const auto start_digit = static_cast<std::uint32_t>(start >> digit.shift);
    const Bits start_rest = start & low_ones(digit.shift);
    std::uint32_t value = start_digit;
    while (value <= digit.max) {
      NodeId child = node;
      std::uint32_t upper = digit.max;
      if (level(node) == at) {
        const Digit* begin = store_.uppers(node);
        const auto index = std::lower_bound(begin, begin + store_.edge_count(node), value) - begin;
        child = store_.children(node)[index];
        upper = begin[index];
      }
      // The first digit may fail because of its start; the others of the edge are all alike.
      if (const auto rest = self(self, at + 1, child, value == start_digit ? start_rest : 0)) {
        return Bits{value} << digit.shift | *rest;
      }
      value = value == start_digit && child != none && upper > value ? value + 1 : upper + 1;
    }
    return std::nullopt;
  };
  return search(search, levels().first(field), root, from);
}

std::optional<Packet> Space::Diagram::pick(NodeId root, std::span<const PacketSet::Preference> preferences) {
  if (root == none)
    return std::nullopt;
  Packet packet{levels().family(), {}};
  std::array<bool, field_count> decided{};
  const auto decide = [&](Field field, std::span<const Interval> wanted) {
    if (std::exchange(decided[static_cast<std::size_t>(field)], true))
      return;
    const NodeId possible = support(field, root);
    std::optional<Bits> value;
    for (const Interval& interval : wanted) {
      value = next_value(field, possible, interval.low);
      if (value && *value <= interval.high)
        break;
      value.reset();
    }
    if (!value)
      value = next_value(field, possible, 0);
    SEGPROOF_ASSERT(value.has_value());
    packet[field] = *value;
    root = cofactor(field, *value, root);
  };
  for (const PacketSet::Preference& preference : preferences)
    decide(preference.field, preference.wanted);
  for (std::size_t index = 0; index < field_count; ++index)
    decide(static_cast<Field>(index), {});
  return packet;
}

Space::Size Space::Diagram::size(NodeId root) const {
  Size result;
  NodeMap seen;
  std::vector<NodeId> todo{root};
  while (!todo.empty()) {
    const NodeId node = todo.back();
    todo.pop_back();
    if (store_.is_terminal(node) || seen.find(node) != nullptr)
      continue;
    seen.insert(node, node);
    ++result.nodes;
    result.edges += store_.edge_count(node);
    todo.insert(todo.end(), store_.children(node), store_.children(node) + store_.edge_count(node));
  }
  return result;
}

}  // namespace segproof
