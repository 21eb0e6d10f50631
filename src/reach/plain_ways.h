// SPDX-License-Identifier: Apache-2.0
// The ways through a node on which packets are only filtered: what passes all stages and the routing decision on such a
// way is one set, worked out once for all floods.
#pragma once

#include <optional>

#include "packet/space.h"
#include "reach/approximation.h"

namespace segproof::reach {

struct CompiledNode;

// What of the packets that came through the first of the node's hooks goes on, with the hop that it takes in
// Field::egress (0: delivered). Nothing where a stage on the way tracks, translates, marks or copies packets.
struct PlainWays {
  std::optional<PacketSet> delivered;
  std::optional<PacketSet> forwarded;  // past the routing decision and the forward rules
  std::optional<PacketSet> through;    // past the rules where packets leave, too
};

[[nodiscard]] PlainWays plain_ways(const CompiledNode& node, Approximation approximation, Space& space);

}  // namespace segproof::reach
