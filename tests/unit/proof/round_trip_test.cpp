// SPDX-License-Identifier: Apache-2.0
// The law of the network file: what is written and read back strictly by the grammar is the same network, and is
// written the same again.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "agree/naive/random_network.h"
#include "base/file.h"
#include "input/snapshot.h"
#include "network_reader.h"
#include "proof/network_text.h"
#include "whole.h"

namespace segproof::test {
namespace {

std::vector<proof::Input> inputs_of(const input::Snapshot& snapshot) {
  std::vector<proof::Input> inputs;
  for (const InputFile& file : snapshot.inputs) {
    inputs.push_back({.path = file.path, .sha256 = file.sha256});
  }
  return inputs;
}

void check_round_trip(const model::Network& network, const std::vector<claim::Claim>& claims,
                      const std::vector<proof::Input>& inputs, const SourceStore& sources) {
  const std::string text = proof::network_text(network, claims, inputs, sources);
  ReadNetwork read;
  REQUIRE_NOTHROW(read = read_network(text));
  REQUIRE(whole(read.network, read.claims, read.sources) == whole(network, claims, sources));
  REQUIRE(read.inputs.size() == inputs.size());
}

struct Loaded {
  SourceStore sources;
  input::Snapshot snapshot;
  std::string text;
};

void load(const input::SnapshotRequest& request, Loaded& loaded) {
  DiagnosticSink sink;
  const RealFileSystem files;
  Result<input::Snapshot> snapshot = input::load_snapshot(request, files, loaded.sources, sink);
  REQUIRE(snapshot.ok());
  REQUIRE_FALSE(sink.has_errors());
  loaded.snapshot = std::move(snapshot).value();
  loaded.text =
      proof::network_text(loaded.snapshot.network, loaded.snapshot.claims, inputs_of(loaded.snapshot), loaded.sources);
}

void check_files(const input::SnapshotRequest& request) {
  Loaded first;
  load(request, first);
  check_round_trip(first.snapshot.network, first.snapshot.claims, inputs_of(first.snapshot), first.sources);
  Loaded second;
  load(request, second);
  CHECK(first.text == second.text);
}

std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> result;
  const auto names = RealFileSystem().list_folder(folder);
  REQUIRE(names.ok());
  for (const std::string& name : names.value()) {
    if (RealFileSystem().kind(join_path(folder, name)) == FileKind::folder) {
      result.push_back(join_path(folder, name));
    }
  }
  return result;
}

std::uint64_t first_seed() {
  const char* given = std::getenv("SEGPROOF_SEED");
  return given == nullptr ? 20'240'000 : std::strtoull(given, nullptr, 10);
}

const std::vector<std::string> nasty = {"\"\n  rule @- accept\n", "\\", "\r\n", "\x01\x02", "\xff\xc3",
                                        "\xe2\x80\xae",           " ",  "*",    "a\tb",     "@-"};

// Names that try to leave their line, each still unique.
class Spoiler {
 public:
  void spoil(std::string& name) { name += nasty[count_++ % nasty.size()]; }
  void spoil(std::vector<claim::Name>& names) {
    for (claim::Name& name : names) {
      spoil(name.text);
    }
  }
  void spoil(model::Network& network) {
    spoil(network.epoch);
    spoil(network.date);
    for (model::Segment& segment : network.segments) {
      spoil(segment.name);
    }
    for (model::Zone& zone : network.zones) {
      spoil(zone.name);
      zone.tags.push_back(nasty[0]);
    }
    for (model::Interface& interface : network.interfaces) {
      spoil(interface.name);
    }
    for (model::Node& node : network.nodes) {
      const std::string before = node.name;
      spoil(node.name);
      node.also_called.push_back(nasty[0] + before);
      node.twin = nasty[1];
      node.tags.push_back(nasty[4]);
      spoil(node.rules);
    }
    for (model::Assumption& assumption : network.assumptions) {
      spoil(assumption.id);
    }
    network.gaps.push_back({{}, DiagnosticCode::rule_undecided, nasty[0] + nasty[4], {}});
  }
  void spoil(model::RuleSet& rules) {
    for (model::Chain& chain : rules.chains) {
      spoil(chain.name);
      chain.rules.push_back({{{model::UnknownTest{model::Unknown::rate, nasty[0] + nasty[3], false},
                               model::InterfaceTest{model::Direction::egress, nasty[0], true, true}}},
                             model::AttachHelper{nasty[0]},
                             {}});
    }
    for (model::Stage& stage : rules.stages) {
      spoil(stage.label);
    }
  }
  void spoil(claim::Claim& claim) {
    spoil(claim.id);
    claim.text = nasty[0] + nasty[4];
    spoil(claim.from);
    spoil(claim.to);
  }

 private:
  std::size_t count_ = 0;
};

TEST_CASE("the shipped example, every epoch and variant") {
  const std::string policies = "policies/transfer-enclave";
  std::size_t networks = 0;
  for (const std::string& parent : {policies, policies + "/variants"}) {
    for (const std::string& folder : folders_in(parent)) {
      if (!folder.ends_with("variants")) {
        CAPTURE(folder);
        check_files({.topology = {"topologies/transfer-enclave"}, .policy = {folder}, .claims = {}});
        ++networks;
      }
    }
  }
  CHECK(networks >= 23);
}

TEST_CASE("the networks that once had a wrong verdict") {
  const std::vector<std::string> folders = folders_in("tests/regress/proofs");
  CHECK(folders.size() >= 10);
  for (const std::string& folder : folders) {
    CAPTURE(folder);
    const bool has_topology = RealFileSystem().kind(folder + "/topology.yaml") == FileKind::file;
    check_files(has_topology ? input::SnapshotRequest{.topology = {folder + "/topology.yaml"},
                                                      .policy = {folder + "/policy.yaml"},
                                                      .claims = {}}
                             : input::SnapshotRequest{.topology = {folder}, .policy = {}, .claims = {}});
  }
}

TEST_CASE("random networks, as they are and with hostile names") {
  const std::uint64_t first = first_seed();
  MESSAGE("seeds from ", first);
  for (std::uint64_t seed = first; seed < first + 400; ++seed) {
    CAPTURE(seed);
    naive::RandomCase random =
        naive::random_case(seed, seed % 2 == 0 ? naive::Flavour::decided : naive::Flavour::undecided);
    const SourceStore sources;
    check_round_trip(random.network, random.claims, {}, sources);
    Spoiler spoiler;
    spoiler.spoil(random.network);
    for (claim::Claim& claim : random.claims) {
      spoiler.spoil(claim);
    }
    check_round_trip(random.network, random.claims, {{nasty[0] + nasty[4], std::string(64, '0')}}, sources);
  }
}

TEST_CASE("paths cannot leave their line either") {
  SourceStore sources;
  model::Network network;
  for (const std::string& name : nasty) {
    network.gaps.push_back({{.file = sources.add(name, ""), .line = 1}, DiagnosticCode::rule_undecided, name, {}});
  }
  check_round_trip(network, {}, {}, sources);
}

}  // namespace
}  // namespace segproof::test
