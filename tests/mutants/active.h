// SPDX-License-Identifier: Apache-2.0
// Which planted bug this process has: the number in SEGPROOF_MUTANT, or none. Only in copies of the sources that
// tests/mutants/plant.py writes; what is shipped does not know it.
#pragma once

#include <cstdlib>

namespace segproof::mutants {

// Read once, before anything runs.
inline const long chosen = [] {
  const char* text = std::getenv("SEGPROOF_MUTANT");
  return text == nullptr ? 0L : std::strtol(text, nullptr, 10);
}();

[[nodiscard]] inline bool active(long number) {
  return chosen == number;
}

}  // namespace segproof::mutants
