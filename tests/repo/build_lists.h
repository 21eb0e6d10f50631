// SPDX-License-Identifier: Apache-2.0
// Source lists are explicit, so a file can be forgotten: a test that is never built, never fails.
#pragma once

#include "tree.h"

namespace segproof::repo {

// .cpp files in src/ and tests/ that the nearest CMakeLists.txt at or above their folder does not list.
[[nodiscard]] Complaints unlisted_sources(const Tree& tree);

}  // namespace segproof::repo
