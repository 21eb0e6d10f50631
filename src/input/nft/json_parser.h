// SPDX-License-Identifier: Apache-2.0
// The JSON of `nft -j list ruleset` as a Ruleset.
#pragma once

#include "base/source.h"
#include "input/nft/findings.h"
#include "input/nft/ruleset.h"

namespace segproof::nft {

// Before nft 1.1.4 a table with one flag has a word there that may be any: such a table is perhaps dormant.
// Faults go to `findings`, each with the place of the object; what they may hide stays in the result as doubt.
Ruleset parse_ruleset_json(FileId file, const SourceStore& sources, Findings& findings);

}  // namespace segproof::nft
