// SPDX-License-Identifier: Apache-2.0
// The help, from the table of options.
#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"
#include "report/page.h"

namespace segproof::cli {

// What segproof is, its commands with examples, and where to read on.
[[nodiscard]] std::string general_help(const report::TextStyle& style);
// How a command is used: synopsis, description, options, examples, exit codes.
[[nodiscard]] std::string command_help(const CommandSpec& command, const report::TextStyle& style);

// "-t, --topology T..." and "--color WHEN".
[[nodiscard]] std::string option_heading(const OptionSpec& option);
// The sentence of the option with its choices and what holds without it.
[[nodiscard]] std::string option_text(const OptionSpec& option);

}  // namespace segproof::cli
