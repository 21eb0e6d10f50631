// SPDX-License-Identifier: Apache-2.0
// What a verification leaves for the next one, of the same network after a change. The verdicts are those of a
// verification that knows nothing of an earlier one; only work is saved.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "claim/change.h"
#include "claim/session.h"
#include "reach/program_store.h"

namespace segproof::claim {

// An earlier verification. All that it points to stays alive while it is used.
struct Earlier {
  const model::Network* network = nullptr;
  std::span<const Claim> claims;
  const Results* results = nullptr;
  // Nodes, by name, with a file whose bytes changed since. Files have the same FileId and path then and now.
  std::vector<std::string> touched = {};
};

struct Continuation {
  std::optional<Earlier> earlier = {};                  // nothing: this is the first one, or files came and went
  model::PerFamily<reach::ProgramStore> programs = {};  // compiled rule sets, for this verification and the next
  // Of the verification at hand.
  std::size_t claims_judged = 0;
  std::size_t claims_kept = 0;
  std::size_t rule_sets_known = 0;  // nodes whose rules did not have to be compiled again
};

// The verdicts of a claim as they were, where the change cannot have touched them; its places are those of `claim`.
// Nothing where it has to be judged again.
[[nodiscard]] std::optional<std::vector<Verdict>> kept_verdicts(const Claim& claim, const Earlier& earlier,
                                                                const Change& change);

// As `verify`.
[[nodiscard]] Results verify_again(const model::Network& network, std::span<const Claim> claims,
                                   const SourceStore& sources, const Options& options, Continuation& continuation);

}  // namespace segproof::claim
