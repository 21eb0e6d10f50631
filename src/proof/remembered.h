// SPDX-License-Identifier: Apache-2.0
// Steps that take from a memory what was worked out before: rows are stepped through many times while a certificate
// is written, and most packets come through a node like those of another row, or of the same one before.
#pragma once

#include <unordered_map>

#include "check/core/spread.h"

namespace segproof::proof {

// What becomes of packets in the nodes of one world. Invariant: the sets of that world are those that it was filled
// with.
class Memory {
 public:
  [[nodiscard]] const check::Walked& becomes(check::NodeWalk& node, std::size_t number, const check::Passage& inside);

 private:
  using Key = std::vector<std::uint64_t>;
  struct Hash {
    [[nodiscard]] std::size_t operator()(const Key& key) const;
  };
  [[nodiscard]] static Key key_of(std::size_t node, const check::Passage& packets);

  std::unordered_map<Key, check::Walked, Hash> known_;
  std::size_t size_ = 0;  // passages in it: it begins anew when they are too many
};

class RememberedSpread final : public check::Spread {
 public:
  RememberedSpread(const check::Surroundings& world, check::Events& events, std::size_t& steps, Memory& memory)
      : Spread(world, events, steps), world_(&world), memory_(&memory) {}

 protected:
  [[nodiscard]] check::Walked walk(check::NodeWalk& node, const check::Spot& spot, const check::Box& box) override;

 private:
  const check::Surroundings* world_;
  Memory* memory_;
};

}  // namespace segproof::proof
