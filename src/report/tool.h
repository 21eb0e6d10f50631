// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace segproof::report {

inline constexpr std::string_view tool_name = "segproof";

// "0.1.0", as the build states it.
[[nodiscard]] std::string_view tool_version();

}  // namespace segproof::report
