// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"

namespace segproof::cli {

// Verifies, and again whenever a file changes that was read, until `world.wait` or the reader of the answers has
// enough; then gives the exit code of the last verdicts. A signal ends the program as it ends any command.
[[nodiscard]] ExitCode watch(const VerifyArguments& arguments, const World& world);

}  // namespace segproof::cli
