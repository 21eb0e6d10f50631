// SPDX-License-Identifier: Apache-2.0
// What a random network and one of its claims exercise, in the words of claims.md: so that nobody believes that the
// engines agree on something that no network ever holds.
#pragma once

#include <set>
#include <string>

#include "agree/naive/random_network.h"

namespace segproof::naive {

[[nodiscard]] std::set<std::string> features_of(const RandomCase& made, const claim::Claim& claim);

}  // namespace segproof::naive
