// SPDX-License-Identifier: Apache-2.0
// Cases kept as text: what goes into a reader, and all that comes out of it.
//
//   ### the name of the case
//   the input, line by line; \xHH is a byte, \\ a backslash, \z at the end: no line break there
//   ---
//   the hosts, then the diagnostics
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace segproof::test {

struct Case {
  std::string name;
  std::string written;  // the input as it stands in the file
  std::string input;    // with escapes resolved
  std::string expected;
};

// Precondition: the file can be read. Text before the first case is ignored.
[[nodiscard]] std::vector<Case> load_cases(const std::string& path);

// Writes the cases back with what came out, for SEGPROOF_BLESS=1; the result is then read by eye.
void save_cases(const std::string& path, std::string_view heading, const std::vector<Case>& cases);

}  // namespace segproof::test
