// SPDX-License-Identifier: Apache-2.0
// Random claims about a network, with every kind and key on which the naive engine has an opinion.
#pragma once

#include <vector>

#include "agree/naive/random_rules.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::naive {

// At most six. Few of them are vacuous.
[[nodiscard]] std::vector<claim::Claim> random_claims(Dice& dice, const model::Network& network, Family family);

}  // namespace segproof::naive
