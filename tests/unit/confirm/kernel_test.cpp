// SPDX-License-Identifier: Apache-2.0
// The kernel of this machine about the shipped showcases and a network of three firewalls; and what happens when the
// model is wrong on purpose.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <string>

#include "base/file.h"
#include "claim/session.h"
#include "confirm/confirm.h"
#include "confirm/experiment.h"
#include "support/skip.h"
#include "three_firewalls.h"
#include "unit/snapshot/dump.h"

using namespace segproof;
using namespace segproof::test;

namespace {

bool kernel_is_there() {
  const Result<confirm::Observations> nothing = confirm::experiment({}, {});
  if (!nothing) {
    skip("kernel", nothing.failure().message);
  }
  return nothing.ok();
}

struct Asked {
  std::string failure;
  claim::Results results;
};

// The verdicts of one network, held against the rules that stand in the files of another.
Asked ask(const input::Snapshot& snapshot, const SourceStore& sources, const input::Snapshot& built,
          const SourceStore& built_sources, unsigned long long seed = 1) {
  Asked asked;
  asked.results = claim::verify(snapshot.network, snapshot.claims, sources, {});
  input::Snapshot mixed = snapshot;
  mixed.node_files = built.node_files;
  const Result<bool> done = confirm::confirm(mixed, built_sources, {.seed = seed, .probes = 150}, asked.results);
  asked.failure = done ? std::string() : done.failure().message;
  return asked;
}

// "OUT-1 refuted confirmed" per claim, the contradictions below it, and the sum.
std::string told(const Asked& asked) {
  std::string text = asked.failure;
  const auto contradictions = [&](const std::vector<claim::Contradiction>& all) {
    for (const claim::Contradiction& one : all) {
      text +=
          fmt::format("  {} {}: expected `{}` seen `{}`\n", one.actor, to_string(one.packet), one.expected, one.seen);
    }
  };
  for (const claim::Verdict& verdict : asked.results.verdicts) {
    text += fmt::format(
        "{} {} {}{}\n", verdict.id, claim::outcome_name(verdict.outcome),
        verdict.confirmation ? claim::kernel_says_name(verdict.confirmation->says) : "-",
        verdict.confirmation && !verdict.confirmation->reason.empty() ? ": " + verdict.confirmation->reason : "");
    if (verdict.confirmation) {
      contradictions(verdict.confirmation->differences);
    }
  }
  if (asked.results.confirmation) {
    contradictions(asked.results.confirmation->control_differences);
    text += fmt::format("{} differences\n", asked.results.confirmation->differences);
  }
  return text;
}

Asked ask_folder(const std::string& name, const std::string& epoch) {
  SourceStore sources;
  DiagnosticSink sink;
  const Result<input::Snapshot> snapshot = input::load_snapshot(
      {.topology = {"topologies/" + name}, .policy = {fmt::format("policies/{}/{}", name, epoch)}, .claims = {}},
      RealFileSystem(), sources, sink);
  REQUIRE(snapshot.ok());
  return ask(snapshot.value(), sources, snapshot.value(), sources);
}

}  // namespace

TEST_CASE("the showcases hold") {
  if (!kernel_is_there()) {
    return;
  }
  CHECK(told(ask_folder("docker-published-port", "e0")) ==
        "DPP-1 refuted confirmed\nDPP-2 refuted confirmed\nDPP-3 proved confirmed\n0 differences\n");
  CHECK(told(ask_folder("docker-published-port", "e1")) ==
        "DPP-1 proved confirmed\nDPP-2 refuted confirmed\nDPP-3 proved confirmed\n0 differences\n");
  CHECK(told(ask_folder("docker-published-port", "e2")) ==
        "DPP-1 proved confirmed\nDPP-2 proved confirmed\nDPP-3 proved confirmed\n0 differences\n");
  CHECK(told(ask_folder("notrack-hole", "e0")) ==
        "NTH-1 refuted confirmed\nNTH-2 refuted confirmed\nNTH-3 refuted confirmed\n0 differences\n");
  CHECK(told(ask_folder("notrack-hole", "e1")) ==
        "NTH-1 proved confirmed\nNTH-2 proved confirmed\nNTH-3 proved confirmed\n0 differences\n");
}

TEST_CASE("three firewalls of three back ends, in both families, with translation and replies") {
  if (!kernel_is_there()) {
    return;
  }
  const unsigned long long start = seed("three firewalls", 1);
  const Loaded loaded = load(three_firewalls());
  REQUIRE(loaded.diagnostics() == "");
  const Asked asked = ask(loaded.snapshot, loaded.sources, loaded.snapshot, loaded.sources, start);
  CHECK(told(asked) ==
        "OUT-1 refuted confirmed\nOUT-2 proved confirmed\nSRV-1 refuted confirmed\nSRV-2 proved confirmed\n"
        "OFF-1 proved confirmed\nOFF-2 proved confirmed\n0 differences\n");
  REQUIRE(asked.results.confirmation.has_value());
  CHECK(asked.results.confirmation->controls >= 20);
  CHECK(asked.results.confirmation->probes >= 500);
  CHECK(asked.results.confirmation->kernel.starts_with("Linux "));
}

TEST_CASE("rules that let more through than the model knows are a difference") {
  if (!kernel_is_there()) {
    return;
  }
  const Loaded loaded = load(three_firewalls());
  std::map<std::string, std::string> files = three_firewalls();
  std::string& rules = files["net/core.rules"];
  rules.replace(rules.find(":FORWARD DROP"), 13, ":FORWARD ACCEPT");
  std::string& edge = files["net/edge.rules"];
  edge.replace(edge.find(":FORWARD DROP"), 13, ":FORWARD ACCEPT");
  const Loaded other = load(files);
  const Asked asked = ask(loaded.snapshot, loaded.sources, other.snapshot, other.sources);
  CAPTURE(told(asked));
  REQUIRE(asked.failure == "");
  const auto says = [&](const std::string& id) {
    for (const claim::Verdict& verdict : asked.results.verdicts) {
      if (verdict.id == id && verdict.confirmation) {
        return verdict.confirmation->says;
      }
    }
    FAIL("not asked");
    return claim::KernelSays::not_confirmable;
  };
  CHECK(says("OUT-2") == claim::KernelSays::differs);
  CHECK(says("OFF-1") == claim::KernelSays::confirmed);
  CHECK(asked.results.confirmation->differences > 0);
}

TEST_CASE("rules that let less through than the model knows are a difference") {
  if (!kernel_is_there()) {
    return;
  }
  const Loaded loaded = load(three_firewalls());
  std::map<std::string, std::string> files = three_firewalls();
  std::string& rules = files["net/prod.nft"];
  const std::string line = "\t\tiifname \"eth0\" tcp dport 443 accept\n";
  REQUIRE(rules.find(line) != std::string::npos);
  rules.erase(rules.find(line), line.size());
  const Loaded other = load(files);
  const std::string said = told(ask(loaded.snapshot, loaded.sources, other.snapshot, other.sources));
  CAPTURE(said);
  CHECK(said.find("OUT-1 refuted differs\n") != std::string::npos);
  CHECK(said.find("expected `web1` seen ``") != std::string::npos);
  CHECK(said.find("OFF-2 proved differs\n") != std::string::npos);
}

TEST_CASE("a rule set that the programs refuse is not confirmable, and the rest is") {
  if (!kernel_is_there()) {
    return;
  }
  const Loaded loaded = load(three_firewalls());
  std::map<std::string, std::string> files = three_firewalls();
  std::string& rules = files["net/core.rules"];
  rules.insert(rules.find("-A office"), "-A FORWARD -m nosuchmatch -j ACCEPT\n");
  const Loaded other = load(files);
  const std::string said = told(ask(loaded.snapshot, loaded.sources, other.snapshot, other.sources));
  CAPTURE(said);
  CHECK(said.find("OUT-1 refuted confirmed\n") != std::string::npos);
  CHECK(said.find("OUT-2 proved not-confirmable: core cannot be built: iptables-nft-restore") != std::string::npos);
}
