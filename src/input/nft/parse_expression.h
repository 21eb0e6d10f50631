// SPDX-License-Identifier: Apache-2.0
// Expressions in the text of a rule. Every function may leave a fault in the cursor; its result is then of no use.
#pragma once

#include <optional>

#include "input/nft/cursor.h"

namespace segproof::nft {

// What the packet is asked for: `tcp dport`, `ip saddr . ct mark & 0xff`, `meta mark map { ... }`, or a plain value.
Expression parse_subject(Cursor& cursor);
// What stands on the right of a comparison: a value, range, prefix, concatenation, list, set or set reference.
Expression parse_values(Cursor& cursor);
// One value, perhaps a range, prefix or concatenation: an element's key, the end of a `define`.
Expression parse_value_concatenation(Cursor& cursor);
// { a, b : c }; after the brace was seen.
Expression parse_set(Cursor& cursor);
// An argument of a statement: a value or a selector, a range, perhaps with a map.
Expression parse_argument(Cursor& cursor);
std::optional<VerdictWord> parse_verdict(Cursor& cursor);

}  // namespace segproof::nft
