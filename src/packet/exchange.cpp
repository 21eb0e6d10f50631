// SPDX-License-Identifier: Apache-2.0
// Two neighbouring fields change places. A reorder of levels in place would blow up; instead, a set f(upper, lower,
// rest) is cut into the parts that are equal for all values of `upper`:
//     f = OR over the distinct t below `upper` of  [upper in V(t)] and t(lower, rest)
// and each part is put together again with V(t) drawn over `lower` and t moved up to `upper`.
#include <algorithm>

#include "base/assert.h"
#include "packet/diagram.h"
#include "packet/rebuild.h"

namespace segproof {

struct Space::Diagram::Part {
  NodeId below;   // a node below the field
  NodeId values;  // the values of the field that lead to it, drawn over the field `as`
};

// The parts of a node by its values of `field`, without the empty one, ascending by `below`.
const std::vector<Space::Diagram::Part>& Space::Diagram::partition(Field field, Field as, NodeId node, PartMap& done) {
  if (const auto found = done.find(node); found != done.end())
    return found->second;
  if (node == none)
    return done[node];
  if (level(node) > levels().last(field))
    return done[node] = {{node, all}};
  struct Entry {
    NodeId below;
    std::uint32_t edge;
    NodeId values;
  };
  const std::uint32_t count = store_.edge_count(node);
  std::vector<Entry> entries;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (const Part& part : partition(field, as, store_.children(node)[i], done)) {
      entries.push_back({part.below, i, part.values});
    }
  }
  std::ranges::sort(
      entries, [](const Entry& a, const Entry& b) { return a.below != b.below ? a.below < b.below : a.edge < b.edge; });
  const unsigned at = level(node) - levels().first(field) + levels().first(as);
  const Digit* uppers = store_.uppers(node);
  std::vector<Part> parts;
  for (auto entry = entries.begin(); entry != entries.end();) {
    const NodeId below = entry->below;
    const NodeStore::Frame frame = store_.open();
    std::uint32_t next = 0;  // the next edge
    for (; entry != entries.end() && entry->below == below; ++entry) {
      if (entry->edge > next)
        store_.push(frame, uppers[entry->edge - 1], none);
      store_.push(frame, uppers[entry->edge], entry->values);
      next = entry->edge + 1;
    }
    if (next < count)
      store_.push(frame, uppers[count - 1], none);
    parts.push_back({below, store_.close(frame, at)});
  }
  return done[node] = std::move(parts);
}

// The same function with levels first..last moved up by `up`.
NodeId Space::Diagram::shift_levels(unsigned first, unsigned last, unsigned up, NodeId node, NodeMap& done) {
  if (level(node) > last)
    return node;
  SEGPROOF_ASSERT(level(node) >= first);
  if (const NodeId* found = done.find(node))
    return *found;
  const NodeStore::Frame frame = store_.open();
  const Digit* uppers = store_.uppers(node);
  const NodeId* children = store_.children(node);
  const std::uint32_t count = store_.edge_count(node);
  for (std::uint32_t i = 0; i < count; ++i) {
    store_.push(frame, uppers[i], shift_levels(first, last, up, children[i], done));
  }
  const NodeId result = store_.close(frame, level(node) - up);
  done.insert(node, result);
  return result;
}

NodeId Space::Diagram::exchange(Field upper, Field lower, NodeId root) {
  const unsigned first = levels().first(lower);
  const unsigned last = levels().last(lower);
  const unsigned up = first - levels().first(upper);
  SEGPROOF_ASSERT(levels().last(upper) + 1 == first && last - first + 1 == up);
  NodeMap done;
  NodeMap shifted;
  PartMap parts;
  return rebuild_above(levels().first(upper), root, done, [&](NodeId node) {
    if (level(node) > last)
      return node;  // both are free
    std::vector<NodeId> pieces;
    for (const Part& part : partition(upper, lower, node, parts)) {
      const NodeId moved = shift_levels(first, last, up, part.below, shifted);
      pieces.push_back(intersect(moved, part.values));
    }
    return unite_all(pieces);
  });
}

}  // namespace segproof
