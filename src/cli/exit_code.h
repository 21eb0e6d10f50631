// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace segproof::cli {

// What scripts rely on; the output format never changes it.
enum class ExitCode : std::uint8_t {
  good = 0,        // all claims proved; the question was answered
  refuted = 1,     // at least one claim refuted; something is reachable
  cannot_run = 2,  // usage, unusable input, a file that cannot be read or written
  undecided = 3,   // nothing refuted, but not everything proved
  fault = 4,       // a fault of segproof
  interrupted = 130,
};

}  // namespace segproof::cli
