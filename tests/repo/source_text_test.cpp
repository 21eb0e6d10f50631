// SPDX-License-Identifier: Apache-2.0
#include "source_text.h"

#include <doctest/doctest.h>

namespace segproof::repo {

using Lines = std::vector<std::size_t>;

TEST_CASE("comments and literals are not code") {
  CHECK(code_only("a // b\nc") == "a     \nc");
  CHECK(code_only("a /* b\n b */ c") == "a     \n      c");
  CHECK(code_only(R"(f("//", '"', '\'');)") == "f(    ,    ,     );");
  CHECK(code_only("R\"x(\" // )x\" y") == "R            y");
  CHECK(code_only("1'000'000 // x") == "1'000'000     ");
  CHECK(code_only("\"open") == "     ");
  CHECK(code_only("/* open") == "       ");
}

TEST_CASE("includes") {
  const std::vector<Include> found = includes_of("#include <a/b.h>\n\n  #  include \"c.h\"  // why\n// #include <d>\n");
  REQUIRE(found.size() == 2);
  CHECK((found[0].path == "a/b.h" && !found[0].quoted && found[0].line == 1));
  CHECK((found[1].path == "c.h" && found[1].quoted && found[1].line == 3));
  CHECK(includes_of("#include\n#include \"open\n").empty());
}

TEST_CASE("a default in a switch over an enum class is found, others are not") {
  CHECK(defaults_of_enum_switches("switch (x) {\n case E::a:\n  f();\n default:\n  g();\n}\n") == Lines{4});
  CHECK(defaults_of_enum_switches("switch (x) { case a::b::E::a: default: g(); }") == Lines{1});
  CHECK(defaults_of_enum_switches("switch (x) { case number::tcp: return E::a; default: g(); }") == Lines{});
  CHECK(defaults_of_enum_switches("switch (x) {\n case 1:\n default:\n  g();\n}\n") == Lines{});
  CHECK(defaults_of_enum_switches("switch (x) {\n case E::a:\n  f();\n}\n") == Lines{});
  CHECK(defaults_of_enum_switches("switch (x) {\n case E::a: {\n  switch (c) { case 'a': default: g(); }\n }\n}\n") ==
        Lines{});
  CHECK(defaults_of_enum_switches("switch (c) {\n case 'a':\n  switch (x) {\n   case E::a: default: g();\n }\n}\n") ==
        Lines{4});
  CHECK(defaults_of_enum_switches("switch (x) {\n case E::a:\n  // default: no\n  g();\n}\nX(X&&) = default;") ==
        Lines{});
}

}  // namespace segproof::repo
