// SPDX-License-Identifier: Apache-2.0
// The shipped example: some epochs and variants, and more of them in a long run (SEGPROOF_AGREE_ROUNDS).
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <set>

#include "agreement.h"
#include "base/file.h"
#include "input/snapshot.h"

namespace segproof::test {
namespace {

void compare_folders(const std::string& topology, const std::string& policy, Tally& tally,
                     const std::set<std::string>& only = {}) {
  SourceStore sources;
  DiagnosticSink sink;
  const RealFileSystem files;
  const Result<input::Snapshot> snapshot =
      input::load_snapshot({.topology = {topology}, .policy = {policy}, .claims = {}}, files, sources, sink);
  REQUIRE(snapshot.ok());
  REQUIRE_FALSE(sink.has_errors());
  std::vector<claim::Claim> claims = snapshot.value().claims;
  std::erase_if(claims, [&](const claim::Claim& claim) { return !only.empty() && !only.contains(claim.id); });
  compare(snapshot.value().network, claims, sources, policy, tally);
}

// A host with legs in two segments, one of which an allow-list names: the checker lets nobody through whom the list
// does not name, and takes both legs for one sender.
bool is_known(const std::string& what) {
  return what.starts_with("policies/transfer-enclave/variants/V10: only MGT-2 ");
}

bool is_long_run() {
  return std::getenv("SEGPROOF_AGREE_ROUNDS") != nullptr;
}

void report(const Tally& tally) {
  MESSAGE(fmt::format(
      "{} proofs certified in {} bytes, {} of kinds without certificates, {} verdicts without proof have no "
      "certificate",
      tally.certified, tally.bytes, tally.of_other_kinds, tally.denied));
  for (const std::string& what : tally.missing) {
    CHECK_MESSAGE(is_known(what), what);
  }
  for (const std::string& what : tally.refuted) {
    FAIL_CHECK(what);
  }
  MESSAGE(fmt::format("{} refutations certified in {} bytes", tally.told, tally.told_bytes));
  for (const std::string& what : tally.untold) {
    CHECK_MESSAGE(is_known(what), what);
  }
}

TEST_CASE("every proof of the epochs has a certificate") {
  Tally tally;
  const std::set<int> epochs = is_long_run() ? std::set{0, 3, 5, 6} : std::set{0, 6};
  for (const int epoch : epochs) {
    compare_folders("topologies/transfer-enclave", fmt::format("policies/transfer-enclave/e{}", epoch), tally);
  }
  report(tally);
  CHECK(tally.certified > 8 * epochs.size());
  CHECK(tally.bytes < tally.certified * 100'000U);  // rows are few
}

TEST_CASE("a misspelt zone makes a claim vacuous, with a certificate") {
  Tally tally;
  compare_folders("topologies/transfer-enclave", "policies/transfer-enclave/variants/V14", tally, {"FTA-1"});
  report(tally);
  CHECK(tally.vacuous == 1);
}

TEST_CASE("every proof of every variant has one, and nothing that a variant refutes has") {
  Tally tally;
  const std::set<int> usual{8, 15};
  for (int variant = 1; variant <= 16; ++variant) {
    if (!is_long_run() && !usual.contains(variant)) {
      continue;
    }
    const std::string policy = fmt::format("policies/transfer-enclave/variants/V{}", variant);
    const std::string own = policy + "/topology";
    const bool has_own = RealFileSystem().kind(own) == FileKind::folder;
    compare_folders(has_own ? own : "topologies/transfer-enclave", policy, tally);
  }
  report(tally);
  CHECK(tally.certified > 10);
  CHECK(tally.denied > 0);
  CHECK(tally.told >= 2);  // FTA-3 of V8, END-1 of V15
}

}  // namespace
}  // namespace segproof::test
