// SPDX-License-Identifier: Apache-2.0
// Why a line is not understood is repeated in results: without what looks like a secret.
#include <doctest/doctest.h>

#include "unit/snapshot/dump.h"

namespace segproof::test {
namespace {

TEST_CASE("a gap does not tell the secret of the line that it quotes") {
  const Loaded loaded = load(
      {{"net/topology.yaml", "segproof: topology/1\nname: x\ndevices:\n  fw1: {interfaces: {}}\n"},
       {"net/policy.yaml",
        "segproof: policy/1\nepoch: now\ndate: 2024-01-01\nrules:\n  fw1:\n    - {format: cisco-ios, file: fw1}\n"},
       {"net/fw1", "hostname fw1\nno-such-command key hunter2\n"}});
  REQUIRE(loaded.failure.empty());
  const std::string dump = dump_network(loaded.snapshot.network, loaded.sources);
  CHECK(dump.find("no-such-command key [removed]") != std::string::npos);
  CHECK(dump.find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace segproof::test
