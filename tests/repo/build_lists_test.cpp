// SPDX-License-Identifier: Apache-2.0
#include "build_lists.h"

#include <doctest/doctest.h>

namespace segproof::repo {

TEST_CASE("every source of the project is built") {
  CHECK(listed(unlisted_sources(project_tree())) == "");
}

TEST_CASE("forgotten sources are found") {
  const Tree tree = {
      {"CMakeLists.txt", "bench.cpp src/lost/a.cpp\n"},
      {"src/base/CMakeLists.txt", "segproof_room(base SOURCES a.cpp deep/b.cpp\n  # c.cpp\n  \"d.cpp\")\n"},
      {"src/base/a.cpp", ""},
      {"src/base/deep/b.cpp", ""},
      {"src/base/c.cpp", ""},
      {"src/base/d.cpp", ""},
      {"src/base/e.h", ""},
      {"src/base/aa.cpp", ""},
      {"src/lost/a.cpp", ""},
      {"tests/repo/CMakeLists.txt", "add_executable(x x.cpp)"},
      {"tests/repo/x.cpp", ""},
  };
  CHECK(unlisted_sources(tree) == Complaints{"src/base/aa.cpp:1: no CMakeLists.txt lists it",
                                             "src/base/c.cpp:1: no CMakeLists.txt lists it",
                                             "src/lost/a.cpp:1: no CMakeLists.txt lists it"});
}

}  // namespace segproof::repo
