// SPDX-License-Identifier: Apache-2.0
// Sets of delivered packets as the lines that people read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "packet/space.h"

namespace segproof::claim {

enum class RowStyle : std::uint8_t { services_only, with_addresses };

// Few rectangles, each once, the same for equal sets; "..." when there are too many. Device-internal fields are left
// out.
[[nodiscard]] std::vector<std::string> row_texts(PacketSet packets, RowStyle style);

}  // namespace segproof::claim
