// SPDX-License-Identifier: Apache-2.0
// What would be sent, without a kernel.
#include "confirm/trial.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "claim/session.h"
#include "three_firewalls.h"
#include "unit/snapshot/dump.h"

using namespace segproof;
using namespace segproof::test;

namespace {

std::string text_of(const confirm::Trial& trial, const model::Network& network) {
  std::string text;
  for (const confirm::Shot& shot : trial.shots) {
    text += fmt::format("{}: {} on {} to {}{} -> {}\n", shot.actor, to_string(shot.packet),
                        network.segment(shot.wire).name, network.node(network.interface(shot.receiver).node).name,
                        shot.through.valid() ? " past its own rules" : "",
                        shot.expected ? confirm::seat_name(*shot.expected, network) : "nowhere");
  }
  return text;
}

std::string trial_text(const confirm::TrialOrReason& trial, const model::Network& network) {
  const auto* reason = std::get_if<std::string>(&trial);
  return reason != nullptr ? *reason : text_of(std::get<confirm::Trial>(trial), network);
}

claim::Options only(const std::string& id) {
  claim::Options options;
  options.only = {id};
  return options;
}

const claim::Claim& claim_called(const Loaded& loaded, const std::string& id) {
  for (const claim::Claim& claim : loaded.snapshot.claims) {
    if (claim.id == id) {
      return claim;
    }
  }
  FAIL("no such claim");
  return loaded.snapshot.claims.front();
}

}  // namespace

TEST_CASE("each step of a counterexample is a shot, from where it enters the first device") {
  const Loaded loaded = load(three_firewalls());
  REQUIRE(loaded.diagnostics() == "");
  const model::Network& network = loaded.snapshot.network;
  const claim::Results results = claim::verify(network, loaded.snapshot.claims, loaded.sources, only("SRV-1"));
  REQUIRE(results.verdicts.size() == 1);
  REQUIRE(results.verdicts.front().witness.has_value());
  const claim::Witness& witness = *results.verdicts.front().witness;
  const confirm::TrialOrReason trial = confirm::trial_of(witness, loaded.snapshot);
  REQUIRE(std::holds_alternative<confirm::Trial>(trial));
  const confirm::Trial& shots = std::get<confirm::Trial>(trial);
  CHECK(shots.order == confirm::Trial::Order::in_turn);
  REQUIRE(shots.shots.size() == witness.steps.size());
  for (std::size_t i = 0; i < shots.shots.size(); ++i) {
    const confirm::Shot& shot = shots.shots[i];
    CHECK(shot.packet == *witness.steps[i].packet);
    CHECK(shot.actor == witness.steps[i].actor);
    CHECK(network.node(network.interface(shot.receiver).node).name == witness.steps[i].hops.front().device);
    CHECK(network.interface(shot.receiver).segment == shot.wire);
  }
  REQUIRE(shots.shots.back().expected.has_value());
  CHECK(confirm::seat_name(*shots.shots.back().expected, network) == witness.steps.back().delivered);
}

TEST_CASE("counterexamples that are no single packets to one receiver have none") {
  const Loaded loaded = load(three_firewalls());
  const model::Network& network = loaded.snapshot.network;
  claim::WitnessStep step;
  step.actor = "scanner";
  step.delivered = "web1";
  step.packet = parse_packet("udp 198.51.100.66:53 > 255.255.255.255:53");
  const auto said = [&] { return trial_text(confirm::trial_of({{step}}, loaded.snapshot), network); };
  CHECK(said() == "its counterexample is sent to all of a segment");
  step.packet = parse_packet("tcp 198.51.100.66:53 > 10.2.0.10:443");
  CHECK(said() == "its counterexample stays on one segment and passes no rules");
  claim::Hop hop;
  hop.device = "edge";
  hop.in = "eth7";
  step.hops = {hop};
  CHECK(said() == "where its counterexample enters edge is not known");
  step.hops.front().in = "eth0";
  CHECK(said() == "scanner: tcp 198.51.100.66:53 > 10.2.0.10:443 [syn] on wan to edge -> web1\n");
  (*step.packet)[Field::fragment] = 1;
  CHECK(said() == "its counterexample is a later fragment without the first one");
  CHECK(trial_text(confirm::trial_of({}, loaded.snapshot), network) == "its counterexample is no packet");
}

TEST_CASE("a sample is the same for a seed, another for another one, and each flow is new") {
  const Loaded loaded = load(three_firewalls());
  const model::Network& network = loaded.snapshot.network;
  const claim::Claim& claim = claim_called(loaded, "OUT-2");
  const auto drawn = [&](std::uint64_t seed) { return confirm::sample_of(claim, loaded.snapshot, seed, 120); };
  CHECK(trial_text(drawn(1), network) == trial_text(drawn(1), network));
  CHECK(trial_text(drawn(1), network) != trial_text(drawn(2), network));
  const confirm::TrialOrReason sample = drawn(1);
  const auto& trial = std::get<confirm::Trial>(sample);
  CHECK(trial.order == confirm::Trial::Order::together);
  CHECK(trial.shots.size() == 120);
  std::set<std::string> packets;
  for (const confirm::Shot& shot : trial.shots) {
    packets.insert(to_string(shot.packet));
    CHECK(network.segment(shot.wire).name == "wan");
    const bool reaches_office =
        shot.expected && shot.expected->node.valid() && network.node(shot.expected->node).name == "pc1";
    CHECK_FALSE(reaches_office);  // it is proved
  }
  CHECK(packets.size() == trial.shots.size());
}

TEST_CASE("controls all arrive, in both families, and not all at one place") {
  const Loaded loaded = load(three_firewalls());
  const confirm::Trial trial = confirm::controls_of(loaded.snapshot, 1, 60);
  CHECK(trial.shots.size() >= 30);
  std::set<confirm::Seat> ends;
  std::set<Family> families;
  for (const confirm::Shot& shot : trial.shots) {
    REQUIRE(shot.expected.has_value());
    ends.insert(*shot.expected);
    families.insert(shot.packet.family);
  }
  CHECK(ends.size() >= 3);
  CHECK(families.size() == 2);
}

TEST_CASE("proofs need every router to be Linux, counterexamples those on their way") {
  std::map<std::string, std::string> files = three_firewalls();
  std::string& policy = files["net/policy.yaml"];
  const std::string old =
      "core: [{format: iptables-save, file: core.rules}, {format: ip6tables-save, file: core.rules6}]";
  REQUIRE(policy.find(old) != std::string::npos);
  policy.replace(policy.find(old), old.size(), "core: {native: {stateful: true, forward: {default: deny}}}");
  files.erase("net/core.rules");
  files.erase("net/core.rules6");
  const Loaded loaded = load(files);
  REQUIRE(loaded.diagnostics() == "");
  const std::string why = "device core is not Linux: its rules are written in YAML";
  CHECK(trial_text(confirm::sample_of(claim_called(loaded, "OUT-2"), loaded.snapshot, 1, 10),
                   loaded.snapshot.network) == why);
  const confirm::Trial controls = confirm::controls_of(loaded.snapshot, 1, 10);
  CHECK_FALSE(controls.shots.empty());
  CHECK_FALSE(controls.nodes.contains(loaded.snapshot.network.find_node("core")));
  const claim::Results results =
      claim::verify(loaded.snapshot.network, loaded.snapshot.claims, loaded.sources, only("OUT-1"));
  REQUIRE(results.verdicts.front().witness.has_value());
  CHECK(std::holds_alternative<confirm::Trial>(confirm::trial_of(*results.verdicts.front().witness, loaded.snapshot)));
}
