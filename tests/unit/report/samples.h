// SPDX-License-Identifier: Apache-2.0
// Hand-made answers: a run with one verdict of every outcome, and the same with a hostile text in every field.
#pragma once

#include <string>
#include <string_view>

#include "base/source.h"
#include "claim/answers.h"
#include "claim/matrix.h"
#include "claim/verdict.h"

namespace segproof::test {

struct Sample {
  SourceStore sources;
  claim::Results results;
  claim::ReachAnswer reach;
  claim::BlastAnswer blast;
  claim::TraceAnswer trace;
  claim::Matrix matrix;
};

[[nodiscard]] Sample plain_sample();

// Every text of the plain sample with `poison` added to it, paths and lines of files included.
[[nodiscard]] Sample poisoned_sample(std::string_view poison);

// The same after the kernel was asked: one verdict confirmed, one contradicted, one not confirmable.
[[nodiscard]] Sample confirmed_sample(std::string_view poison);

[[nodiscard]] Packet packet_of(std::string_view text);

}  // namespace segproof::test
