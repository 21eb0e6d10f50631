// SPDX-License-Identifier: Apache-2.0
// A memo from node to node for one walk over a diagram: open addressing, no removal.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/node_store.h"

namespace segproof {

class NodeMap {
 public:
  NodeMap() : slots_(64) {}

  [[nodiscard]] const NodeId* find(NodeId key) const {
    const Slot& slot = slots_[place(key)];
    return slot.used ? &slot.value : nullptr;
  }
  // Precondition: the key is not there yet.
  void insert(NodeId key, NodeId value) {
    if (++count_ * 2 > slots_.size())
      grow();
    slots_[place(key)] = {key, value, true};
  }

 private:
  struct Slot {
    NodeId key = 0;
    NodeId value = 0;
    bool used = false;
  };
  [[nodiscard]] std::size_t place(NodeId key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (key * 0x9E3779B97F4A7C15ULL >> 32U) & mask;
    while (slots_[at].used && slots_[at].key != key)
      at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.used)
        slots_[place(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace segproof
