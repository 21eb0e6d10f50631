// SPDX-License-Identifier: Apache-2.0
// Remembers results of operations on nodes: direct mapped, forgets on collision, stays small on purpose (a miss that
// recomputes is cheaper than a look-up that leaves the processor's cache; docs/decisions/0001). Results never age,
// because nodes never change.
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

  OperationCache() : entries_(first_size) {}

  // The slot where (a, b, operation) is or would be stored. Valid until the next call of make_room.
  [[nodiscard]] std::size_t slot(NodeId a, NodeId b, std::uint32_t operation) const {
    std::uint64_t h = (std::uint64_t{a} << 32U | b) * 0x9E3779B97F4A7C15ULL;
    h ^= (operation + 0x7F4A7C15ULL) * 0xD6E8FEB86659FD93ULL;
    return (h ^ h >> 32U) & (entries_.size() - 1);
  }
  [[nodiscard]] const NodeId* find(std::size_t slot, NodeId a, NodeId b, std::uint32_t operation) const {
    const Entry& entry = entries_[slot];
    return entry.a == a && entry.b == b && entry.operation == operation ? &entry.result : nullptr;
  }
  void store(NodeId a, NodeId b, std::uint32_t operation, NodeId result) {
    if (stores_++ >= 2 * entries_.size() && entries_.size() < last_size)
      grow();
    entries_[slot(a, b, operation)] = {a, b, operation, result};
  }

 private:
  static constexpr std::size_t first_size = std::size_t{1} << 8U;
  static constexpr std::size_t last_size = std::size_t{1} << 16U;

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
  std::size_t stores_ = 0;
};

}  // namespace segproof
