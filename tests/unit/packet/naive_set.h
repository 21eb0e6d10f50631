// SPDX-License-Identifier: Apache-2.0
// The slow and obvious set of packets that the diagrams are compared with: an expression tree over boxes, evaluated for
// one packet at a time. It shares nothing with the engine but the packet type and IntervalSet's intervals.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "packet/space.h"

namespace segproof::test {

using Random = std::mt19937_64;
using Predicate = std::function<bool(const Packet&)>;

// A set twice: as the engine sees it and as a predicate.
struct Twin {
  PacketSet set;
  Predicate naive;
};

// The seed of a random test: SEGPROOF_SEED or a fixed one; the caller prints it.
[[nodiscard]] std::uint64_t seed();
[[nodiscard]] std::uint64_t below(Random& random, std::uint64_t bound);
// A value of the field; values near those in `interesting` and near the ends are likely.
[[nodiscard]] Bits random_value(Random& random, Field field, Family family);
[[nodiscard]] IntervalSet random_values(Random& random, Field field, Family family);
// Any mask of a narrow field; one with few holes of a wide field (each hole doubles the intervals).
[[nodiscard]] Bits random_mask(Random& random, Field field, Family family);
[[nodiscard]] Packet random_packet(Random& random, Family family);
// A union of a few boxes with intervals and masks, possibly combined by difference.
[[nodiscard]] Twin random_set(Random& random, Space& space, int depth = 3);

}  // namespace segproof::test
