// SPDX-License-Identifier: Apache-2.0
// Asks the kernel of this machine whether the verdicts on a network hold: builds it out of namespaces, replays every
// counterexample, and sends a sample of what is denied. The host's own network is not touched, and nothing of the
// namespaces is left when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "base/source.h"
#include "claim/verdict.h"
#include "input/snapshot.h"

namespace segproof::confirm {

struct Options {
  std::uint64_t seed = 1;
  std::size_t probes = 200;  // for each claim that is proved
};

// Adds what the kernel says to each verdict that is proved or refuted, and to the results. A Failure when nothing can
// be asked: no right to make namespaces, a program that is missing. The process must have no other threads.
[[nodiscard]] Result<bool> confirm(const input::Snapshot& snapshot, const SourceStore& sources, const Options& options,
                                   claim::Results& results);

}  // namespace segproof::confirm
