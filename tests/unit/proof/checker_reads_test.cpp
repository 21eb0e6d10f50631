// SPDX-License-Identifier: Apache-2.0
// The independent checker reads what is written, hostile names included.
#include <doctest/doctest.h>

#include <string>

#include "agree/naive/random_network.h"
#include "base/file.h"
#include "check/core/network.h"
#include "input/snapshot.h"
#include "proof/network_text.h"

namespace segproof::test {
namespace {

TEST_CASE("the checker reads the shipped example") {
  for (const char* epoch : {"e0", "e1", "e2", "e3", "e4", "e5", "e6"}) {
    CAPTURE(epoch);
    SourceStore sources;
    DiagnosticSink sink;
    const auto snapshot = input::load_snapshot({.topology = {"topologies/transfer-enclave"},
                                                .policy = {std::string("policies/transfer-enclave/") + epoch},
                                                .claims = {}},
                                               RealFileSystem(), sources, sink);
    REQUIRE(snapshot.ok());
    const std::string text = proof::network_text(snapshot.value().network, snapshot.value().claims, {}, sources);
    check::Network network;
    REQUIRE_NOTHROW(network = check::read_network(text));
    CHECK(network.nodes.size() == snapshot.value().network.nodes.size());
    CHECK(network.claims.size() == snapshot.value().claims.size());
  }
}

TEST_CASE("the checker reads random networks") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const auto random = naive::random_case(seed, seed % 2 == 0 ? naive::Flavour::decided : naive::Flavour::undecided);
    CHECK_NOTHROW(
        static_cast<void>(check::read_network(proof::network_text(random.network, random.claims, {}, SourceStore()))));
  }
}

TEST_CASE("the checker reads what few networks have: aliases, peers, services that are harmless, any bytes in names") {
  SourceStore sources;
  model::Network network;
  network.assumptions = {{"A", "", "", {"any", "icmp/8"}, {}}};
  network.interfaces = {
      {"eth0", model::NodeId(0), {}, {{*parse_address("10.0.0.1"), *parse_prefix("10.0.0.2/32")}}, true, {}}};
  model::Node node;
  node.name = "a\"\\\n\xff\xe2\x80\xae\xc2\x85";
  node.also_called = {"b"};
  node.interfaces = {model::InterfaceId(0)};
  network.nodes = {node};
  check::Network read;
  REQUIRE_NOTHROW(read = check::read_network(proof::network_text(network, {}, {}, sources)));
  REQUIRE(read.nodes.size() == 1);
  CHECK(read.nodes[0].name == node.name);
}

}  // namespace
}  // namespace segproof::test
