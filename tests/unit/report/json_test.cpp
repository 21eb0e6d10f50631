// SPDX-License-Identifier: Apache-2.0
#include "report/json.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "report/inputs.h"
#include "report/matrix.h"
#include "report/tool.h"
#include "support/skip.h"
#include "unit/report/samples.h"

namespace segproof::report {
namespace {

using nlohmann::json;

json parsed() {
  const test::Sample sample = test::plain_sample();
  return json::parse(verify_json(sample.results, sample.sources));
}

TEST_CASE("the result holds what the verdicts hold") {
  const test::Sample sample = test::plain_sample();
  const json result = parsed();
  CHECK(result["schema"] == "segproof/result/1");
  CHECK(result["tool"] == json{{"name", "segproof"}, {"version", tool_version()}});
  REQUIRE(result["claims"].size() == sample.results.verdicts.size());
  for (std::size_t i = 0; i < sample.results.verdicts.size(); ++i) {
    const claim::Verdict& verdict = sample.results.verdicts[i];
    const json& claim = result["claims"][i];
    CHECK(claim["id"] == verdict.id);
    CHECK(claim["kind"] == claim::kind_name(verdict.kind));
    CHECK(claim["text"] == verdict.text);
    CHECK(claim["verdict"] == claim::outcome_name(verdict.outcome));
    CHECK(claim["reason"] == verdict.reason);
    CHECK(claim["witness"].is_null() == !verdict.witness.has_value());
    CHECK(claim["undecided"].size() == verdict.undecided.size());
    CHECK(claim["denied_by"].size() == verdict.denied_by.size());
    CHECK(claim["assumptions"] == json(verdict.assumptions));
    CHECK(claim["controls"] == json(verdict.controls));
    CHECK(claim["spoofed_only"] == verdict.spoofed_only);
    CHECK(claim["advisory"] == verdict.advisory);
    CHECK(claim["blast"].size() == verdict.blast.size());
    CHECK(claim["certificate"].is_null());
  }
  CHECK(result["summary"] == json{{"proved", 1},
                                  {"refuted", 1},
                                  {"inconclusive", 1},
                                  {"vacuous", 1},
                                  {"not_evaluated", 1},
                                  {"refuted_by_spoofing_only", 1}});
}

TEST_CASE("all keys are always present") {
  const json result = parsed();
  for (const json& claim : result["claims"]) {
    for (const char* key :
         {"id",          "kind",     "text",     "from",         "to",        "epoch",       "pivot",       "spoofing",
          "families",    "verdict",  "reason",   "witness",      "undecided", "denied_by",   "assumptions", "controls",
          "certificate", "location", "advisory", "spoofed_only", "blast",     "confirmation"}) {
      CAPTURE(key);
      CHECK(claim.contains(key));
    }
  }
  CHECK(result["claims"][3]["to"].is_null());
  CHECK(result["claims"][4]["location"].is_null());
  CHECK(result["claims"][4]["epoch"].is_null());
  CHECK(result["claims"][0]["pivot"].is_null());
  CHECK(result["claims"][1]["pivot"] == "worst-case");
}

TEST_CASE("what the kernel said stands beside the verdict, and in the run") {
  CHECK(parsed()["claims"][0]["confirmation"].is_null());
  CHECK(parsed()["confirmation"].is_null());
  const test::Sample sample = test::confirmed_sample("");
  const json result = json::parse(verify_json(sample.results, sample.sources));
  CHECK(result["claims"][0]["confirmation"] == json{{"says", "confirmed"},
                                                    {"kernel", "Linux 6.1.0"},
                                                    {"probes", 200},
                                                    {"reason", nullptr},
                                                    {"differences", json::array()}});
  const json& differs = result["claims"][1]["confirmation"];
  CHECK(differs["says"] == "differs");
  CHECK(differs["differences"][0]["actor"] == "fta01");
  CHECK(differs["differences"][0]["packet"]["destination_port"] == 389);
  CHECK(differs["differences"][0]["expected"] == "dir1");
  CHECK(differs["differences"][0]["seen"].is_null());
  CHECK(result["claims"][2]["confirmation"]["says"] == "not-confirmable");
  CHECK(result["claims"][2]["confirmation"]["reason"] == "device fw-core is not Linux");
  const json& run = result["confirmation"];
  CHECK(run["kernel"] == "Linux 6.1.0");
  CHECK(run["seed"] == 7);
  CHECK(run["probes"] == 242);
  CHECK(run["controls"] == 40);
  CHECK(run["differences"] == 2);
  CHECK(run["control_differences"].size() == 1);
}

TEST_CASE("a witness is written packet by packet and hop by hop") {
  const json step = parsed()["claims"][1]["witness"]["steps"][0];
  CHECK(step["actor"] == "fta01");
  CHECK(step["role"] == "open");
  CHECK(step["delivered"] == "dir1");
  CHECK(step["packet"] == json{{"family", "ipv4"},
                               {"protocol", "tcp"},
                               {"source", "172.30.10.4"},
                               {"source_port", 40000},
                               {"destination", "10.12.0.5"},
                               {"destination_port", 389},
                               {"icmp_type", nullptr},
                               {"icmp_code", nullptr},
                               {"tcp_flags", {"syn"}},
                               {"fragment", false}});
  CHECK(step["hops"][0] == json{{"device", "fw-edge"},
                                {"stage", "filter FORWARD"},
                                {"in", "eth1"},
                                {"out", "eth2"},
                                {"action", "permit"},
                                {"rule",
                                 {{"file", "policy/fw-edge.rules"},
                                  {"line", 4},
                                  {"text", "-A FORWARD -i eth1 -o eth2 -p tcp -m tcp --dport 389 -j ACCEPT"}}},
                                {"packet_after", nullptr}});
  CHECK(step["hops"][1]["packet_after"]["source"] == "10.12.0.1");
  const json ping = parsed()["claims"][1]["witness"]["steps"][1]["packet"];
  CHECK(ping["icmp_type"] == 8);
  CHECK(ping["icmp_code"] == 0);
  CHECK(ping["source_port"].is_null());
  CHECK(ping["tcp_flags"].is_null());
}

TEST_CASE("places are files and lines") {
  const json result = parsed();
  CHECK(result["claims"][0]["location"] == json{{"file", "policy/claims.yaml"}, {"line", 3}});
  CHECK(result["claims"][2]["undecided"][0] ==
        json{{"file", "policy/fw-edge.rules"}, {"line", 5}, {"code", "SP0101"}, {"why", "match `geoip` is not known"}});
  CHECK(result["claims"][2]["undecided"][1]["line"].is_null());
  CHECK(result["claims"][0]["denied_by"][2]["rule"] ==
        json{{"file", nullptr}, {"line", nullptr}, {"text", "no route"}});
}

TEST_CASE("nothing is shortened") {
  test::Sample sample = test::plain_sample();
  claim::Verdict& verdict = sample.results.verdicts.front();
  verdict.denied_by.assign(500, verdict.denied_by.front());
  CHECK(json::parse(verify_json(sample.results, sample.sources))["claims"][0]["denied_by"].size() == 500);
}

// Runs a command; its output, and whether it ended well.
std::pair<bool, std::string> run(const std::string& command) {
  std::string output;
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), size);
  }
  return {pclose(pipe) == 0, output};
}

// Why a document is not valid under a schema; empty when it is.
std::string fault(const std::string& document, const std::string& schema) {
  const std::string path = fmt::format("/tmp/segproof-json-{}.json", getpid());
  REQUIRE(write_file(path, document).ok());
  const std::pair<bool, std::string> answer =
      run(fmt::format("python3 -W ignore -m jsonschema -i {} {} 2>&1", path, schema));
  std::remove(path.c_str());
  return answer.first ? "" : "not valid: " + answer.second;
}

TEST_CASE("result, matrix and inputs are valid under their schemas, and the schemas notice a missing key") {
  if (!run("python3 -c 'import jsonschema' 2>&1").first) {
    test::skip("jsonschema", "python3 has no module jsonschema");
    return;
  }
  for (const char* poison : {"", "\x1b[31m \xff \xe2\x80\xae <&>\"'"}) {
    const test::Sample sample = test::poisoned_sample(poison);
    CHECK(fault(verify_json(sample.results, sample.sources), "schemas/result.schema.json").empty());
    CHECK(fault(matrix_json(sample.matrix, sample.sources), "schemas/matrix.schema.json").empty());
    CHECK(fault(inputs_json(sample.results.inputs, sample.sources), "schemas/inputs.schema.json").empty());
  }
  json broken = parsed();
  broken["claims"][0].erase("certificate");
  CHECK_FALSE(fault(broken.dump(), "schemas/result.schema.json").empty());
}

}  // namespace
}  // namespace segproof::report
