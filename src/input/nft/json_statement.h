// SPDX-License-Identifier: Apache-2.0
// Statements of `nft -j list ruleset` as the statements that the text reader makes.
#pragma once

#include "input/nft/json_expression.h"
#include "input/nft/statement.h"

namespace segproof::nft {

// A statement that is not understood has the kind not_understood and says so in `text`. Never throws JsonFault.
template <class Value>
[[nodiscard]] Statement json_statement(const Value& json, const SourceSpan& span);

}  // namespace segproof::nft
