// SPDX-License-Identifier: Apache-2.0
// Who is wired to whom: nodes and segments as a graph. Boost.Graph builds and searches it inside this room; what leaves
// the room is frozen into plain rows. It knows no packets: a path here is a path of cables, not of permissions.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "model/network.h"

namespace segproof::graph {

class Wiring {
 public:
  explicit Wiring(const model::Network& network);
  ~Wiring();
  Wiring(Wiring&&) noexcept;
  Wiring& operator=(Wiring&&) noexcept;

  // True when cables lead from one segment to the other through nodes that could forward (devices, and hosts with
  // several interfaces unless their forwarding is recorded as off), `without` left out when given.
  [[nodiscard]] bool connected(model::SegmentId from, model::SegmentId to,
                               std::optional<model::NodeId> without = std::nullopt) const;
  // All nodes, so that each comes as early as its distance from the segments that hold hosts allows: the order in which
  // a fixpoint over the network settles fastest. Stable.
  [[nodiscard]] const std::vector<model::NodeId>& settling_order() const { return order_; }
  // Number of separate islands of cable.
  [[nodiscard]] std::size_t island_count() const { return islands_; }
  // The fewest nodes that a packet crosses from one segment to the other; nothing when there is no way.
  [[nodiscard]] std::optional<unsigned> distance(model::SegmentId from, model::SegmentId to) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
  std::vector<model::NodeId> order_;
  std::size_t islands_ = 0;
};

// May the node pass packets between its interfaces, in the over-approximation?
[[nodiscard]] bool may_forward(const model::Node& node);

}  // namespace segproof::graph
