// SPDX-License-Identifier: Apache-2.0
// A conjunction of conditions on fields, and how a store of priorities draws it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "packet/node_store.h"
#include "packet/operation_cache.h"
#include "packet/packet.h"

namespace segproof {

// Fields without a condition are free. Interval sets are referred to, not copied: they live until the box was added to
// a map. Object groups stay whole: thousands of intervals in one field are one chain of nodes. Several conditions on
// one field are fine, but slower.
class Box {
 public:
  struct Within {
    Field field;
    const IntervalSet* values;
  };
  struct Masked {
    Field field;
    Bits value;
    Bits mask;
  };

  Box& where(Field field, const IntervalSet& values) {
    within_.push_back({field, &values});
    return *this;
  }
  Box& where(Field field, IntervalSet&& values) = delete;
  // (field & mask) == (value & mask)
  Box& where_masked(Field field, Bits value, Bits mask) {
    masked_.push_back({field, value, mask});
    return *this;
  }
  void clear() {
    within_.clear();
    masked_.clear();
  }
  [[nodiscard]] std::span<const Within> within() const { return within_; }
  [[nodiscard]] std::span<const Masked> masked() const { return masked_; }

 private:
  std::vector<Within> within_;
  std::vector<Masked> masked_;
};

// Where a box begins and ends, field by field in the order of levels: neighbours in this order share most.
using BoxKey = std::array<std::uint64_t, 7>;
[[nodiscard]] BoxKey key_of(const Box& box, Family family);
// Of a set, by its lowest packet.
[[nodiscard]] BoxKey key_of(const Packet& lowest);

// The packets of the box lead to terminal `inside`, the others to the last terminal. Precondition: the store tracks
// ranges, and what lies in `cache` is of that store.
[[nodiscard]] NodeId draw_box(NodeStore& store, OperationCache& cache, const Box& box, NodeId inside);

// The pointwise minimum of priorities; the last terminal is the largest.
[[nodiscard]] NodeId merge_priorities(NodeStore& store, OperationCache& cache, NodeId a, NodeId b);
// Of all of them, balanced in the given order. Precondition: not empty.
[[nodiscard]] NodeId merge_priorities(NodeStore& store, OperationCache& cache, std::span<const NodeId> roots);

}  // namespace segproof
