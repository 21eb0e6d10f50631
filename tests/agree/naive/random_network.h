// SPDX-License-Identifier: Apache-2.0
// Small random networks with everything that makes segmentation hard: several firewalls and ways, state, NAT, marks,
// hosts with two legs, host firewalls, missing routes, unlisted hosts, an outside. The same seed gives the same
// network.
#pragma once

#include <cstdint>
#include <vector>

#include "model/claim.h"
#include "model/network.h"

namespace segproof::naive {

enum class Flavour : std::uint8_t {
  decided,    // nothing undecided: a verdict is due
  undecided,  // undecided rules, missing configurations, hosts that may forward
};

struct RandomCase {
  std::uint64_t seed = 0;
  Flavour flavour = Flavour::decided;
  Family family = Family::ipv4;
  model::Network network;
  std::vector<claim::Claim> claims;
};

[[nodiscard]] RandomCase random_case(std::uint64_t seed, Flavour flavour);

}  // namespace segproof::naive
