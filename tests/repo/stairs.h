// SPDX-License-Identifier: Apache-2.0
// The stairs between the rooms of src/: who may include whom, and which library is let into which room.
#pragma once

#include "tree.h"

namespace segproof::repo {

// Quoted includes in src/ that go upwards, sideways, out of src/ or to a room that does not exist.
[[nodiscard]] Complaints upward_steps(const Tree& tree);

// Readers (folders of src/input) that include each other, or the files that stand in src/input itself.
[[nodiscard]] Complaints readers_that_meet(const Tree& tree);

// Libraries outside of the place that is theirs: Boost.Graph, CLI11, nlohmann-json, pugixml, yaml-cpp, OpenSSL,
// iostreams, doctest.
[[nodiscard]] Complaints stray_libraries(const Tree& tree);

}  // namespace segproof::repo
