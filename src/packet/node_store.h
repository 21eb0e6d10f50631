// SPDX-License-Identifier: Apache-2.0
// The nodes of diagrams, hash-consed: equal nodes have equal ids. A node is one digit, cut into intervals; edge k ends
// at upper[k] (the last one at the digit's maximum) and leads to child[k].
//   Invariants: neighbouring edges lead to different children; no node has a single edge; children lie on lower levels.
// So a function has one diagram only. Ids below the number of terminals are terminals. Nodes are never moved or freed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "packet/arena.h"
#include "packet/levels.h"

namespace segproof {

using NodeId = std::uint32_t;
using Digit = std::uint16_t;

class NodeStore {
 public:
  static constexpr unsigned terminal_level = 255;
  enum class Ranges { none, tracked };

  // `edge_budget` bounds what is built; SpaceExhausted beyond it. Cheap: it reserves address space only. With
  // Ranges::tracked each node knows the smallest and the largest terminal below it.
  NodeStore(Family family, std::uint32_t terminals, std::size_t edge_budget, Ranges ranges);

  [[nodiscard]] const LevelPlan& levels() const { return levels_; }
  [[nodiscard]] std::uint32_t terminals() const { return terminals_; }
  [[nodiscard]] bool is_terminal(NodeId id) const { return id < terminals_; }
  [[nodiscard]] unsigned level(NodeId id) const { return nodes_[id].level; }
  [[nodiscard]] std::uint32_t edge_count(NodeId id) const { return nodes_[id].last_edge + 1U; }
  [[nodiscard]] const Digit* uppers(NodeId id) const { return uppers_.data() + nodes_[id].first_edge; }
  [[nodiscard]] const NodeId* children(NodeId id) const { return children_.data() + nodes_[id].first_edge; }
  // Precondition: not a terminal, digit <= the level's maximum.
  [[nodiscard]] NodeId child_at(NodeId id, std::uint32_t digit) const;
  [[nodiscard]] NodeId smallest(NodeId id) const { return nodes_[id].smallest; }
  [[nodiscard]] NodeId largest(NodeId id) const { return nodes_[id].largest; }

  [[nodiscard]] std::size_t node_count() const { return node_count_ - terminals_; }
  [[nodiscard]] std::size_t edge_total() const { return edge_count_; }
  [[nodiscard]] std::size_t id_limit() const { return node_count_; }

  // Building a node: open(), push() its edges from the lowest digit on, close(). Frames nest as calls do; a frame may
  // only call for nodes of lower levels in between.
  struct Frame {
    std::size_t base;
  };
  [[nodiscard]] Frame open() const { return {staged_}; }
  void push(Frame frame, std::uint32_t upper, NodeId child);
  // Appends edges that are already in canonical form.
  void push_run(Frame frame, const Digit* uppers, const NodeId* children, std::size_t count);
  // The node with these edges: an old one, the only child, or a new one. Precondition: the last upper is the maximum.
  [[nodiscard]] NodeId close(Frame frame, unsigned level);
  // The same where the caller has seen that the edges are those of node `id`: nothing is looked up.
  [[nodiscard]] NodeId close_as(Frame frame, NodeId id) {
    staged_ = frame.base;
    return id;
  }

 private:
  struct Node {
    std::uint32_t first_edge = 0;
    std::uint16_t last_edge = 0;  // number of edges minus one
    std::uint8_t level = 0;
    NodeId smallest = 0;  // 0 unless tracked
    NodeId largest = 0;
  };

  void reserve(std::size_t edge_budget);
  [[nodiscard]] NodeId add(Frame frame, unsigned level, std::uint32_t count);
  void grow_table();
  [[noreturn]] void exhausted();

  LevelPlan levels_;
  std::uint32_t terminals_;
  Ranges ranges_;
  Arena<Node> nodes_;
  Arena<Digit> uppers_;
  Arena<NodeId> children_;
  Arena<Digit> staged_uppers_;
  Arena<NodeId> staged_children_;
  std::size_t node_count_ = 0;
  std::size_t edge_count_ = 0;
  std::size_t staged_ = 0;
  Arena<std::uint64_t> table_;  // hash tag << 32 | id; 0 is free (id 0 is a terminal)
};

inline void NodeStore::push(Frame frame, std::uint32_t upper, NodeId child) {
  if (staged_ > frame.base && staged_children_[staged_ - 1] == child) {
    staged_uppers_[staged_ - 1] = static_cast<Digit>(upper);
    return;
  }
  staged_uppers_[staged_] = static_cast<Digit>(upper);
  staged_children_[staged_++] = child;
}

}  // namespace segproof
