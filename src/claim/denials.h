// SPDX-License-Identifier: Apache-2.0
// Who denies it: the lines that stop packets on their way from one party to the other, as evidence of a proof. Found by
// following everything that the senders get as far as each device, and asking its rules what they drop of it.
#pragma once

#include <vector>

#include "claim/parties.h"
#include "claim/verdict.h"

namespace segproof::claim {

// By device and line, each once, at most `limit`.
[[nodiscard]] std::vector<Denial> denials(const std::vector<Forbidden>& directions, World& world,
                                          const SourceStore& sources, std::size_t limit = 24);

// Removes doubles and sorts by place.
void tidy(std::vector<Denial>& denials);

}  // namespace segproof::claim
