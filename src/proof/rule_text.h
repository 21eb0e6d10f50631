// SPDX-License-Identifier: Apache-2.0
// The rules of one node, as lines of the network file: chains as they are, then the stages that ask them. A stage that
// sees no family is left out.
#pragma once

#include <cstddef>
#include <string>

#include "base/source.h"
#include "model/rule.h"
#include "proof/words.h"

namespace segproof::proof {

// ACTION, without a line: "jump 3", "translate source to 10.0.0.1/4".
[[nodiscard]] std::string action_words(const model::Action& action);

// Precondition: the rules are without flaw.
void write_rules(const model::RuleSet& rules, const SourceStore& sources, std::size_t depth, Page& page);

}  // namespace segproof::proof
