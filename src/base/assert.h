// SPDX-License-Identifier: Apache-2.0
// Contracts. A failed contract is our fault, never the user's: it is checked in every build, names the place and ends
// the process with exit code 4.
#pragma once

namespace segproof {

// Prints "segproof: internal error: FUNCTION: CONDITION (FILE:LINE)" on standard error and exits with 4.
[[noreturn]] void contract_failed(const char* function, const char* condition, const char* file, int line) noexcept;

}  // namespace segproof

#define SEGPROOF_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::segproof::contract_failed(__func__, #condition, __FILE__, __LINE__))
#define SEGPROOF_UNREACHABLE() ::segproof::contract_failed(__func__, "unreachable", __FILE__, __LINE__)
