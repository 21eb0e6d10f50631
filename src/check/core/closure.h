// SPDX-License-Identifier: Apache-2.0
// The check of a proved claim: no row of a certificate leads out of its rows, and none of them is forbidden.
#pragma once

#include "check/core/certificate.h"

namespace check {

inline constexpr std::size_t all_steps = 200'000'000;

// The worlds of the present and of the epochs before whose sessions may be open.
[[nodiscard]] std::vector<Surroundings> worlds_of(const Network& network, Sets& sets);
// The flows that are known in an epoch: its own, and those of the epochs before it.
[[nodiscard]] std::vector<FlowRow> known_flows(const Layers& layers, std::size_t epoch, std::size_t node);

// Throws Rejected or TooLarge; otherwise the claim holds in this family.
void check_proof(const FamilyProof& proof, const Claim& claim, const Places& fallen, const Network& network,
                 Sets& sets);
// Whether the claim speaks of somebody on both sides in this family.
[[nodiscard]] bool covers(const Claim& claim, const Surroundings& world);
// Whether a certificate must treat this family: one that is covered; of compromise both, since hosts fall in either.
[[nodiscard]] bool needs(const Claim& claim, const Surroundings& world);

}  // namespace check
