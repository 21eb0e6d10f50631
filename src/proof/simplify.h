// SPDX-License-Identifier: Apache-2.0
// Fewer and wider rows for a proof that the checker accepts: what a node drops, or nobody is there to take, need not be
// told apart.
#pragma once

#include <vector>

#include "check/core/closure.h"
#include "proof/remembered.h"

namespace segproof::proof {

// `proof` answers `questions` in `worlds`, and does so afterwards. Rows only grow, and those within others go. `steps`
// bounds the work; what is not done by then stays as it is. `memories` are of these worlds.
void simplify(check::FamilyProof& proof, const std::vector<check::Question>& questions,
              const std::vector<check::Surroundings>& worlds, std::vector<Memory>& memories, check::Sets& sets,
              std::size_t steps);

}  // namespace segproof::proof
