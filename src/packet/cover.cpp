// SPDX-License-Identifier: Apache-2.0
// Covers a set by rows: an irredundant sum of products over intervals. Field by field, what all values have in common
// becomes rows over the whole field (the core); address fields go on with the two halves of the prefix, other fields
// with groups of values that lead to the same rest. Node ids decide nothing here, only sets do, so that equal sets give
// equal rows in any Space.
#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "base/assert.h"
#include "packet/diagram.h"
#include "packet/row_merge.h"
#include "packet/rows.h"

namespace segproof {
namespace {

bool is_address(Field field) {
  return field == Field::destination || field == Field::source;
}

class Cover {
 public:
  Cover(Space& space, std::size_t limit) : space_(space), diagram_(space.diagram()), limit_(limit) {}

  // Rows between must and may; nothing beyond the limit.
  std::optional<std::vector<Row>> products(NodeId must, NodeId may) {
    start();
    descend(0, must, may);
    return finish();
  }

  // Disjoint rows of one set: each path of fields, values that lead to the same rest together.
  std::optional<std::vector<Row>> paths(NodeId set) {
    start();
    list_paths(0, set);
    return finish();
  }

 private:
  // The values low..high of a field lead to `must` and `may`.
  struct Segment {
    Bits low;
    Bits high;
    NodeId must;
    NodeId may;
  };
  using Segments = std::vector<Segment>;

  void start() {
    rows_.clear();
    overflow_ = false;
    row_ = Row{space_.family(), {}};
  }

  std::optional<std::vector<Row>> finish() {
    if (overflow_)
      return std::nullopt;
    return std::move(rows_);
  }

  [[nodiscard]] Bits max(Field field) const { return field_max(field, space_.family()); }
  [[nodiscard]] IntervalSet& values(std::size_t index) { return row_.fields[index]; }

  void emit() {
    if (rows_.size() >= limit_) {
      overflow_ = true;
    } else {
      rows_.push_back(row_);
    }
  }

  void descend(std::size_t index, NodeId must, NodeId may) {
    if (must == Space::Diagram::none || overflow_)
      return;
    if (index == field_count)
      return emit();
    const auto field = static_cast<Field>(index);
    Segments segments;
    if (!split(field, must, may, segments)) {
      overflow_ = true;
      return;
    }
    if (is_address(field)) {
      halve(index, segments, 0, max(field));
    } else {
      core(index, segments, 0, max(field));
      group(index, segments);
    }
  }

  // The common refinement of both views.
  bool split(Field field, NodeId must, NodeId may, Segments& segments) {
    std::vector<Space::Diagram::FieldSegment> a;
    std::vector<Space::Diagram::FieldSegment> b;
    if (!diagram_.view(field, must, a) || !diagram_.view(field, may, b))
      return false;
    Bits low = 0;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
      const Bits high = std::min(a[i].high, b[j].high);
      segments.push_back({low, high, a[i].below, b[j].below});
      if (a[i].high == high)
        ++i;
      if (b[j].high == high)
        ++j;
      low = high + 1;
    }
    return true;
  }

  // Rows over low..high as a whole: what every value may lead to. Takes what they cover from `must`.
  void core(std::size_t index, Segments& segments, Bits low, Bits high) {
    NodeId common = Space::Diagram::all;
    for (const Segment& segment : segments) {
      common = diagram_.intersect(common, segment.may);
      if (common == Space::Diagram::none)
        return;
    }
    std::vector<NodeId> parts;
    for (const Segment& segment : segments)
      parts.push_back(diagram_.intersect(segment.must, common));
    std::ranges::sort(parts);
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    const NodeId needed = diagram_.unite_all(parts);
    if (needed == Space::Diagram::none)
      return;
    values(index) = IntervalSet::range(low, high);
    descend(index + 1, needed, common);
    for (Segment& segment : segments)
      segment.must = diagram_.subtract(segment.must, common);
  }

  // Segments that cover the prefix low..high.
  void halve(std::size_t index, Segments& segments, Bits low, Bits high) {
    const auto needed = [](const Segment& segment) { return segment.must != Space::Diagram::none; };
    if (overflow_ || std::ranges::none_of(segments, needed))
      return;
    core(index, segments, low, high);
    if (segments.size() == 1)
      return;
    const Bits middle = low + ((high - low) >> 1U);
    Segments left;
    Segments right;
    for (const Segment& segment : segments) {
      if (segment.low <= middle) {
        left.push_back({segment.low, std::min(segment.high, middle), segment.must, segment.may});
      }
      if (segment.high > middle) {
        right.push_back({std::max(segment.low, middle + 1), segment.high, segment.must, segment.may});
      }
    }
    halve(index, left, low, middle);
    halve(index, right, middle + 1, high);
  }

  // One group of rows for each different `may`, by first appearance; values that may more join in.
  void group(std::size_t index, Segments& segments) {
    constexpr std::size_t few = 64;
    std::vector<NodeId> groups;
    for (const Segment& segment : segments) {
      const bool known = segment.must == Space::Diagram::none || std::ranges::find(groups, segment.may) != groups.end();
      if (!known)
        groups.push_back(segment.may);
    }
    const bool widen = groups.size() <= few;
    for (const NodeId may : groups) {
      std::vector<NodeId> parts;
      std::vector<Interval> intervals;
      for (const Segment& segment : segments) {
        if (segment.may == may)
          parts.push_back(segment.must);
      }
      if (diagram_.unite_all(parts) == Space::Diagram::none)
        continue;  // an earlier group took it all
      for (Segment& segment : segments) {
        if (segment.may != may && !(widen && diagram_.is_subset(may, segment.may)))
          continue;
        intervals.push_back({segment.low, segment.high});
        parts.push_back(diagram_.intersect(segment.must, may));
        segment.must = diagram_.subtract(segment.must, may);
      }
      values(index) = IntervalSet::of(std::move(intervals));
      descend(index + 1, diagram_.unite_all(parts), may);
    }
  }

  void list_paths(std::size_t index, NodeId set) {
    if (overflow_)
      return;
    if (index == field_count)
      return emit();
    std::vector<Space::Diagram::FieldSegment> segments;
    if (!diagram_.view(static_cast<Field>(index), set, segments)) {
      overflow_ = true;
      return;
    }
    std::vector<NodeId> order;
    std::unordered_map<NodeId, std::vector<Interval>> groups;
    for (const auto& segment : segments) {
      if (segment.below == Space::Diagram::none)
        continue;
      std::vector<Interval>& intervals = groups[segment.below];
      if (intervals.empty())
        order.push_back(segment.below);
      intervals.push_back({segment.low, segment.high});
    }
    for (const NodeId below : order) {
      values(index) = IntervalSet::of(groups[below]);
      list_paths(index + 1, below);
    }
  }

  Space& space_;
  Space::Diagram& diagram_;
  std::size_t limit_;
  std::vector<Row> rows_;
  Row row_;
  bool overflow_ = false;
};

}  // namespace

std::optional<std::vector<Row>> cover(PacketSet must, PacketSet may, std::size_t limit) {
  SEGPROOF_ASSERT(must.subset_of(may));
  Space& space = must.space();
  Cover cover(space, limit);
  auto products = cover.products(must.root(), may.root());
  if (products) {
    merge_rows(*products);
    tighten_rows(*products, must, may);
  }
  // Only a shorter disjoint listing is worth it.
  auto paths = Cover(space, products ? products->size() : limit).paths(must.root());
  if (paths)
    merge_rows(*paths);
  auto& best = paths && (!products || paths->size() < products->size()) ? paths : products;
  if (best)
    std::ranges::sort(*best, {}, &Row::fields);
  return best;
}

std::optional<std::vector<Row>> readable_cover(PacketSet set, std::size_t limit) {
  const PacketSet valid = set.space().valid();
  auto rows = cover(set & valid, set | valid.complement(), limit);
  if (!rows)
    return rows;
  // The freedom of impossible packets makes rows few, but "dport 22 flags syn" of all protocols is tcp's alone.
  const auto bound = [&](const Row& row, Field field) {
    return row.fields[static_cast<std::size_t>(field)] != IntervalSet::range(0, field_max(field, row.family));
  };
  for (Row& row : *rows) {
    if (!bound(row, Field::destination_port) && !bound(row, Field::source_port) && !bound(row, Field::tcp_flags))
      continue;
    IntervalSet& protocols = row.fields[static_cast<std::size_t>(Field::protocol)];
    const IntervalSet possible = (row_set(set.space(), row) & valid).values(Field::protocol);
    const std::size_t parts = possible.intervals().size();
    if (parts <= protocols.intervals().size() || parts <= 2)
      protocols = possible;
  }
  merge_rows(*rows);
  std::ranges::sort(*rows, {}, &Row::fields);
  return rows;
}

PacketSet to_set(Space& space, std::span<const Row> rows) {
  std::vector<PacketSet> sets;
  sets.reserve(rows.size());
  for (const Row& row : rows) {
    SEGPROOF_ASSERT(row.family == space.family());
    sets.push_back(row_set(space, row));
  }
  return space.any_of(sets);
}

}  // namespace segproof
