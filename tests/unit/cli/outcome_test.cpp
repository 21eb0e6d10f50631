// SPDX-License-Identifier: Apache-2.0
#include "cli/outcome.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace segproof::cli {
namespace {

using claim::Outcome;

int code(const std::vector<Outcome>& outcomes, const std::vector<Outcome>& advisory = {}) {
  std::vector<claim::Verdict> verdicts;
  for (const Outcome outcome : outcomes) {
    verdicts.emplace_back().outcome = outcome;
  }
  for (const Outcome outcome : advisory) {
    claim::Verdict& verdict = verdicts.emplace_back();
    verdict.outcome = outcome;
    verdict.advisory = true;
  }
  return static_cast<int>(exit_code_of(verdicts));
}

TEST_CASE("exit codes") {
  CHECK(code({Outcome::proved}) == 0);
  CHECK(code({Outcome::proved, Outcome::proved}) == 0);
  CHECK(code({Outcome::proved, Outcome::refuted}) == 1);
  CHECK(code({Outcome::inconclusive, Outcome::refuted, Outcome::vacuous}) == 1);
  CHECK(code({Outcome::proved, Outcome::inconclusive}) == 3);
  CHECK(code({Outcome::proved, Outcome::vacuous}) == 3);
  CHECK(code({Outcome::not_evaluated}) == 3);
  CHECK(code({}) == 2);
}

int confirmed(Outcome outcome, claim::KernelSays says, unsigned differences) {
  claim::Results results;
  claim::Verdict& verdict = results.verdicts.emplace_back();
  verdict.outcome = outcome;
  verdict.confirmation.emplace().says = says;
  results.confirmation.emplace().differences = differences;
  return static_cast<int>(confirmed_exit_code(results));
}

TEST_CASE("exit codes after the kernel was asked") {
  using claim::KernelSays;
  CHECK(confirmed(Outcome::proved, KernelSays::confirmed, 0) == 0);
  CHECK(confirmed(Outcome::refuted, KernelSays::confirmed, 0) == 1);
  CHECK(confirmed(Outcome::proved, KernelSays::not_confirmable, 0) == 3);
  CHECK(confirmed(Outcome::refuted, KernelSays::not_confirmable, 0) == 1);
  CHECK(confirmed(Outcome::inconclusive, KernelSays::confirmed, 0) == 3);
  CHECK(confirmed(Outcome::proved, KernelSays::differs, 1) == 4);
  CHECK(confirmed(Outcome::refuted, KernelSays::differs, 1) == 4);
  CHECK(confirmed(Outcome::proved, KernelSays::confirmed, 1) == 4);  // a control
}

TEST_CASE("advisory entries do not count, not even as a success") {
  CHECK(code({Outcome::proved}, {Outcome::refuted}) == 0);
  CHECK(code({Outcome::inconclusive}, {Outcome::refuted}) == 3);
  CHECK(code({}, {Outcome::proved}) == 2);
}

TEST_CASE("no format changes the exit code, and each is written") {
  claim::Results results;
  results.verdicts.emplace_back().id = "A";
  for (const Format format : {Format::text, Format::json, Format::junit, Format::sarif}) {
    CHECK(written(results, {}, format, {}).find('A') != std::string::npos);
  }
}

TEST_CASE("ids must be those of claims") {
  std::vector<claim::Claim> claims(2);
  claims[0].id = "FTA-1";
  claims[1].id = "PCI-3";
  const std::vector<std::string> twice = {"PCI-3", "FTA-1", "PCI-3"};
  CHECK(checked_ids(claims, twice).value() == std::vector<std::string>{"PCI-3", "FTA-1"});
  const std::vector<std::string> misspelt = {"FTA-1", "PIC-3"};
  const Result<std::vector<std::string>> failed = checked_ids(claims, misspelt);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.failure().message == "no claim of this run has the id `PIC-3`; did you mean `PCI-3`?");
  CHECK(checked_ids(claims, {}).value().empty());
  const std::vector<std::string> advisory = {"FTA-1/responder", "FTA-1"};
  CHECK(checked_ids(claims, advisory).value() == std::vector<std::string>{"FTA-1"});
}

}  // namespace
}  // namespace segproof::cli
