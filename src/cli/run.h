// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "cli/commands.h"

namespace segproof::cli {

// The program without its process: words in, answer and exit code out.
[[nodiscard]] ExitCode run(std::span<const std::string> words, const World& world);

}  // namespace segproof::cli
