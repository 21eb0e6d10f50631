// SPDX-License-Identifier: Apache-2.0
// Packets aimed at a rule set: fields come from what its rules ask for, on and beside the bounds, and from nowhere.
#pragma once

#include <vector>

#include "dice.h"
#include "draft.h"
#include "model/single_packet.h"

namespace segproof::oracle {

struct Probe {
  Packet packet;
  std::string ingress;  // empty: sent from here
  std::string way;      // where packets leave that are not for this device; empty: all stay here
};

// Sorted by way, so that routes change rarely.
[[nodiscard]] std::vector<Probe> random_probes(Dice& dice, const Draft& draft, std::size_t count);

// "eth0 > LOCAL tcp 10.0.0.5:1024 > 10.0.0.1:80 [syn]"
[[nodiscard]] std::string text_of(const Probe& probe);

}  // namespace segproof::oracle
