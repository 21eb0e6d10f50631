// SPDX-License-Identifier: Apache-2.0
// Tables of the families bridge and arp: they see frames, not routed packets, and can still stop what passes.
#pragma once

#include <vector>

#include "input/nft/findings.h"
#include "input/nft/ruleset.h"
#include "model/rule.h"

namespace segproof::nft {

// A stage that perhaps drops, or does anything where the chain could change a packet; a gap says so. Precondition: the
// chain has a hook.
void link_layer_chain(const Table& table, const Chain& chain, model::RuleSet& rules, std::vector<model::Stage>& stages,
                      Findings& findings);

}  // namespace segproof::nft
