// SPDX-License-Identifier: Apache-2.0
// Operations that change a field: forget, cofactor, assign_bits, relabel.
#include <algorithm>
#include <queue>
#include <utility>

#include "base/assert.h"
#include "packet/diagram.h"
#include "packet/operation_codes.h"
#include "packet/rebuild.h"

namespace segproof {

NodeId Space::Diagram::forget(FieldSet fields, NodeId root) {
  unsigned last = 0;
  for (std::size_t index = 0; index < field_count; ++index) {
    if (fields.has(static_cast<Field>(index)))
      last = levels().last(static_cast<Field>(index));
  }
  return forget_below(fields, last, root);
}

NodeId Space::Diagram::forget_below(FieldSet fields, unsigned last, NodeId node) {
  if (level(node) > last)
    return node;
  const std::uint32_t operation = operation_code::forget(fields);
  const bool is_high = level(node) <= OperationCache::last_high_level(levels());
  if (const NodeId* found = is_high ? cache_.find_high(node, 0, operation) : cache_.find(node, 0, operation))
    return *found;
  const Digit* uppers = store_.uppers(node);
  const NodeId* children = store_.children(node);
  const std::uint32_t count = store_.edge_count(node);
  NodeId result = none;
  if (fields.has(levels()[level(node)].field)) {
    std::vector<NodeId> distinct(children, children + count);
    std::ranges::sort(distinct);
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    for (NodeId& child : distinct)
      child = forget_below(fields, last, child);
    result = unite_all(distinct);
  } else {
    const NodeStore::Frame frame = store_.open();
    bool is_same = true;
    for (std::uint32_t i = 0; i < count; ++i) {
      const NodeId child = forget_below(fields, last, children[i]);
      is_same = is_same && child == children[i];
      store_.push(frame, uppers[i], child);
    }
    result = is_same ? store_.close_as(frame, node) : store_.close(frame, level(node));
  }
  if (is_high) {
    cache_.store_high(node, 0, operation, result);
  } else {
    cache_.store(node, 0, operation, result);
  }
  return result;
}

NodeId Space::Diagram::cofactor(Field field, Bits value, NodeId root) {
  if (value > field_max(field, levels().family()))
    return none;
  NodeMap done;
  const unsigned last = levels().last(field);
  return rebuild_above(levels().first(field), root, done, [&](NodeId node) {
    while (level(node) <= last) {
      const Level& digit = levels()[level(node)];
      node = store_.child_at(node, static_cast<std::uint32_t>(value >> digit.shift & low_ones(digit.width)));
    }
    return node;
  });
}

// The node whose digit d leads to the union of the children of all segments that hold d.
NodeId Space::Diagram::from_segments(unsigned at, std::vector<Segment> segments) {
  std::erase_if(segments, [](const Segment& segment) { return segment.child == none; });
  std::ranges::sort(segments, [](const Segment& a, const Segment& b) {
    return a.low != b.low ? a.low < b.low : a.high != b.high ? a.high < b.high : a.child < b.child;
  });
  // Few layers without overlaps inside: each segment goes on the layer that ends first, if that is before its start.
  using End = std::pair<std::uint32_t, std::size_t>;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends;
  std::vector<std::vector<Segment>> layers;
  for (const Segment& segment : segments) {
    std::size_t layer = layers.size();
    if (!ends.empty() && ends.top().first < segment.low) {
      layer = ends.top().second;
      ends.pop();
    } else {
      layers.emplace_back();
    }
    layers[layer].push_back(segment);
    ends.emplace(segment.high, layer);
  }
  const std::uint32_t max = levels()[at].max;
  std::vector<NodeId> nodes;
  for (const std::vector<Segment>& layer : layers) {
    const NodeStore::Frame frame = store_.open();
    std::uint32_t next = 0;
    for (const Segment& segment : layer) {
      if (segment.low > next)
        store_.push(frame, segment.low - 1, none);
      store_.push(frame, segment.high, segment.child);
      next = segment.high + 1;
    }
    if (next <= max)
      store_.push(frame, max, none);
    nodes.push_back(store_.close(frame, at));
  }
  return unite_all(nodes);
}

NodeId Space::Diagram::assign_digit(unsigned at, std::uint32_t value, std::uint32_t mask, NodeId node) {
  // Windows of digits that differ only below the mask's lowest bit keep their shape; each moves to its target.
  const std::uint32_t window = mask & (~mask + 1U);
  const std::uint32_t max = levels()[at].max;
  const Digit whole = static_cast<Digit>(max);
  const bool here = level(node) == at;
  const Digit* uppers = here ? store_.uppers(node) : &whole;
  const NodeId* children = here ? store_.children(node) : &node;
  const auto target = [&](std::uint32_t digit) { return (digit & ~mask) | (value & mask); };
  std::vector<Segment> segments;
  std::vector<NodeId> latest(max / window + 1, none);  // by target: the last child that came as a whole window
  std::uint32_t low = 0;
  for (std::uint32_t i = 0;; ++i) {
    const std::uint32_t high = uppers[i];
    for (std::uint32_t start = low; children[i] != none && start <= high;) {
      const std::uint32_t end = std::min(high, start | (window - 1U));
      const bool known = end - start == window - 1U && target(start) <= max &&
                         std::exchange(latest[target(start) / window], children[i]) == children[i];
      if (!known && target(start) <= max)
        segments.push_back({target(start), std::min(target(end), max), children[i]});
      start = end + 1;
    }
    if (high == max)
      break;
    low = high + 1;
  }
  // Many windows of one edge fall on the same target.
  std::ranges::sort(segments, [](const Segment& a, const Segment& b) {
    return a.low != b.low ? a.low < b.low : a.high != b.high ? a.high < b.high : a.child < b.child;
  });
  const auto same = [](const Segment& a, const Segment& b) {
    return a.low == b.low && a.high == b.high && a.child == b.child;
  };
  segments.erase(std::unique(segments.begin(), segments.end(), same), segments.end());
  return from_segments(at, std::move(segments));
}

NodeId Space::Diagram::assign_bits(Field field, Bits value, Bits mask, NodeId root) {
  const Bits max = field_max(field, levels().family());
  const Bits all_bits = low_ones(field_width(field, levels().family()));
  // No packet may be rewritten to a value that does not exist, since it would vanish from the set.
  SEGPROOF_ASSERT((value & mask & all_bits) <= max);
  // Low bits are safe when the values come in whole runs of them.
  const Bits bits = mask & all_bits;
  const bool whole_runs = (bits & (bits + 1)) == 0 && ((max + 1) & bits) == 0;
  SEGPROOF_ASSERT((max & (max + 1)) == 0 || bits == all_bits || whole_runs);
  NodeId result = root;
  for (unsigned at = levels().first(field); at <= levels().last(field); ++at) {
    const Level& digit = levels()[at];
    const auto digit_mask = static_cast<std::uint32_t>(mask >> digit.shift & low_ones(digit.width));
    const auto digit_value = static_cast<std::uint32_t>(value >> digit.shift & low_ones(digit.width));
    if (digit_mask == 0)
      continue;
    NodeMap done;
    result =
        rebuild_above(at, result, done, [&](NodeId node) { return assign_digit(at, digit_value, digit_mask, node); });
  }
  return result;
}

NodeId Space::Diagram::relabel(Field field, std::span<const std::uint16_t> table, NodeId root) {
  const unsigned at = levels().first(field);
  SEGPROOF_ASSERT(at == levels().last(field));
  const std::uint32_t max = levels()[at].max;
  for (const std::uint16_t target : table)
    SEGPROOF_ASSERT(target <= max);
  NodeMap done;
  return rebuild_above(at, root, done, [&](NodeId node) {
    const Digit whole = static_cast<Digit>(max);
    const bool here = level(node) == at;
    const Digit* uppers = here ? store_.uppers(node) : &whole;
    const NodeId* children = here ? store_.children(node) : &node;
    std::vector<Segment> segments;
    std::uint32_t low = 0;
    for (std::uint32_t i = 0;; ++i) {
      const std::uint32_t high = uppers[i];
      for (std::uint32_t digit = low; digit <= high && digit < table.size(); ++digit) {
        segments.push_back({table[digit], table[digit], children[i]});
      }
      const auto kept = std::max(low, static_cast<std::uint32_t>(std::min<std::size_t>(table.size(), 65536)));
      if (kept <= high)
        segments.push_back({kept, high, children[i]});
      if (high == max)
        break;
      low = high + 1;
    }
    return from_segments(at, std::move(segments));
  });
}

}  // namespace segproof
