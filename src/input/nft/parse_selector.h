// SPDX-License-Identifier: Apache-2.0
// Recognises what a rule looks at: `tcp dport`, `ct original ip saddr`, `fib saddr . iif oif`, `@nh,96,32`.
#pragma once

#include <optional>

#include "input/nft/cursor.h"

namespace segproof::nft {

std::optional<Expression> parse_selector(Cursor& cursor);

}  // namespace segproof::nft
