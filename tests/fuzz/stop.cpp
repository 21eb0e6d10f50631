// SPDX-License-Identifier: Apache-2.0
#include "stop.h"

#include <cstdio>
#include <cstdlib>

#include "base/assert.h"

namespace segproof {

// In the place of the one in `base`, which leaves with _Exit: libFuzzer would not see that.
void contract_failed(const char* function, const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "segproof: internal error: %s: %s (%s:%d)\n", function, condition, file, line);
  std::abort();
}

namespace fuzz {

void stop_on(const std::string& broken) {
  if (broken.empty())
    return;
  std::fprintf(stderr, "broken law: %s\n", broken.c_str());
  std::abort();
}

}  // namespace fuzz
}  // namespace segproof
