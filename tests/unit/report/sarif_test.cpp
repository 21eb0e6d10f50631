// SPDX-License-Identifier: Apache-2.0
#include "report/sarif.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "unit/report/samples.h"

namespace segproof::report {
namespace {

using nlohmann::json;

json run_of(const claim::Results& results, const SourceStore& sources) {
  const json log = json::parse(verify_sarif(results, sources));
  CHECK(log["version"] == "2.1.0");
  CHECK(log["$schema"].is_string());
  REQUIRE(log["runs"].size() == 1);
  return log["runs"][0];
}

// What SARIF 2.1.0 and code scanning ask of every result.
void check_result(const json& run, const json& result) {
  const json& rules = run["tool"]["driver"]["rules"];
  REQUIRE(result["ruleIndex"].get<std::size_t>() < rules.size());
  CHECK(rules[result["ruleIndex"].get<std::size_t>()]["id"] == result["ruleId"]);
  CHECK(std::set<std::string>{"error", "warning", "note"}.contains(result["level"].get<std::string>()));
  CHECK_FALSE(result["message"]["text"].get<std::string>().empty());
  REQUIRE(result["locations"].size() == 1);
  const json& place = result["locations"][0]["physicalLocation"];
  CHECK_FALSE(place["artifactLocation"]["uri"].get<std::string>().empty());
  CHECK(place["region"]["startLine"].get<int>() >= 1);
  CHECK(result["partialFingerprints"]["segproofClaim/v1"].get<std::string>().size() == 64);
}

TEST_CASE("only what is not proved is a result, each with a place and a fingerprint") {
  const test::Sample sample = test::plain_sample();
  const json run = run_of(sample.results, sample.sources);
  CHECK(run["tool"]["driver"]["name"] == "segproof");
  std::string shape;
  std::set<std::string> fingerprints;
  for (const json& result : run["results"]) {
    check_result(run, result);
    shape += result["properties"]["claim"].get<std::string>() + "=" + result["level"].get<std::string>() + " ";
    fingerprints.insert(result["partialFingerprints"]["segproofClaim/v1"].get<std::string>());
  }
  CHECK(shape == "FTA-2=error FTA-3=warning FTA-4=warning FTA-5=warning FTA-2/responder=note ");
  CHECK(fingerprints.size() == 5);
  for (const json& rule : run["tool"]["driver"]["rules"]) {
    CHECK_FALSE(rule["shortDescription"]["text"].get<std::string>().empty());
    CHECK_FALSE(rule["help"]["text"].get<std::string>().empty());
  }
}

TEST_CASE("a refutation leads to the deciding line") {
  const test::Sample sample = test::plain_sample();
  const json result = run_of(sample.results, sample.sources)["results"][0];
  CHECK(result["locations"][0]["physicalLocation"]["artifactLocation"] ==
        json{{"uri", "policy/claims.yaml"}, {"uriBaseId", "%SRCROOT%"}});
  CHECK(result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 4);
  CHECK(result["codeFlows"][0]["threadFlows"][0]["locations"].size() == 1);
}

TEST_CASE("fingerprints survive when lines move, and tell claims and epochs apart") {
  test::Sample sample = test::plain_sample();
  const json before = run_of(sample.results, sample.sources)["results"][0]["partialFingerprints"];
  for (claim::Verdict& verdict : sample.results.verdicts) {
    verdict.location.line += verdict.location.file.valid() ? 2U : 0U;
    verdict.witness.reset();
  }
  CHECK(run_of(sample.results, sample.sources)["results"][0]["partialFingerprints"] == before);
  sample.results.verdicts[1].epoch = "e1";
  CHECK(run_of(sample.results, sample.sources)["results"][0]["partialFingerprints"] != before);
}

TEST_CASE("paths become URIs") {
  CHECK(uri_of("policies/e0/fw edge.rules") == "policies/e0/fw%20edge.rules");
  CHECK(uri_of("./claims.yaml") == "claims.yaml");
  CHECK(uri_of("../claims.yaml") == "../claims.yaml");
  CHECK(uri_of("/etc/a#b") == "file:///etc/a%23b");
  CHECK(uri_of("c:x\xff") == "c%3Ax%FF");
  CHECK(uri_of("-") == "stdin");
}

}  // namespace
}  // namespace segproof::report
