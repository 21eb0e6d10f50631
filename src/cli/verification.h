// SPDX-License-Identifier: Apache-2.0
// What `verify` and `confirm` have in common: read, check, answer every claim.
#pragma once

#include <optional>

#include "base/source.h"
#include "claim/verdict.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "input/snapshot.h"

namespace segproof::cli {

struct Verification {
  input::Snapshot snapshot;
  claim::Results results;  // with what was read
};

// Nothing when it could not be done: the command then ends with `cannot_run`, and the reason has been printed.
// Where evidence is asked for, everything is read a second time, from the copies that the bundle will hold.
[[nodiscard]] std::optional<Verification> verified(const VerifyArguments& arguments, const World& world,
                                                   SourceStore& sources);

// Writes the results in the format that was asked for. False, and said so, when they cannot be written.
[[nodiscard]] bool deliver_results(const claim::Results& results, const SourceStore& sources,
                                   const OutputArguments& output, Terminal& terminal);

}  // namespace segproof::cli
