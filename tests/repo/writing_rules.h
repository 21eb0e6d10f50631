// SPDX-License-Identifier: Apache-2.0
// How a file of the project is written.
#pragma once

#include "tree.h"

namespace segproof::repo {

// Code, build files and scripts begin with the SPDX line (scripts: after their interpreter).
[[nodiscard]] Complaints missing_spdx(const Tree& tree);
// No code file has more than 600 lines.
[[nodiscard]] Complaints long_files(const Tree& tree);
// The parts of the independent checker stay short enough to be read in one sitting, or in a few: `envelope` has at most
// 500 lines, `core` as many as docs/decisions/0007-certificates.md says ("at most 7,150 lines").
[[nodiscard]] Complaints long_checker(const Tree& tree);
// Every header says `#pragma once`.
[[nodiscard]] Complaints unguarded_headers(const Tree& tree);
// A switch over an enum class names all enumerators, so that the compiler tells when one is added.
[[nodiscard]] Complaints enum_switches_with_default(const Tree& tree);
// Text that belongs to somebody's machine or tools.
[[nodiscard]] Complaints private_traces(const Tree& tree);

}  // namespace segproof::repo
