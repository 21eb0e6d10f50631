// SPDX-License-Identifier: Apache-2.0
// Sessions that a device opens itself, translated to addresses which nobody owns.
#include <doctest/doctest.h>

#include "unit/claim/network_builder.h"

namespace segproof::test {
namespace {

// Nothing gets in under the device's own addresses; answers to its sessions do.
std::string guarded(const std::string& nat) {
  return "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 198.51.100.1 -j DROP\n-A PREROUTING -d 10.2.0.1 -j DROP\n"
         "-A PREROUTING -m addrtype --dst-type BROADCAST,MULTICAST -j DROP\nCOMMIT\n*nat\n:POSTROUTING ACCEPT [0:0]\n" +
         nat +
         "COMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -m conntrack --ctstate ESTABLISHED -j "
         "ACCEPT\nCOMMIT\n";
}

}  // namespace

TEST_CASE("answers to a device come back to the address that its sessions were translated to") {
  Plan plan(one_firewall);
  plan.rules("fw", guarded(""));
  CHECK(plan.outcome(isolated("out", "device:fw")) == "proved");
  Plan translating(one_firewall);
  translating.rules("fw", guarded("-A POSTROUTING -o eth0 -j SNAT --to-source 192.0.2.99\n"));
  CHECK(translating.outcome(isolated("out", "device:fw")) == "inconclusive");
  CHECK(translating.outcome(no_new("out", "device:fw")) == "proved");
  CHECK(translating.outcome(isolated("out", "in")) == "proved");
}

TEST_CASE("a device that translates its own packets sends with the new address") {
  const auto outcome = [](const std::string& nat) {
    Plan plan(R"(
      segment a 198.51.100.0/24 complete
      segment t 10.9.0.0/24 complete
      segment b 10.2.0.0/24 complete
      host out eth0=a:198.51.100.10/24
      host in eth0=b:10.2.0.10/24
      device fw eth0=a:198.51.100.1/24 eth1=t:10.9.0.1/24
      device core eth0=t:10.9.0.2/24 eth1=b:10.2.0.1/24
    )");
    plan.rules("core", "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 192.0.2.99 -j ACCEPT\nCOMMIT\n");
    plan.rules("fw", "*nat\n:POSTROUTING ACCEPT [0:0]\n" + nat + "COMMIT\n*filter\n:FORWARD DROP [0:0]\nCOMMIT\n");
    claim::Claim honest = isolated("device:fw", "in");
    honest.spoofing = claim::Spoofing::own;
    return plan.outcome(honest);
  };
  CHECK(outcome("") == "proved");
  CHECK(outcome("-A POSTROUTING -o eth1 -j SNAT --to-source 192.0.2.99\n") != "proved");
}

}  // namespace segproof::test
