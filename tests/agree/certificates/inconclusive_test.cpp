// SPDX-License-Identifier: Apache-2.0
// Inconclusive verdicts of the shipped example: each has a certificate, but for those that are counted here.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "base/file.h"
#include "check/core/verdict.h"
#include "claim/session.h"
#include "input/snapshot.h"
#include "proof/certify.h"
#include "proof/network_text.h"

namespace segproof::test {
namespace {

struct Count {
  unsigned told = 0, untold = 0;
};

Count count_in(const std::string& policy) {
  SourceStore sources;
  DiagnosticSink sink;
  const RealFileSystem files;
  const Result<input::Snapshot> snapshot = input::load_snapshot(
      {.topology = {"topologies/transfer-enclave"}, .policy = {policy}, .claims = {}}, files, sources, sink);
  REQUIRE(snapshot.ok());
  const model::Network& network = snapshot.value().network;
  const std::string text = proof::network_text(network, snapshot.value().claims, {}, sources);
  claim::Options options;
  options.jobs = 1;
  Count count;
  for (const claim::Verdict& verdict : claim::verify(network, snapshot.value().claims, sources, options).verdicts) {
    if (verdict.outcome != claim::Outcome::inconclusive || verdict.advisory) {
      continue;
    }
    const proof::Certified certified = proof::certify(text, "hash", verdict);
    ++(certified.certificate ? count.told : count.untold);
    if (!certified.certificate) {
      MESSAGE(fmt::format("{}: {} {}: {}", policy, claim::kind_name(verdict.kind), verdict.id, certified.why));
      continue;
    }
    const check::Result checked = check::check_certificate(*certified.certificate, text, "hash");
    CHECK(checked.outcome == check::Outcome::verified);
    CHECK(checked.verdict == "inconclusive");
    // It cites the file of the device whose line is undecided, or the device that is not configured.
    CHECK((certified.certificate->find("fw-core.cfg\":149 holds") != std::string::npos ||
           certified.certificate->find("suppose passes \"fw-core-b\"") != std::string::npos));
  }
  return count;
}

TEST_CASE("a line that is not decided is the one that certificates list") {
  const Count count = count_in("policies/transfer-enclave/variants/V12");
  CHECK(count.told >= 8);
  CHECK(count.told + count.untold == 9);
}

TEST_CASE("so is a device without configuration") {
  const Count count = count_in("policies/transfer-enclave/variants/V13");
  CHECK(count.told >= 11);
  CHECK(count.told + count.untold == 15);
}

}  // namespace
}  // namespace segproof::test
