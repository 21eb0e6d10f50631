// SPDX-License-Identifier: Apache-2.0
#include "report/answers.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "unit/report/samples.h"

namespace segproof::report {
namespace {

constexpr TextStyle normal{.colour = Colour::off, .width = 120};

bool has(const std::string& text, std::string_view needed) {
  return text.find(needed) != std::string::npos;
}

TEST_CASE("reach says what is reachable, by which packet, and what is open") {
  test::Sample sample = test::plain_sample();
  const std::string text = reach_text(sample.reach, sample.sources, normal);
  CHECK(text.starts_with("✗ reachable  dmz-transfer -> corporate\n"));
  CHECK(has(text, "tcp dport 389"));
  CHECK(has(text, "policy/fw-edge.rules:4"));
  CHECK(has(text, "[SP0101]"));
  sample.reach.state = claim::Reachability::nothing;
  CHECK(reach_text(sample.reach, sample.sources, normal).starts_with("✓ nothing is reachable"));
  CHECK(nlohmann::json::parse(reach_json(sample.reach, sample.sources))["reachable"] == "nothing");
}

TEST_CASE("blast counts and lists who falls") {
  const test::Sample sample = test::plain_sample();
  const std::string text = blast_text(sample.blast, sample.sources, normal);
  CHECK(text.starts_with("From fta01: 2 other places fall (pivot worst-case, at most 3 hops)\n"));
  CHECK(has(text, "prod-db1  after 2 pivots, by dir1"));
  CHECK(has(text, "internet"));
  const nlohmann::json answer = nlohmann::json::parse(blast_json(sample.blast, sample.sources));
  CHECK(answer["fallen"].size() == 3);
  CHECK(answer["hops"] == 3);
}

TEST_CASE("trace tells each way to its end") {
  const test::Sample sample = test::plain_sample();
  const std::string text = trace_text(sample.trace, sample.sources, normal);
  CHECK(text.starts_with("fta01 sends tcp 172.30.10.4:40000 > 10.12.0.5:389 [syn]\n"));
  CHECK(has(text, "Way 1 of 2"));
  CHECK(has(text, "delivered to dir1"));
  CHECK(has(text, "lost: fw-twin has no route"));
  const nlohmann::json answer = nlohmann::json::parse(trace_json(sample.trace, sample.sources));
  CHECK(answer["paths"][1]["fate"] == "lost");
  CHECK(answer["paths"][1]["packet_last"].is_null());
}

}  // namespace
}  // namespace segproof::report
