// SPDX-License-Identifier: Apache-2.0
// What answers quote of a line of a configuration, which may be 100 MB long.
#pragma once

#include <cstddef>
#include <string_view>

namespace segproof {

inline constexpr std::size_t longest_quoted_line = 4096;

// The first bytes of the text, at most `limit` of them and, in UTF-8, no part of a code point.
[[nodiscard]] std::string_view front_of(std::string_view text, std::size_t limit);

}  // namespace segproof
