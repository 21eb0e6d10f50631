// SPDX-License-Identifier: Apache-2.0
// Nothing is proved of a host that may be anywhere, nor beside something that may open anything.
#include "claim/unplaced.h"

#include <doctest/doctest.h>

#include "network_builder.h"

namespace segproof::test {
namespace {

// web --- a --- fw --- b --- db        lost (10.7.0.5): on no segment
constexpr const char* lost = R"(
  segment a 10.1.0.0/24
  segment b 10.2.0.0/24
  zone left 10.1.0.0/24
  zone right 10.2.0.0/24
  zone far 10.7.0.0/24
  host web eth0=a:10.1.0.10/24
  host db eth0=b:10.2.0.10/24
  host lost eth0=-:10.7.0.5/24
  device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
)";

Plan closed() {
  Plan plan(lost);
  plan.filter("fw", "").assume("A-FW");
  return plan;
}

claim::ReachQuestion question(std::string_view from, std::string_view to) {
  claim::ReachQuestion result;
  result.from = names(from);
  result.to = names(to);
  return result;
}

}  // namespace

TEST_CASE("claims that name a host without a place, or its zone, are inconclusive") {
  const Plan plan = closed();
  CHECK(plan.outcome(no_new("web", "db")) == "proved");
  CHECK(plan.outcome(contained("left", "right")) == "proved");
  for (const char* name : {"lost", "far", "left, lost"}) {
    CAPTURE(name);
    CHECK(plan.outcome(no_new(name, "db")) == "inconclusive");
    CHECK(plan.outcome(isolated("db", name)) == "inconclusive");
    CHECK(plan.outcome(contained(name, "db")) == "inconclusive");
  }
  const claim::Verdict verdict = plan.verify(no_new("lost", "db"));
  REQUIRE(verdict.undecided.size() == 1);
  CHECK(verdict.undecided.front().code == DiagnosticCode::address_without_segment);
  CHECK(verdict.undecided.front().why == "host `lost` is on no segment that is known and may be anywhere");
  CHECK(verdict.denied_by.empty());
}

TEST_CASE("an interface that is down is nowhere, and that is known") {
  Plan plan(std::string(lost) + "host off eth0=-:10.8.0.5/24 down=eth0\n");
  plan.filter("fw", "").assume("A-FW");
  CHECK(claim::unplaced_parties(no_new("off", "db"), plan.network()).empty());
  CHECK(claim::unplaced_parties(no_new("lost, web", "db"), plan.network()).size() == 1);
}

TEST_CASE("questions answer as claims do") {
  Plan plan = closed();
  const auto state = [&plan](std::string_view from, std::string_view to) {
    return claim::reach(plan.network(), plan.sources(), question(from, to)).value().state;
  };
  const auto cell = [&plan](std::string_view from, std::string_view to) {
    for (const claim::MatrixCell& found :
         claim::matrix(plan.network(), plan.sources(), claim::MatrixBetween::zones).cells) {
      if (found.from == from && found.to == to) {
        return found.state;
      }
    }
    return claim::CellState::same;
  };
  CHECK(state("left", "right") == claim::Reachability::nothing);
  CHECK(state("lost", "right") == claim::Reachability::undecided);
  CHECK(state("right", "far") == claim::Reachability::undecided);
  CHECK(cell("left", "right") == claim::CellState::denied);
  CHECK(cell("left", "far") == claim::CellState::unknown);
  CHECK(cell("far", "left") == claim::CellState::unknown);
  CHECK(plan.blast("lost").undecided.size() == 1);

  plan.network().gaps.push_back({.span = {}, .code = DiagnosticCode::unrecognised_file, .why = "a file", .node = {}});
  CHECK(state("left", "right") == claim::Reachability::undecided);
  CHECK(cell("left", "right") == claim::CellState::unknown);
  CHECK(cell("left", "left") == claim::CellState::same);
  CHECK(plan.outcome(no_new("web", "db")) == "inconclusive");
  CHECK(plan.blast("web").undecided.size() == 1);
}

}  // namespace segproof::test
