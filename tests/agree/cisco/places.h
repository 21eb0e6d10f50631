// SPDX-License-Identifier: Apache-2.0
// Alternatives for an address as runs, and what one of them becomes when they are mapped.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agree/cisco/text.h"

namespace segproof::agree {

// All addresses as runs, ascending; nothing when there are holes that a mask made.
[[nodiscard]] std::optional<std::vector<Range>> runs(const Places& places);
[[nodiscard]] std::uint64_t size_of(const Places& places);
[[nodiscard]] Places only(std::uint32_t address);
[[nodiscard]] Places everywhere();
// What `address` of `from` becomes when `from` is mapped onto `to`.
[[nodiscard]] std::optional<std::uint32_t> mapped(const Places& from, const Places& to, std::uint32_t address);

}  // namespace segproof::agree
