// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/diagnostic.h"
#include "base/source.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "input/snapshot.h"

namespace segproof::cli {

[[nodiscard]] input::SnapshotRequest snapshot_request(const InputArguments& arguments);

// Reads what a command was given and prints the diagnostics on standard error. Nothing when it cannot be used: the
// command then ends with `cannot_run`, and the reason has been printed.
[[nodiscard]] std::optional<input::Snapshot> load(const InputArguments& arguments, const World& world,
                                                  SourceStore& sources);

// Prints the diagnostics to standard error.
void print(const DiagnosticSink& sink, const SourceStore& sources, Terminal& terminal);

// The same; false, and said so, when there is an error among them.
[[nodiscard]] bool passes(const DiagnosticSink& sink, const SourceStore& sources, Terminal& terminal);

}  // namespace segproof::cli
