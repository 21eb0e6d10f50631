// SPDX-License-Identifier: Apache-2.0
// The small examples, each about one thing that people overlook on Linux: every epoch has the verdicts that its README
// promises, and is refuted by the packet that the README tells of.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "claim/verdict.h"
#include "markdown_table.h"
#include "packet/packet.h"
#include "run.h"

namespace segproof::test {
namespace {

Run run_of(const std::string& name, const std::string& epoch) {
  return verify_folders("topologies/" + name, fmt::format("policies/{}/{}", name, epoch), Warnings::are_faults);
}

void check_table(const std::string& name, std::size_t epochs) {
  const std::vector<TableRow> table = markdown_table(file_text(fmt::format("policies/{}/README.md", name)), "claim");
  REQUIRE(table.size() == 4);
  REQUIRE(table.front().size() == epochs + 1);
  for (std::size_t column = 1; column <= epochs; ++column) {
    const std::string& epoch = table.front()[column];
    CAPTURE(epoch);
    const Run run = run_of(name, epoch);
    CHECK(run.faults == "");
    std::map<std::string, std::string> promised;
    for (std::size_t row = 1; row < table.size(); ++row) {
      promised[table[row].front()] = table[row][column];
    }
    CHECK(outcomes(run) == promised);
  }
}

// "packet as sent | text of the rule of the hop at that stage", of the last step of the claim's witness.
std::string told(const Run& run, const std::string& id, const std::string& stage) {
  for (const claim::Verdict& verdict : run.results.verdicts) {
    if (verdict.id != id || !verdict.witness) {
      continue;
    }
    const claim::WitnessStep& step = verdict.witness->steps.back();
    for (const claim::Hop& hop : step.hops) {
      if (hop.stage == stage && hop.rule) {
        return fmt::format("{} | {}", to_string(step.packet.value()), hop.rule->text);
      }
    }
  }
  return "no witness";
}

TEST_CASE("docker-published-port: the verdicts of its table") {
  check_table("docker-published-port", 3);
}

TEST_CASE("docker-published-port: the packet is translated, forwarded, and never meets INPUT") {
  const Run published = run_of("docker-published-port", "e0");
  CHECK(told(published, "DPP-1", "nat PREROUTING") ==
        "tcp 203.0.113.66:40000 > 192.0.2.10:9000 [syn] | -A DOCKER ! -i br-4f1c2a9d77e0 -p tcp -m tcp --dport 9000 "
        "-j DNAT --to-destination 172.18.0.2:9000");
  CHECK(told(published, "DPP-1", "filter INPUT") == "no witness");
  const std::string accepts =
      "tcp 203.0.113.66:40000 > 172.18.0.2:9000 [syn] | -A DOCKER -d 172.18.0.2/32 ! -i br-4f1c2a9d77e0 -o "
      "br-4f1c2a9d77e0 -p tcp -m tcp --dport 9000 -j ACCEPT";
  CHECK(told(published, "DPP-2", "filter FORWARD") == accepts);
  CHECK(told(run_of("docker-published-port", "e1"), "DPP-2", "filter FORWARD") == accepts);
}

TEST_CASE("notrack-hole: the verdicts of its table") {
  check_table("notrack-hole", 2);
}

TEST_CASE("notrack-hole: a source port is all that it takes") {
  const Run open = run_of("notrack-hole", "e0");
  CHECK(told(open, "NTH-1", "inet filter forward") ==
        "udp 198.51.100.66:53 > 203.0.113.20:443 | ct state established,related,untracked accept");
  CHECK(told(open, "NTH-3", "inet filter forward") ==
        "udp 192.0.2.68:53 > 203.0.113.20:443 | ct state established,related,untracked accept");
}

}  // namespace
}  // namespace segproof::test
