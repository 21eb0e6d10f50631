// SPDX-License-Identifier: Apache-2.0
#include "writing_rules.h"

#include <doctest/doctest.h>

namespace segproof::repo {
namespace {

constexpr const char* spdx = "// SPDX-License-Identifier: Apache-2.0\n";

}  // namespace

TEST_CASE("the project's files begin with the SPDX line") {
  CHECK(listed(missing_spdx(project_tree())) == "");
}

TEST_CASE("the project's files are short enough") {
  CHECK(listed(long_files(project_tree())) == "");
}

TEST_CASE("the project's headers can be included twice") {
  CHECK(listed(unguarded_headers(project_tree())) == "");
}

TEST_CASE("the project's switches name all enumerators") {
  CHECK(listed(enum_switches_with_default(project_tree())) == "");
}

TEST_CASE("the project holds no traces of a machine or tool") {
  CHECK(listed(private_traces(project_tree())) == "");
}

TEST_CASE("the project was found at all") {
  const Tree tree = project_tree();
  CHECK(tree.contains("CMakeLists.txt"));
  CHECK(tree.contains("src/base/text.h"));
  CHECK(tree.contains(".clang-format"));
  CHECK(tree.size() > 60);
}

TEST_CASE("missing SPDX lines are found") {
  const Tree tree = {{"a.h", std::string(spdx) + "x\n"},
                     {"b.cpp", "\n" + std::string(spdx)},
                     {"c.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"},
                     {"d.py", "#!/usr/bin/env python3\nimport sys\n"},
                     {"e.cmake", spdx},
                     {"f.yaml", "a: b\n"},
                     {"sub/CMakeLists.txt", ""}};
  CHECK(missing_spdx(tree) ==
        Complaints{"b.cpp:1: does not begin with `// SPDX-License-Identifier: Apache-2.0`",
                   "d.py:1: does not begin with `# SPDX-License-Identifier: Apache-2.0`",
                   "e.cmake:1: does not begin with `# SPDX-License-Identifier: Apache-2.0`",
                   "sub/CMakeLists.txt:1: does not begin with `# SPDX-License-Identifier: Apache-2.0`"});
}

TEST_CASE("long files are found") {
  const Tree tree = {
      {"a.cpp", std::string(600, '\n')}, {"b.cpp", std::string(601, '\n')}, {"c.md", std::string(999, '\n')}};
  CHECK(long_files(tree) == Complaints{"b.cpp:601: has 601 lines, 600 is the most"});
}

TEST_CASE("headers without their guard are found") {
  const Tree tree = {{"a.h", "// x\n#pragma once\n"}, {"b.h", "// #pragma once\n"}, {"c.cpp", ""}};
  CHECK(unguarded_headers(tree) == Complaints{"b.h:1: header without `#pragma once`"});
}

TEST_CASE("switches with a default are found") {
  const Tree tree = {{"a.cpp", "switch (x) {\ncase E::a:\ndefault:\n}\n"},
                     {"b.md", "switch (x) {\ncase E::a:\ndefault:\n}\n"}};
  CHECK(enum_switches_with_default(tree) == Complaints{"a.cpp:3: `default` in a switch over an enum class"});
}

TEST_CASE("traces are found") {
  const Tree tree = {
      {"a.md", std::string("one\n/wo") + "rk/main\n"}, {"b.md", std::string("Chat") + "GPT"}, {"c.md", "workshop"}};
  CHECK(private_traces(tree) ==
        Complaints{std::string("a.md:2: contains `/wo") + "rk/`", std::string("b.md:1: contains `chat") + "gpt`"});
}

}  // namespace segproof::repo
