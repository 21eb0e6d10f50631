// SPDX-License-Identifier: Apache-2.0
// A ruleset as the model has it: one stage for each base chain, with the chains that it reaches. What the text reader
// and the JSON reader made goes the same way from here on.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "input/nft/findings.h"
#include "input/nft/ruleset.h"
#include "model/rule.h"

namespace segproof::nft {

struct Lowered {
  model::RuleSet rules;                 // without flaw
  std::vector<std::string> interfaces;  // that rules name, sorted; "eth+" is a prefix
  bool tracks = false;                  // stages of kind track are present
};

// Faults go to `findings`. `whole` is the file as such, for what has no line.
Lowered lower(const Ruleset& ruleset, const SourceSpan& whole, Findings& findings);

}  // namespace segproof::nft
