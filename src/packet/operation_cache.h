// SPDX-License-Identifier: Apache-2.0
// Remembers results of operations on nodes: direct mapped, forgets on collision, stays small on purpose (a miss that
// recomputes is cheaper than a look-up that leaves the processor's cache; docs/decisions/0001). Results never age,
// because nodes never change.
//
// What was computed high in a diagram is kept apart, and more of it: thousands of results below must not push out the
// few above them. A diagram of ten thousand hosts in a hundred groups has a hundred different nodes below its
// destinations; without this, each is worked through again for every host.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/node_store.h"

namespace segproof {

class OperationCache {
 public:
  struct Entry {
    NodeId a = 0;
    NodeId b = 0;
    std::uint32_t operation = 0;  // 0 = free
    NodeId result = 0;
  };

  // Results on nodes of this level or above are kept apart: the sources, and what stands over them.
  [[nodiscard]] static unsigned last_high_level(const LevelPlan& levels) { return levels.first(Field::source); }

  // Null where nothing is remembered. Valid until the next store.
  [[nodiscard]] const NodeId* find(NodeId a, NodeId b, std::uint32_t operation) const {
    return low_.find(a, b, operation);
  }
  [[nodiscard]] const NodeId* find_high(NodeId a, NodeId b, std::uint32_t operation) const {
    return high_.find(a, b, operation);
  }
  void store(NodeId a, NodeId b, std::uint32_t operation, NodeId result) { low_.store({a, b, operation, result}); }
  void store_high(NodeId a, NodeId b, std::uint32_t operation, NodeId result) {
    high_.store({a, b, operation, result});
  }

 private:
  class Table {
   public:
    explicit Table(std::size_t last_size) : entries_(first_size), last_size_(last_size) {}

    [[nodiscard]] const NodeId* find(NodeId a, NodeId b, std::uint32_t operation) const {
      const Entry& entry = entries_[slot(a, b, operation)];
      return entry.a == a && entry.b == b && entry.operation == operation ? &entry.result : nullptr;
    }
    void store(const Entry& entry) {
      if (stores_++ >= 2 * entries_.size() && entries_.size() < last_size_)
        grow();
      entries_[slot(entry.a, entry.b, entry.operation)] = entry;
    }

   private:
    static constexpr std::size_t first_size = std::size_t{1} << 8U;

    [[nodiscard]] std::size_t slot(NodeId a, NodeId b, std::uint32_t operation) const {
      std::uint64_t h = (std::uint64_t{a} << 32U | b) * 0x9E3779B97F4A7C15ULL;
      h ^= (operation + 0x7F4A7C15ULL) * 0xD6E8FEB86659FD93ULL;
      return (h ^ h >> 32U) & (entries_.size() - 1);
    }

    void grow() {
      std::vector<Entry> old(entries_.size() * 2);
      old.swap(entries_);
      for (const Entry& entry : old) {
        if (entry.operation != 0)
          entries_[slot(entry.a, entry.b, entry.operation)] = entry;
      }
      stores_ = 0;
    }

    std::vector<Entry> entries_;
    std::size_t last_size_;
    std::size_t stores_ = 0;
  };

  Table low_{std::size_t{1} << 16U};
  Table high_{std::size_t{1} << 18U};
};

}  // namespace segproof
