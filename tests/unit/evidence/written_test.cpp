// SPDX-License-Identifier: Apache-2.0
// What is in a bundle, and that the checker takes it.
#include <doctest/doctest.h>

#include <string>

#include "base/sha256.h"
#include "check/core/verdict.h"
#include "check/envelope/bundle.h"
#include "facade/copied_files.h"
#include "proof/signing.h"
#include "segproof/segproof.h"
#include "small_network.h"

namespace segproof::test {
namespace {

bool mentions(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

TEST_CASE("a bundle is checked, and says of every claim what the network file says") {
  const Written written = evidence_about(small_network());
  const check::Manifest manifest = check::check_bundle(written.files, std::nullopt);
  REQUIRE(manifest.claims.size() == 4);
  CHECK(manifest.claims[0].id == "NET-1");
  CHECK(manifest.claims[0].kind == "no-new-sessions");
  CHECK(manifest.claims[0].from == "servers");
  CHECK(manifest.claims[0].to == "office");
  CHECK(manifest.claims[0].verdict == "proved");
  CHECK(manifest.claims[0].certificate == "certificates/0001.cert");
  CHECK(manifest.claims[1].verdict == "refuted");
  CHECK(manifest.claims[2].verdict == "vacuous");
  CHECK(manifest.claims[3].verdict == "proved");
  REQUIRE_FALSE(manifest.claims[3].certificate.empty());
  const std::string& network = written.files.at("network.txt");
  for (const check::Manifest::Claim& claim : manifest.claims) {
    if (!claim.certificate.empty()) {
      const check::Result result =
          check::check_certificate(written.files.at(claim.certificate), network, sha256_hex(network));
      CHECK(result.outcome == check::Outcome::verified);
      CHECK(result.claim == claim.id);
      CHECK(result.kind == claim.kind);
      CHECK(result.from == claim.from);
      CHECK(result.to == claim.to);
      CHECK(result.verdict == claim.verdict);
    }
  }
}

TEST_CASE("the results name each certificate, or why there is none") {
  const Written written = evidence_about(small_network());
  const std::string& results = written.files.at("results.json");
  CHECK(mentions(results, "\"certificate\": \"certificates/0001.cert\",\n      \"uncertified\": null"));
  for (const claim::Verdict& verdict : written.results.verdicts) {
    CAPTURE(verdict.id);
    CHECK(verdict.certificate.has_value() == verdict.uncertified.empty());
    CHECK((!verdict.certificate || written.files.contains(*verdict.certificate)));
  }
}

TEST_CASE("two runs give the same bytes, whatever the number of threads") {
  const Written one = evidence_about(small_network(), {.made = "2026-11-22T10:00:00Z", .jobs = 1});
  const Written two = evidence_about(small_network(), {.made = "2026-11-22T10:00:00Z", .jobs = 4});
  CHECK(one.files == two.files);
  CHECK(check::check_bundle(one.files, std::nullopt).made == "2026-11-22T10:00:00Z");
  CHECK(evidence_about(small_network()).files != one.files);
}

TEST_CASE("redacted: no secret is left, both hashes are there, and the verdicts are the same") {
  const auto originals = small_network();
  const Written whole = evidence_about(originals);
  const Written redacted = evidence_about(originals, {.copies = api::Copies::redacted});
  bool whole_has_secret = false;
  for (const auto& file : redacted.files) {
    const std::string& name = file.first;
    CAPTURE(name);
    CHECK_FALSE(mentions(file.second, planted_secret));
  }
  for (const auto& [name, bytes] : whole.files) {
    whole_has_secret = whole_has_secret || mentions(bytes, planted_secret);
  }
  CHECK(whole_has_secret);
  CHECK(redacted.files.at("network.txt") == whole.files.at("network.txt"));
  const check::Manifest manifest = check::check_bundle(redacted.files, std::nullopt);
  CHECK(manifest.is_redacted);
  REQUIRE(manifest.inputs.size() == originals.size());
  for (std::size_t i = 0; i < manifest.inputs.size(); ++i) {
    const std::string copy = sha256_hex(redacted.files.at(check::numbered("inputs/", i + 1)));
    CHECK(manifest.inputs[i].first == sha256_hex(originals.at(manifest.inputs[i].second)));
    CHECK(mentions(redacted.files.at("manifest"), "\" " + copy + " " + std::to_string(i + 1) + "\n"));
    CHECK(mentions(redacted.files.at("results.json"), manifest.inputs[i].first));
  }
  for (std::size_t i = 0; i < manifest.claims.size(); ++i) {
    CHECK(redacted.results.verdicts[i].outcome == whole.results.verdicts[i].outcome);
    CHECK(redacted.results.verdicts[i].certificate == whole.results.verdicts[i].certificate);
  }
}

TEST_CASE("a signature counts only with its key") {
  const proof::KeyPair keys = proof::make_key_pair().value();
  const proof::KeyPair others = proof::make_key_pair().value();
  const Written written = evidence_about(small_network(), {.secret_key = keys.secret});
  CHECK_NOTHROW(static_cast<void>(check::check_bundle(written.files, keys.open)));
  CHECK_NOTHROW(static_cast<void>(check::check_bundle(written.files, std::nullopt)));
  for (const std::string& wrong : {others.open, std::string(), keys.secret, std::string("key")}) {
    CHECK_THROWS(static_cast<void>(check::check_bundle(written.files, wrong)));
  }
  // Who takes the signature away leaves a bundle that no key accepts.
  const Written plain = evidence_about(small_network());
  CHECK_THROWS(static_cast<void>(check::check_bundle(plain.files, keys.open)));
  proof::Files stripped = written.files;
  stripped.erase("SHA256SUMS.sig");
  CHECK_THROWS(static_cast<void>(check::check_bundle(stripped, std::nullopt)));
}

TEST_CASE("what nobody can see is no name for evidence") {
  auto files = small_network();
  files["policy.yaml"] =
      "segproof: policy/1\nepoch: now\ndate: 2026-11-02\nrules:\n  fw1: [{format: iptables-save, file: "
      "\"fw\\u200b1.rules\"}]\n";
  files
      ["fw\xe2\x80\x8b"
       "1.rules"] = files["fw1.rules"];
  files.erase("fw1.rules");
  api::CopiedFiles disk;
  SourceStore sources;
  DiagnosticSink sink;
  for (const auto& [path, text] : files) {
    disk.add(path, text);
  }
  const input::SnapshotRequest request{.topology = {"."}, .policy = {}, .claims = {}};
  const auto reading = api::read_copies(request, disk, {});
  REQUIRE(reading.ok());
  claim::Results results;
  const auto evidence = api::evidence_of(*reading.value(), results, {.inputs = request});
  REQUIRE_FALSE(evidence.ok());
  CHECK(mentions(evidence.failure().message, "nobody can see"));
}

TEST_CASE("the facade gives the same bundle") {
  const api::Loaded loaded =
      api::load({.topology = {"topologies/notrack-hole"}, .policy = {"policies/notrack-hole/e1"}, .claims = {}});
  REQUIRE(loaded.snapshot.has_value());
  const api::Evidence evidence = api::evidence(*loaded.snapshot, {.redact = true, .made = "2026-11-22T10:00:00Z"});
  CHECK(evidence.failure.empty());
  const check::Manifest manifest = check::check_bundle(evidence.files, std::nullopt);
  CHECK(manifest.claims.size() == loaded.snapshot->claims().size());
  CHECK(api::evidence(*loaded.snapshot, {.redact = true, .made = "2026-11-22T10:00:00Z", .jobs = 3}).files ==
        evidence.files);
  CHECK_FALSE(api::evidence(*loaded.snapshot, {.made = "today"}).failure.empty());
  CHECK_FALSE(api::evidence(*loaded.snapshot, {.secret_key = "no key"}).failure.empty());
}

}  // namespace
}  // namespace segproof::test
