// SPDX-License-Identifier: Apache-2.0
// Everything that can be answered without looking at a network: help, version, manual, completions, usage errors.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "cli/exit_code.h"
#include "cli/parser.h"
#include "cli/terminal.h"

namespace segproof::cli {

// The command to run, or how the program ends because the line was answered already.
[[nodiscard]] std::variant<ParsedLine, ExitCode> greet(std::span<const std::string> words, Terminal& terminal);

}  // namespace segproof::cli
