// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "segproof/segproof.h"

namespace segproof::api {
namespace {

constexpr const char* topology = "topologies/transfer-enclave";
constexpr const char* policies = "policies/transfer-enclave";

Loaded load_example(const std::string& folder) {
  return load({.topology = {topology}, .policy = {std::string(policies) + "/" + folder}, .claims = {}});
}

const Verdict& verdict_on(const Results& results, const std::string& id) {
  const auto found = std::ranges::find_if(results.verdicts, [&](const Verdict& v) { return v.claim.id == id; });
  REQUIRE(found != results.verdicts.end());
  return *found;
}

}  // namespace

TEST_CASE("a proved claim comes with who denies it and what it leans on") {
  const Loaded loaded = load_example("e0");
  REQUIRE(loaded.snapshot.has_value());
  CHECK(loaded.failure.empty());
  CHECK(loaded.snapshot->epoch() == "e0");
  CHECK(loaded.snapshot->claims().size() > 10);
  const Results results = verify(*loaded.snapshot, {.only = {"FTA-2"}});
  REQUIRE(results.verdicts.size() == 1);
  const Verdict& verdict = results.verdicts.front();
  CHECK(name(verdict.outcome) == "proved");
  CHECK(verdict.claim.kind == "no-new-sessions");
  CHECK(!verdict.claim.text.empty());
  CHECK(verdict.claim.location.line > 0);
  CHECK(!verdict.denied_by.empty());
  CHECK(std::ranges::count(verdict.assumptions, "A0") == 1);
  CHECK(verdict.witness.empty());
  CHECK(verdict.covers_ipv6);
  CHECK(results.exit_code == 0);
  CHECK(results.text.find("1 claim: 1 proved") != std::string::npos);
  CHECK(results.json.find("\"segproof/result/1\"") != std::string::npos);
}

TEST_CASE("a refuted claim comes with the packet and the line") {
  const Loaded loaded = load_example("variants/V3");
  REQUIRE(loaded.snapshot.has_value());
  const Results results = verify(*loaded.snapshot, {.only = {"FTA-2", "OUT-2"}});
  const Verdict& verdict = verdict_on(results, "FTA-2");
  CHECK(verdict.outcome == Outcome::refuted);
  REQUIRE(!verdict.witness.empty());
  CHECK(!verdict.witness.back().packet.empty());
  CHECK(!verdict.witness.back().delivered.empty());
  const auto& hops = verdict.witness.back().hops;
  CHECK(std::ranges::any_of(hops, [](const Hop& hop) {
    return hop.device.starts_with("fw-core") && hop.action == "permit" &&
           hop.rule.location.path.ends_with("fw-core.cfg") && hop.rule.text.starts_with("access-list EDGE-IN");
  }));
  CHECK(verdict_on(results, "OUT-2").outcome == Outcome::proved);
  CHECK(results.exit_code == 1);
}

TEST_CASE("an advisory entry is told apart and does not count") {
  const Loaded loaded = load_example("e0");
  REQUIRE(loaded.snapshot.has_value());
  const Results results = verify(*loaded.snapshot, {.only = {"FTA-5"}});
  REQUIRE(results.verdicts.size() == 2);
  CHECK(results.verdicts[1].advisory);
  CHECK(results.verdicts[1].claim.id == "FTA-5/responder");
  CHECK(results.verdicts[1].claim.text == results.verdicts[0].claim.text);
  CHECK(results.exit_code == 0);
}

TEST_CASE("inputs that cannot be used leave no snapshot and say why") {
  const Loaded missing = load({.topology = {"no/such/folder"}, .policy = {}, .claims = {}});
  CHECK(!missing.snapshot.has_value());
  CHECK(missing.failure.find("no/such/folder") != std::string::npos);
  const Loaded no_topology = load({.topology = {"README.md"}, .policy = {}, .claims = {}});
  CHECK(!no_topology.snapshot.has_value());
  CHECK(!no_topology.failure.empty());
}

TEST_CASE("a diagnostic has a code and a place") {
  const Loaded loaded = load_example("variants/V13");
  REQUIRE(loaded.snapshot.has_value());
  REQUIRE(!loaded.diagnostics.empty());
  const Diagnostic& diagnostic = loaded.diagnostics.front();
  CHECK(diagnostic.code.starts_with("SP05"));
  CHECK(diagnostic.severity == Severity::warning);
  CHECK(!diagnostic.location.path.empty());
  CHECK(diagnostic.text.find(diagnostic.message) != std::string::npos);
  CHECK(verify(*loaded.snapshot, {.only = {"FTA-2"}}).exit_code == 3);
}

TEST_CASE("reach lists packets, and names that mean nothing are no answer") {
  const Loaded loaded = load_example("e0");
  REQUIRE(loaded.snapshot.has_value());
  const ReachAnswer some = reach(*loaded.snapshot, {.from = {"corp-support"}, .to = {"fta01"}, .new_only = true});
  CHECK(some.understood);
  CHECK(some.is_certain);
  CHECK(!some.packets.is_empty());
  const ReachAnswer none = reach(*loaded.snapshot, {.from = {"fta01"}, .to = {"production"}, .new_only = true});
  CHECK(none.understood);
  CHECK(none.packets.is_empty());
  const ReachAnswer misspelt = reach(*loaded.snapshot, {.from = {"corp-suport"}, .to = {"fta01"}});
  CHECK(!misspelt.understood);
  CHECK(misspelt.reason.find("corp-support") != std::string::npos);
}

TEST_CASE("no verdict at all is no success") {
  const Loaded loaded = load_example("e0");
  REQUIRE(loaded.snapshot.has_value());
  CHECK(verify(*loaded.snapshot, {.only = {"no-such-claim"}}).exit_code == 2);
}

}  // namespace segproof::api
