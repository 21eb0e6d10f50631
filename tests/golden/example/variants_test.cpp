// SPDX-License-Identifier: Apache-2.0
// Each variant turns the claims that the table says, for the reason that it says, and no others.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "markdown_table.h"
#include "run.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

// The columns of the table.
constexpr std::size_t variant = 0;
constexpr std::size_t base = 1;
constexpr std::size_t claims = 2;
constexpr std::size_t before = 3;
constexpr std::size_t after = 4;
constexpr std::size_t deciding = 5;
constexpr std::size_t columns = 6;

std::vector<TableRow> variant_table() {
  return markdown_table(file_text(fmt::format("{}/variants/README.md", example_policies)), "variant");
}

std::string variant_folder(const std::string& name) {
  return fmt::format("{}/variants/{}", example_policies, name);
}

Run run_variant(const std::string& name) {
  const std::string own = variant_folder(name) + "/topology";
  const bool has_own = RealFileSystem().kind(own) == FileKind::folder;
  return verify_folders(has_own ? own : example_topology, variant_folder(name), Warnings::are_expected);
}

// "fw-core.rules:41", the path from the folder of the variant.
std::string place(const SourceSpan& span, const SourceStore& sources) {
  if (span.file == FileId{}) {
    return "";
  }
  std::string path(sources.path(span.file));
  const std::size_t folder = path.find("/variants/V");
  if (folder != std::string::npos) {
    path.erase(0, path.find('/', folder + 11) + 1);
  } else if (const std::size_t shared = path.find("transfer-enclave/"); shared != std::string::npos) {
    path.erase(0, shared + 17);
  }
  while (path.starts_with("../")) {
    path.erase(0, 3);
  }
  return fmt::format("{}:{}", path, span.line);
}

// The table names a line, or where the claims differ in it, the file alone.
bool names(const std::set<std::string>& places, const std::string& line) {
  return places.contains(line) ||
         (line.find(':') == std::string::npos &&
          std::ranges::any_of(places, [&](const std::string& one) { return one.starts_with(line + ":"); }));
}

// Every place that an answer names as its reason: the rules that its witness passes, the inputs that are undecided, and
// for a claim about nothing the claim itself.
std::set<std::string> reasons(const claim::Verdict& verdict, const SourceStore& sources) {
  std::set<std::string> places;
  if (verdict.witness) {
    for (const claim::WitnessStep& step : verdict.witness->steps) {
      for (const claim::Hop& hop : step.hops) {
        if (hop.rule) {
          places.insert(place(hop.rule->span, sources));
        }
      }
    }
  }
  for (const claim::UndecidedInput& input : verdict.undecided) {
    places.insert(place(input.span, sources));
  }
  if (verdict.outcome == claim::Outcome::vacuous) {
    places.insert(place(verdict.location, sources));
  }
  return places;
}

const claim::Verdict* find(const Run& run, const std::string& id) {
  const auto found = std::ranges::find(run.results.verdicts, id, &claim::Verdict::id);
  return found == run.results.verdicts.end() ? nullptr : &*found;
}

struct Expected {
  std::string base;
  std::map<std::string, std::string> before;
  std::map<std::string, std::string> after;
  std::map<std::string, std::string> deciding;
};

std::map<std::string, Expected> expectations() {
  std::map<std::string, Expected> all;
  const std::vector<TableRow> table = variant_table();
  for (std::size_t row = 1; row < table.size(); ++row) {
    REQUIRE(table[row].size() == columns);
    Expected& expected = all[table[row][variant]];
    expected.base = table[row][base];
    for (const std::string& id : cell_items(table[row][claims])) {
      REQUIRE_FALSE(expected.before.contains(id));
      expected.before[id] = table[row][before];
      expected.after[id] = table[row][after];
      expected.deciding[id] = table[row][deciding];
    }
  }
  return all;
}

std::string lines(const std::map<std::string, std::string>& verdicts) {
  std::string text;
  for (const auto& [id, verdict] : verdicts) {
    text += fmt::format("{} {}\n", id, verdict);
  }
  return text;
}

TEST_CASE("the table names sixteen variants") {
  const std::map<std::string, Expected> all = expectations();
  for (int number = 1; number <= 16; ++number) {
    CHECK(all.contains(fmt::format("V{}", number)));
  }
  CHECK(all.size() == 16);
}

TEST_CASE("each variant turns exactly the claims of the table, by the line that it names") {
  std::map<std::string, std::map<std::string, std::string>> of_base;  // epoch -> outcomes
  for (const auto& entry : expectations()) {
    const std::string& name = entry.first;
    const Expected& expected = entry.second;
    CAPTURE(name);
    if (!of_base.contains(expected.base)) {
      const std::string folder = fmt::format("{}/{}", example_policies, expected.base);
      of_base[expected.base] = outcomes(verify_folders(example_topology, folder, Warnings::are_faults));
    }
    std::map<std::string, std::string> wanted = of_base[expected.base];
    for (const auto& claim : expected.before) {
      CAPTURE(claim.first);
      CHECK(wanted[claim.first] == claim.second);
      wanted[claim.first] = expected.after.at(claim.first);
      if (wanted[claim.first] == "vacuous") {
        wanted.erase(claim.first + "/responder");  // about nothing, too
      }
    }
    const Run run = run_variant(name);
    CHECK(run.faults == "");
    CHECK(lines(outcomes(run)) == lines(wanted));
    for (const auto& claim : expected.deciding) {
      CAPTURE(claim.first);
      const claim::Verdict* verdict = find(run, claim.first);
      if (verdict == nullptr) {
        continue;  // reported above
      }
      CHECK_FALSE(verdict->spoofed_only);  // honest mistakes: no packet needs a forged source
      std::string seen;
      for (const std::string& one : reasons(*verdict, run.sources)) {
        seen += one + " ";
      }
      CAPTURE(seen);
      CHECK(names(reasons(*verdict, run.sources), claim.second));
    }
  }
}

TEST_CASE("two runs of a variant are byte-identical") {
  for (const char* name : {"V4", "V12"}) {
    CAPTURE(name);
    const Run first = run_variant(name);
    CHECK(first.json.size() > 1000);
    CHECK(first.json == run_variant(name).json);
  }
}

TEST_CASE("the variants are what make_variants.py makes of the epochs, a few lines away from them") {
  if (std::system("python3 --version > /dev/null 2>&1") != 0) {  // NOLINT: a fixed command
    skip("python3", "python3 is not installed: whether the variants are current was not looked at");
    return;
  }
  CHECK(std::system("python3 tests/golden/example/make_variants.py --check > /dev/null") == 0);  // NOLINT
}

}  // namespace
}  // namespace segproof::test
