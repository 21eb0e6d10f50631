// SPDX-License-Identifier: Apache-2.0
// The packets that are tried: one value of each field for every class that no constant of the network and of the claims
// tells apart. Trying them all is as good as trying all packets, as long as nothing does arithmetic on fields.
#pragma once

#include <span>
#include <vector>

#include "agree/naive/probe.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::naive {

struct UniverseLimits {
  std::size_t packets = 6000;  // more than that: a random part, closed under inversion
  bool broadcasts = false;     // 255.255.255.255 or ff02::1, and the broadcast addresses of segments too
  bool fragments = true;
  std::uint64_t seed = 1;
};

[[nodiscard]] std::vector<Probe> universe_of(const model::Network& network, std::span<const claim::Claim> claims,
                                             Family family, const UniverseLimits& limits);

// One value of every class that membership in the sets tells apart; of each class one that is not 0, if there is one.
[[nodiscard]] std::vector<Bits> representatives(const std::vector<IntervalSet>& sets, Bits max);

}  // namespace segproof::naive
