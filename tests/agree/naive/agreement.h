// SPDX-License-Identifier: Apache-2.0
// One claim, both engines.
#pragma once

#include <string>

#include "agree/naive/judge.h"
#include "agree/naive/random_network.h"
#include "claim/verdict.h"

namespace segproof::naive {

// What the naive engine has to say about one claim.
struct Opinion {
  std::optional<Finding> in_some_world;   // a forbidden packet, if undecided things may come out as they like
  std::optional<std::string> safe_world;  // the name of a fixed world without one
};

// Beside the packets of the universe, of which large networks only get a part, those of the verdict's witness are
// tried.
[[nodiscard]] Opinion opinion(const RandomCase& made, const claim::Claim& claim, const claim::Verdict& verdict,
                              std::size_t universe_limit);

enum class Agreement : std::uint8_t {
  agrees,
  wrong_proof,       // proved, but there is a forbidden packet
  wrong_refutation,  // refuted, but no forbidden packet in some world
  imprecise,         // inconclusive, though the naive engine sees the same in every world
  undecided,         // inconclusive, and the worlds differ
  not_compared,      // vacuous, not-evaluated
};

// `outcome` against the opinion.
[[nodiscard]] Agreement compare(claim::Outcome outcome, const Opinion& opinion);
[[nodiscard]] std::string_view word(Agreement agreement);

}  // namespace segproof::naive
