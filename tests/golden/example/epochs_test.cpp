// SPDX-License-Identifier: Apache-2.0
// Each epoch of the example has the verdicts that its README promises, and says them the same way twice.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "markdown_table.h"
#include "run.h"

namespace segproof::test {
namespace {

std::string epoch_folder(const std::string& epoch) {
  return fmt::format("{}/{}", example_policies, epoch);
}

// "FTA-1 proved" per line, from the column of the README's table.
std::string promised(const std::vector<TableRow>& table, std::size_t column) {
  std::map<std::string, std::string> all;
  for (std::size_t row = 1; row < table.size(); ++row) {
    REQUIRE(table[row].size() == table.front().size());
    if (table[row][column] != "–") {
      all[table[row].front()] = table[row][column];
    }
  }
  std::string text;
  for (const auto& [id, verdict] : all) {
    text += fmt::format("{} {}\n", id, verdict);
  }
  return text;
}

std::string given(const Run& run) {
  std::string text;
  for (const auto& [id, verdict] : outcomes(run)) {
    text += fmt::format("{} {}\n", id, verdict);
  }
  return text;
}

TEST_CASE("every epoch has the verdicts of the table claim x epoch") {
  const std::vector<TableRow> table = markdown_table(file_text(fmt::format("{}/README.md", example_policies)), "claim");
  REQUIRE(table.size() > 10);
  REQUIRE(table.front().size() == 8);
  for (std::size_t column = 1; column < table.front().size(); ++column) {
    const std::string& epoch = table.front()[column];
    CAPTURE(epoch);
    const Run run = verify_folders(example_topology, epoch_folder(epoch), Warnings::are_faults);
    CHECK(run.faults == "");
    CHECK(given(run) == promised(table, column));
    for (const claim::Verdict& verdict : run.results.verdicts) {
      CHECK(verdict.epoch == epoch);
      CHECK_FALSE(verdict.reason.empty());
    }
  }
}

TEST_CASE("two runs of an epoch are byte-identical, whatever the number of threads") {
  for (const char* epoch : {"e0", "e2", "e6"}) {
    CAPTURE(epoch);
    const Run alone = verify_folders(example_topology, epoch_folder(epoch), Warnings::are_faults, 1);
    const Run together = verify_folders(example_topology, epoch_folder(epoch), Warnings::are_faults, 2);
    CHECK(alone.json.size() > 1000);
    CHECK(alone.json == together.json);
  }
}

// The outcome, and whether it rests on forged sources alone.
void check_forged(const Run& run, const std::string& id) {
  CAPTURE(id);
  for (const claim::Verdict& verdict : run.results.verdicts) {
    if (verdict.id == id) {
      CHECK(claim::outcome_name(verdict.outcome) == "refuted");
      CHECK(verdict.spoofed_only);
      return;
    }
  }
  FAIL("no such claim");
}

TEST_CASE("without the anti-spoofing lines the proofs fall, and the verdicts say that it is for forged sources") {
  const Run edge =
      verify_without_line(example_topology, epoch_folder("e0"), "fw-edge.rules", "-A antispoof ! -s 172.30.10.0/28");
  CHECK(edge.faults == "");
  for (const char* id : {"FTA-1", "FTA-5", "FTA-6", "OUT-1"}) {
    check_forged(edge, id);
  }
  CHECK(outcomes(edge).at("OUT-2") == "refuted");
  // A laptop that passes for the support staff: the router must see to that, since it alone sees where packets enter.
  const Run router =
      verify_without_line(example_topology, epoch_folder("e0"), "rtr-core.cfg", " ip access-group USERS-IN in");
  CHECK(router.faults == "");
  check_forged(router, "FTA-3");
  CHECK(outcomes(router).at("FTA-2") == "proved");
}

TEST_CASE("between the first two epochs no rule changed") {
  for (const char* name : {"fw-edge.rules", "fw-edge.rules6", "fw-core.cfg", "fw-prod.yaml", "rtr-core.cfg",
                           "fta01.rules", "fta01.rules6"}) {
    CAPTURE(name);
    // The first and the last line hold the time of collection.
    const auto body = [](const std::string& text) {
      return text.substr(text.find('\n'), std::min(text.rfind("# Completed"), text.rfind(": end")) - text.find('\n'));
    };
    CHECK(body(file_text(epoch_folder("e0") + "/" + name)) == body(file_text(epoch_folder("e1") + "/" + name)));
  }
}

}  // namespace
}  // namespace segproof::test
