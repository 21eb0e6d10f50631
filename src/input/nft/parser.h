// SPDX-License-Identifier: Apache-2.0
// The text of `nft list ruleset`, or of a source file, as a Ruleset: definitions are filled in, included files read,
// commands carried out in their order.
#pragma once

#include "base/source.h"
#include "input/nft/findings.h"
#include "input/nft/includes.h"
#include "input/nft/ruleset.h"

namespace segproof::nft {

// Faults of the text go to `findings`, each with line and column; what they may hide stays in the result as doubt.
// Without `includes` no file is included.
Ruleset parse_ruleset(FileId file, const SourceStore& sources, NftIncludes* includes, Findings& findings);

// Where a text shows that it is a template ({{ }}, {% %}, <% %>, ${ }); nothing otherwise.
[[nodiscard]] std::optional<SourceSpan> find_template(FileId file, const SourceStore& sources);

}  // namespace segproof::nft
