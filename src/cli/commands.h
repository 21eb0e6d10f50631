// SPDX-License-Identifier: Apache-2.0
// The commands that ask about a network: read, ask, write the answer once, and say with the exit code how it went.
#pragma once

#include <chrono>
#include <functional>

#include "base/file.h"
#include "cli/exit_code.h"
#include "cli/parser.h"
#include "cli/terminal.h"

namespace segproof::cli {

struct World {
  Terminal& terminal;
  const FileSystem& files;
  // Waits; false: somebody wants the program to end. Nothing: the clock on the wall, for ever.
  std::function<bool(std::chrono::milliseconds)> wait = {};
};

// Precondition of each: the line names that command.
[[nodiscard]] ExitCode run_verify(const ParsedLine& line, const World& world);
[[nodiscard]] ExitCode run_confirm(const ParsedLine& line, const World& world);
[[nodiscard]] ExitCode run_trace(const ParsedLine& line, const World& world);
[[nodiscard]] ExitCode run_reach(const ParsedLine& line, const World& world);
[[nodiscard]] ExitCode run_matrix(const ParsedLine& line, const World& world);
[[nodiscard]] ExitCode run_blast(const ParsedLine& line, const World& world);
[[nodiscard]] ExitCode run_inputs(const ParsedLine& line, const World& world);
[[nodiscard]] ExitCode run_normalise(const ParsedLine& line, const World& world);
[[nodiscard]] ExitCode run_keygen(const ParsedLine& line, const World& world);

}  // namespace segproof::cli
