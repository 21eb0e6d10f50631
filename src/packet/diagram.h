// SPDX-License-Identifier: Apache-2.0
// The diagrams of one Space: nodes with the terminals 0 (no packet) and 1 (every packet), and the operations on them.
// Everything here speaks of roots (node ids); space.h wraps them into values.
#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "packet/node_map.h"
#include "packet/node_store.h"
#include "packet/operation_cache.h"
#include "packet/space.h"

namespace segproof {

class Space::Diagram {
 public:
  static constexpr NodeId none = 0;
  static constexpr NodeId all = 1;

  Diagram(Family family, std::size_t edge_budget) : store_(family, 2, edge_budget, NodeStore::Ranges::none) {}

  [[nodiscard]] NodeStore& store() { return store_; }
  [[nodiscard]] const NodeStore& store() const { return store_; }
  [[nodiscard]] const LevelPlan& levels() const { return store_.levels(); }

  // Set algebra (algebra.cpp).
  NodeId unite(NodeId a, NodeId b);
  NodeId intersect(NodeId a, NodeId b);
  NodeId subtract(NodeId a, NodeId b);
  NodeId unite_all(std::span<const NodeId> roots);  // in the given order, balanced
  NodeId intersect_all(std::span<const NodeId> roots);
  bool is_subset(NodeId a, NodeId b);
  bool intersects(NodeId a, NodeId b);

  // Construction (diagram.cpp).
  NodeId where(Field field, const IntervalSet& values);
  NodeId where_masked(Field field, Bits value, Bits mask);
  NodeId valid();
  NodeId only(const Packet& packet);
  NodeId import(const Diagram& other, NodeId root);

  // Rewriting (rewrite.cpp, exchange.cpp).
  NodeId forget(FieldSet fields, NodeId root);
  NodeId cofactor(Field field, Bits value, NodeId root);
  NodeId assign_bits(Field field, Bits value, Bits mask, NodeId root);
  NodeId relabel(Field field, std::span<const std::uint16_t> table, NodeId root);
  // Field `upper` takes the value of `lower` and the other way round. Precondition: lower follows upper directly in the
  // order of levels and has the same width.
  NodeId exchange(Field upper, Field lower, NodeId root);

  // Questions (query.cpp).
  [[nodiscard]] bool contains(NodeId root, const Packet& packet) const;
  // The values of `field` in the set, as a set over that field only.
  NodeId support(Field field, NodeId root);
  // Precondition: nothing but `field` is constrained. Throws SpaceExhausted beyond `max_intervals`.
  [[nodiscard]] IntervalSet to_intervals(Field field, NodeId root) const;
  // The smallest value >= from of `field` in a set over that field only.
  [[nodiscard]] std::optional<Bits> next_value(Field field, NodeId root, Bits from) const;
  // A node as a function of one field: what the values of each interval lead to, from 0 to the field's maximum, equal
  // neighbours joined. Precondition: the node lies at the field's first level or below. False beyond max_intervals.
  struct FieldSegment {
    Bits low;
    Bits high;
    NodeId below;
  };
  [[nodiscard]] bool view(Field field, NodeId node, std::vector<FieldSegment>& segments) const;
  std::optional<Packet> pick(NodeId root, std::span<const PacketSet::Preference> preferences);
  [[nodiscard]] Size size(NodeId root) const;

  static constexpr std::size_t max_intervals = std::size_t{1} << 22U;

 private:
  struct Segment {
    std::uint32_t low;
    std::uint32_t high;
    NodeId child;
  };
  [[nodiscard]] unsigned level(NodeId id) const { return store_.level(id); }
  NodeId from_segments(unsigned level, std::vector<Segment> segments);
  NodeId forget_below(FieldSet fields, unsigned last, NodeId node);
  NodeId assign_digit(unsigned level, std::uint32_t value, std::uint32_t mask, NodeId node);
  NodeId import_node(const NodeStore& from, NodeId node, NodeMap& done);
  template <class Under>
  NodeId rebuild_above(unsigned first, NodeId node, NodeMap& done, const Under& under);
  struct Part;
  using PartMap = std::unordered_map<NodeId, std::vector<Part>>;
  const std::vector<Part>& partition(Field field, Field as, NodeId node, PartMap& done);
  NodeId shift_levels(unsigned first, unsigned last, unsigned up, NodeId node, NodeMap& done);

  NodeStore store_;
  OperationCache cache_;
  std::optional<NodeId> valid_;
};

}  // namespace segproof
