// SPDX-License-Identifier: Apache-2.0
// A network as text, for the eyes of whoever looks into a disagreement. Complete enough to rebuild it by hand.
#pragma once

#include <string>

#include "base/source.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::naive {

[[nodiscard]] std::string text_of(const model::Rule& rule, const model::RuleSet& rules);
[[nodiscard]] std::string text_of(const model::Network& network, Family family);
[[nodiscard]] std::string text_of(const claim::Claim& claim);

// Gives every rule, route, node and claim a line of its own in a file of the store, so that answers can cite it.
void attach_sources(model::Network& network, std::vector<claim::Claim>& claims, SourceStore& store);

}  // namespace segproof::naive
