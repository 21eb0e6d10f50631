// SPDX-License-Identifier: Apache-2.0
// The walk that rewriting operations share.
#pragma once

#include "packet/diagram.h"

namespace segproof {

// Rebuilds a diagram from its nodes above level `first`, with under(node) in place of every node that is entered at or
// below `first` (nodes far below too, since they leave the field free; terminal 0 stays).
template <class Under>
NodeId Space::Diagram::rebuild_above(unsigned first, NodeId node, NodeMap& done, const Under& under) {
  if (node == none)
    return none;
  if (const NodeId* found = done.find(node))
    return *found;
  NodeId result = none;
  if (level(node) >= first) {
    result = under(node);
  } else {
    const NodeStore::Frame frame = store_.open();
    const Digit* uppers = store_.uppers(node);
    const NodeId* children = store_.children(node);
    const std::uint32_t count = store_.edge_count(node);
    bool is_same = true;
    for (std::uint32_t i = 0; i < count; ++i) {
      const NodeId child = rebuild_above(first, children[i], done, under);
      is_same = is_same && child == children[i];
      store_.push(frame, uppers[i], child);
    }
    result = is_same ? store_.close_as(frame, node) : store_.close(frame, level(node));
  }
  done.insert(node, result);
  return result;
}

}  // namespace segproof
