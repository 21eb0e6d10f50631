// SPDX-License-Identifier: Apache-2.0
// The examples of docs/files.md are read, and mean what the page says.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "unit/snapshot/dump.h"

using namespace segproof;
using namespace segproof::test;

namespace {

// The YAML blocks of the page, in order.
std::vector<std::string> examples() {
  std::ifstream page("docs/files.md");
  REQUIRE(page.good());
  std::vector<std::string> blocks;
  std::string line;
  bool inside = false;
  while (std::getline(page, line)) {
    if (line == "```yaml") {
      inside = true;
      blocks.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

}  // namespace

TEST_CASE("the examples of docs/files.md") {
  const std::vector<std::string> blocks = examples();
  REQUIRE(blocks.size() == 4);
  std::map<std::string, std::string> files = {
      {"topology/topology.yaml", blocks[0]},
      {"topology/hosts.ini", "[web]\nfta01\n"},
      {"topology/scan.xml", "<?xml version=\"1.0\"?>\n<nmaprun/>\n"},
      {"topology/assets.csv", "hostname,ip,roles\nfta01,172.30.10.4,edge\n"},
      {"e1/policy.yaml", blocks[1]},
      {"e1/fw-edge.rules", "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"},
      {"e1/fw-edge.rules6", "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"},
      {"e0/policy.yaml",
       "segproof: policy/1\nepoch: e0\ndate: 2020-12-01\nrules: {fw-edge: none, rtr-core: none, fw-prod: none}\n"},
      {"claims.yaml", blocks[3]},
  };
  const Loaded loaded = load(files, {.topology = {"topology"}, .policy = {"e1"}, .claims = {}});
  CHECK(loaded.failure == "");
  CHECK_FALSE(loaded.sink.has_errors());
  const std::string found = loaded.messages() + "---\n" + dump_network(loaded.snapshot.network, loaded.sources);
  const std::string expected = "tests/regress/yaml/example.txt";
  if (std::getenv("SEGPROOF_UPDATE") != nullptr) {
    std::ofstream(expected, std::ios::binary) << found;
  }
  std::ostringstream golden;
  golden << std::ifstream(expected, std::ios::binary).rdbuf();
  CHECK(found == golden.str());
}
