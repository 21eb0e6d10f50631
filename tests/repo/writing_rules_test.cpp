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

TEST_CASE("the independent checker is short enough") {
  CHECK(listed(long_checker(project_tree())) == "");
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

TEST_CASE("a long checker is found, and one whose length nobody decided") {
  const std::string decision = "docs/decisions/0007-certificates.md";
  const std::string text = "core at most 7,150 lines, envelope at most 500 lines";
  const Tree short_one = {{"src/check/core/a.cpp", std::string(7150, '\n')},
                          {"src/check/envelope/a.cpp", std::string(400, '\n')},
                          {"src/check/envelope/a.h", std::string(100, '\n')},
                          {"src/check/folder.cpp", std::string(500, '\n')},
                          {decision, text}};
  CHECK(long_checker(short_one).empty());
  Tree longer = short_one;
  longer["src/check/core/a.cpp"] += '\n';
  longer["src/check/envelope/b.h"] = "\n";
  CHECK(long_checker(longer) == Complaints{"src/check/core: has 7151 lines, 7150 is the most",
                                           "src/check/envelope: has 501 lines, 500 is the most"});
  Tree undecided = short_one;
  undecided[decision] = "core at most 7,150 lines";
  CHECK(long_checker(undecided) == Complaints{decision + ": does not say `at most 500 lines` of src/check/envelope"});
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
