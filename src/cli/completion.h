// SPDX-License-Identifier: Apache-2.0
// Completions for shells, from the table of options.
#pragma once

#include <string>

namespace segproof::cli {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace segproof::cli
