// SPDX-License-Identifier: Apache-2.0
#include "claim/continuation.h"

#include <algorithm>

namespace segproof::claim {

std::optional<std::vector<Verdict>> kept_verdicts(const Claim& claim, const Earlier& earlier, const Change& change) {
  const auto before = std::ranges::find(earlier.claims, claim.id, &Claim::id);
  if (before == earlier.claims.end() || change.is_everything() || !same_words(*before, claim)) {
    return std::nullopt;
  }
  std::vector<Verdict> kept;
  bool all_proved = true;
  bool all_looked_at = true;
  for (const Verdict& verdict : earlier.results->verdicts) {
    if (verdict.id == claim.id || (verdict.advisory && verdict.id.starts_with(claim.id + "/"))) {
      kept.push_back(verdict);
      all_proved = all_proved && verdict.outcome == Outcome::proved && verdict.undecided.empty();
      all_looked_at = all_looked_at && verdict.outcome != Outcome::not_evaluated;
      kept.back().location = claim.origin;
    }
  }
  // What is not proved may cite the claim itself, and its witness may depend on what was tried before it.
  const bool stays = change.is_nothing() ? all_proved || (all_looked_at && before->origin == claim.origin)
                                         : all_proved && change.is_far_from(claim);
  return stays && !kept.empty() ? std::optional(std::move(kept)) : std::nullopt;
}

}  // namespace segproof::claim
