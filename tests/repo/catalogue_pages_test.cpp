// SPDX-License-Identifier: Apache-2.0
#include "catalogue_pages.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/skip.h"

namespace segproof::repo {
namespace {

constexpr std::array small = {
    CatalogueEntry{.code = DiagnosticCode{101}, .name = "one", .summary = "first thing", .explanation = "It is so."},
    CatalogueEntry{.code = DiagnosticCode{213}, .name = "two", .summary = "other thing", .explanation = "It was so."}};

// Writes the pages that the catalogue gives, and removes the others.
void write_pages(const Tree& tree) {
  std::filesystem::remove_all("docs/diagnostics");
  std::filesystem::create_directories("docs/diagnostics");
  for (const auto& [path, text] : catalogue_pages(diagnostic_catalogue(), tree)) {
    std::ofstream(path, std::ios::binary) << text;
  }
}

}  // namespace

TEST_CASE("the pages of the catalogue are up to date") {
  if (std::getenv("SEGPROOF_UPDATE") != nullptr) {
    write_pages(project_tree());
  }
  CHECK(listed(outdated_pages(diagnostic_catalogue(), project_tree())) == "");
}

// Run by itself as the test repo_golden, so that its skip does not hide that the other checks ran.
TEST_CASE("every code of the catalogue has a golden case" * doctest::skip()) {
  const Tree tree = project_tree();
  if (!has_golden_cases(tree)) {
    test::skip("golden", "tests/golden/diagnostics holds no cases yet");
    return;
  }
  CHECK(listed(missing_golden_cases(diagnostic_catalogue(), tree)) == "");
}

TEST_CASE("every code of the catalogue is reported by something") {
  CHECK(listed(unused_codes(diagnostic_catalogue(), project_tree())) == "");
}

TEST_CASE("a page holds the explanation and the golden case's text") {
  const std::string cases = "tests/golden/diagnostics/";
  const Tree tree = {{cases + "SP0213/expected", "a.yaml:1:1: error: m [SP0213]\n"},
                     {cases + "SP0213/command", "verify .\nexit 2\n"},
                     {cases + "SP0213-filter/expected", "unknown\n"},
                     {cases + "SP0213-filter/command", "filter a\nexit 0\n"}};
  const Tree pages = catalogue_pages(small, tree);
  CHECK(pages.at("docs/diagnostics/SP0101.md") ==
        "# SP0101: first thing\n\nIt is so.\n\nIts name in the source is `one`.\n");
  CHECK(pages.at("docs/diagnostics/SP0213.md") ==
        "# SP0213: other thing\n\nIt was so.\n\n`segproof verify .` in "
        "[`SP0213`](../../tests/golden/diagnostics/SP0213), exit code 2 (nothing was verified):\n\n```\na.yaml:1:1: "
        "error: m [SP0213]\n```\n\n`segproof filter a` in "
        "[`SP0213-filter`](../../tests/golden/diagnostics/SP0213-filter), exit code 0:\n\n```\nunknown\n```\n\nIts "
        "name in the source is `two`.\n");
  CHECK(pages.at("docs/diagnostics/README.md").ends_with("| [SP0213](SP0213.md) | other thing |\n"));
  CHECK(pages.size() == 3);
}

TEST_CASE("pages that are missing, outdated or left over are found") {
  Tree tree = catalogue_pages(small, {});
  CHECK(outdated_pages(small, tree).empty());
  tree.erase("docs/diagnostics/SP0101.md");
  tree["docs/diagnostics/SP0213.md"] += "by hand\n";
  tree["docs/diagnostics/SP0999.md"] = "";
  CHECK(outdated_pages(small, tree) ==
        Complaints{"docs/diagnostics/SP0101.md:1: the page is missing; run with SEGPROOF_UPDATE=1",
                   "docs/diagnostics/SP0213.md:1: the page is not what is generated; run with SEGPROOF_UPDATE=1",
                   "docs/diagnostics/SP0999.md:1: no code of the catalogue has this page"});
}

TEST_CASE("missing golden cases are found") {
  const std::string folder = "tests/golden/diagnostics/";
  CHECK_FALSE(has_golden_cases({{"tests/golden/other/expected", ""}}));
  const Tree tree = {{folder + "SP0213/expected", "m [SP0214]\n"}, {folder + "SP0213/command", "verify ."}};
  CHECK(has_golden_cases(tree));
  CHECK(missing_golden_cases(small, tree) ==
        Complaints{folder + "SP0101: one has no golden case", folder + "SP0213/expected:1: does not show [SP0213]"});
  const Tree silent = {{folder + "SP0101/expected", "[SP0101]"}, {folder + "SP0213/command", ""}};
  CHECK(missing_golden_cases(small, silent) ==
        Complaints{folder + "SP0101: one has no golden case", folder + "SP0213: two has no golden case"});
}

TEST_CASE("codes that nothing reports are found") {
  const Tree tree = {{"src/a.cpp", "f(DiagnosticCode::one); g(DiagnosticCode::two_more); // DiagnosticCode::two\n"},
                     {"tests/b.cpp", "DiagnosticCode::two"}};
  CHECK(unused_codes(small, tree) == Complaints{"src/base/diagnostic_catalogue.def:1: nothing reports SP0213 (two)"});
}

}  // namespace segproof::repo
