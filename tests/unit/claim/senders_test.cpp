// SPDX-License-Identifier: Apache-2.0
// What a place can send at all, so that no proof forgets it and no refutation rests on what it cannot.
#include <doctest/doctest.h>

#include "network_builder.h"

namespace segproof::test {
namespace {

constexpr const char* lan = R"(
  segment lan 10.1.0.0/24 complete
  host web eth0=lan:10.1.0.10/24
  host desk eth0=lan:10.1.0.11/24
)";

}  // namespace

TEST_CASE("no refutation rests on a source that no stack takes from a wire") {
  Plan plan(lan);
  plan.rules("desk",
             "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
             "-A INPUT -s 224.0.0.0/3 -j ACCEPT\n-A INPUT -s 127.0.0.0/8 -j ACCEPT\n-A INPUT -s 0.0.0.0/8 -j ACCEPT\n"
             "COMMIT\n");
  CHECK(plan.outcome(isolated("web", "desk")) == "inconclusive");
  CHECK(plan.outcome(contained("web", "desk")) == "inconclusive");
  Plan other(lan);
  other.filter("desk", "-A INPUT -s 223.0.0.0/8 -j ACCEPT");
  CHECK(other.outcome(isolated("web", "desk")) == "refuted");
}

TEST_CASE("nobody falls for certain to services that nobody can have tagged") {
  Plan plan(R"(
    segment lan 10.1.0.0/24
    host web eth0=lan:10.1.0.10/24
  )");
  claim::Claim claim = contained("web", "unlisted@lan");
  claim.responder = claim::Responder::ignore;
  CHECK(plan.outcome(claim) == "refuted");
  claim.pivot = claim::Pivot::vulnerable;
  CHECK(plan.outcome(claim) == "inconclusive");
}

TEST_CASE("at the level direct a device is reached although it does not fall") {
  Plan plan(R"(
    segment lan 10.1.0.0/24 complete
    segment corp 10.2.0.0/24 complete
    host web eth0=lan:10.1.0.10/24
    device fw eth0=lan:10.1.0.1/24 eth1=corp:10.2.0.1/24
  )");
  plan.assume("A-FW");
  claim::Claim claim = contained("web", "device:fw");
  CHECK(plan.outcome(claim) == "proved");
  claim.pivot = claim::Pivot::direct;
  CHECK(plan.outcome(claim) == "refuted");
}

TEST_CASE("a host without an address of a family does not fall in it for certain") {
  Plan plan(R"(
    segment lan 2001:db8:1::/64 complete
    host web eth0=lan:2001:db8:1::10/64
    host desk eth0=lan:2001:db8:1::11/64
  )");
  plan.filter("desk", "", Family::ipv6);  // and no rules for IPv4, which it does not have
  claim::Claim claim = contained("web", "desk");
  claim.responder = claim::Responder::ignore;
  CHECK(plan.outcome(claim) != "refuted");
}

}  // namespace segproof::test
