// SPDX-License-Identifier: Apache-2.0
// One rule: its statements up to the end of its line.
#pragma once

#include <functional>

#include "input/nft/cursor.h"
#include "input/nft/statement.h"

namespace segproof::nft {

// Reads the block of an anonymous chain (`jump { ... }`) after its brace, and returns the name it was given.
using BlockReader = std::function<std::string()>;

// Leaves a fault in the cursor where it does not understand the text; the statements before it are kept.
RuleText parse_rule(Cursor& cursor, const BlockReader& read_block);

}  // namespace segproof::nft
