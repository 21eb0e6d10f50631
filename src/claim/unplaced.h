// SPDX-License-Identifier: Apache-2.0
// What nothing can be proved in spite of.
//
// Hosts that are on no segment that is known: an inventory lists them without an address, or with one that no segment
// has. The engine sends nothing from such a host and delivers nothing to it, since it may be anywhere; so nothing can
// be proved of it. Hosts that a claim does not name need no care: those that nobody listed stand for them on each
// segment.
#pragma once

#include <vector>

#include "claim/places.h"
#include "claim/verdict.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::claim {

// One entry for each such host among the places, in their order.
[[nodiscard]] std::vector<UndecidedInput> unplaced_hosts(const Resolved& places, const model::Network& network);

// One entry for each such host among the hosts that the claim names or whose zone it names, in the claim's order.
[[nodiscard]] std::vector<UndecidedInput> unplaced_parties(const Claim& claim, const model::Network& network);

// What was not read or is missing and belongs to no node: anything may follow from it, wherever one looks.
[[nodiscard]] std::vector<UndecidedInput> doubts_everywhere(const model::Network& network);

}  // namespace segproof::claim
