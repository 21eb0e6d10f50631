// SPDX-License-Identifier: Apache-2.0
// What the text reader and the JSON reader do alike once the ruleset is there.
#pragma once

#include "input/nft/findings.h"
#include "input/nft/reader.h"
#include "input/nft/ruleset.h"

namespace segproof::nft {

// Lowers the ruleset without the tables `elsewhere` into `result`, with what was found on the way. `whole` is the file.
void finish(Ruleset ruleset, const SourceSpan& whole, const NftTableNames& elsewhere, Findings& findings,
            NftResult& result);

}  // namespace segproof::nft
