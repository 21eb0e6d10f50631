// SPDX-License-Identifier: Apache-2.0
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace segproof {

void contract_failed(const char* function, const char* condition, const char* file, int line) noexcept {
  // fprintf and not fmt: this must work when memory is exhausted. _Exit and not exit: destructors of a process that
  // broke its own contract are not to be trusted.
  std::fprintf(stderr, "segproof: internal error: %s: %s (%s:%d)\n", function, condition, file, line);
  std::fflush(stderr);
  std::_Exit(4);
}

}  // namespace segproof
