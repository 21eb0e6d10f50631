// SPDX-License-Identifier: Apache-2.0
// What is missing counts as open, and what leaves the model is undecided, never denied.
#include <doctest/doctest.h>

#include <algorithm>

#include "network_builder.h"

namespace segproof::test {
namespace {

// web --- a --- r1 --- t --- r2 --- b --- db
constexpr const char* chain = R"(
  segment a 10.1.0.0/24 complete
  segment t 10.3.0.0/24 complete
  segment b 10.2.0.0/24 complete
  host web eth0=a:10.1.0.10/24
  host db eth0=b:10.2.0.10/24
)";

}  // namespace

TEST_CASE("a device without configuration passes anything, rewritten to anything") {
  Plan plan(std::string(chain) + R"(
    device r1 eth0=a:10.1.0.1/24 eth1=t:10.3.0.1/24 missing
    device r2 eth0=t:10.3.0.2/24 eth1=b:10.2.0.1/24
  )");
  plan.filter("r2", "-A FORWARD -s 10.77.0.1 -p udp --dport 7 -j ACCEPT").assume("A-FW");
  const claim::Verdict verdict = plan.verify(isolated("web", "db"));
  CHECK(verdict.outcome == claim::Outcome::inconclusive);
  CHECK(plan.outcome(contained("web", "db")) == "inconclusive");
  Plan closed(std::string(chain) + R"(
    device r1 eth0=a:10.1.0.1/24 eth1=t:10.3.0.1/24 missing
    device r2 eth0=t:10.3.0.2/24 eth1=b:10.2.0.1/24
  )");
  closed.filter("r2", "");
  CHECK(closed.outcome(isolated("web", "db")) == "proved");
}

TEST_CASE("a next hop that nobody owns leads to the unknown, and from there everywhere") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24
    host web eth0=a:10.1.0.10/24
    host db eth0=b:10.2.0.10/24
    device r1 eth0=a:10.1.0.1/24 eth1=-:10.3.0.1/24
    device r2 eth0=b:10.2.0.1/24
    route r1 0.0.0.0/0 via 10.3.0.2
  )");
  CHECK(plan.outcome(isolated("web", "db")) == "inconclusive");
  CHECK(plan.outcome(isolated("web", "unknown")) != "proved");
  // Also one service alone: the answers come back as they went.
  claim::Claim one = no_new("web", "db");
  one.services = {allow("tcp/443")};
  CHECK(plan.outcome(one) == "inconclusive");
  plan.segment("b").complete = true;
  CHECK(plan.outcome(isolated("web", "db")) == "proved");
}

TEST_CASE("the unknown sends, too") {
  Plan plan(R"(
    segment b 10.2.0.0/24
    host db eth0=b:10.2.0.10/24
    device r1 eth0=b:10.2.0.1/24 eth1=-:10.3.0.1/24
  )");
  CHECK(plan.outcome(isolated("unknown", "db")) != "proved");
}

TEST_CASE("a destination that nobody on the link owns leaves the model") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment t 10.3.0.0/24
    segment b 10.2.0.0/24
    host web eth0=a:10.1.0.10/24
    host db eth0=b:10.2.0.10/24
    device r1 eth0=a:10.1.0.1/24 eth1=t:10.3.0.1/24
    route r1 10.2.0.0/24 dev eth1
    device r2 eth0=b:10.2.0.1/24
  )");
  CHECK(plan.outcome(isolated("web", "db")) != "proved");
}

TEST_CASE("an unwired interface of one device is reached from what leaves another") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    host db eth0=b:10.2.0.10/24
    device r1 eth0=a:10.1.0.1/24 eth1=-:10.3.0.1/24
    device r2 eth0=b:10.2.0.1/24 eth1=-:10.4.0.1/24
    route r1 0.0.0.0/0 via 10.3.0.2
  )");
  CHECK(plan.outcome(isolated("web", "db")) != "proved");
}

TEST_CASE("a missing IPv6 filter forwards all IPv6, a recorded `off` none") {
  constexpr const char* both = R"(
    segment a 10.1.0.0/24 2001:db8:1::/64 complete
    segment b 10.2.0.0/24 2001:db8:2::/64 complete
    host web eth0=a:10.1.0.10/24,2001:db8:1::10/64
    host db eth0=b:10.2.0.10/24,2001:db8:2::10/64
    device fw eth0=a:10.1.0.1/24,2001:db8:1::1/64 eth1=b:10.2.0.1/24,2001:db8:2::1/64 %
  )";
  const auto outcome_with = [&](const std::string& word) {
    std::string text = both;
    text.replace(text.find('%'), 1, word);
    Plan plan(text);
    plan.filter("fw", "");
    return plan.outcome(isolated("web", "db"));
  };
  CHECK(outcome_with("ipv6=missing") == "inconclusive");
  CHECK(outcome_with("ipv6=off") == "proved");
  CHECK(outcome_with("ipv6=given") == "refuted");  // read, and without a rule
}

TEST_CASE("a family in which one side has no address is not covered") {
  Plan plan(R"(
    segment a 10.1.0.0/24 2001:db8:1::/64 complete
    segment b 10.2.0.0/24 complete
    host web eth0=a:10.1.0.10/24,2001:db8:1::10/64
    host db eth0=b:10.2.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
  )");
  plan.filter("fw", "");
  const claim::Verdict verdict = plan.verify(isolated("web", "db"));
  CHECK(verdict.outcome == claim::Outcome::proved);
  CHECK(verdict.families[0] == claim::Coverage::covered);
  CHECK(verdict.families[1] == claim::Coverage::not_covered);
  // Beside every proof stands what no configuration shows (docs/semantics.md section 14).
  CHECK(std::find(verdict.assumptions.begin(), verdict.assumptions.end(), "A0") != verdict.assumptions.end());
  CHECK(std::find(verdict.assumptions.begin(), verdict.assumptions.end(), "A-STACK") != verdict.assumptions.end());
}

TEST_CASE("a routing loop delivers nothing") {
  Plan plan(std::string(chain) + R"(
    device r1 eth0=a:10.1.0.1/24 eth1=t:10.3.0.1/24
    device r2 eth0=t:10.3.0.2/24
    route r1 10.2.0.0/24 via 10.3.0.2
    route r2 10.2.0.0/24 via 10.3.0.1
  )");
  CHECK(plan.outcome(isolated("web", "db")) == "proved");
  CHECK(plan.trace("web", "udp 10.1.0.10:5000 > 10.2.0.10:53") == "lost");
}

TEST_CASE("asymmetric paths: requests one way, answers another") {
  Plan plan(std::string(chain) + R"(
    device out eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
    device back eth0=a:10.1.0.2/24 eth1=b:10.2.0.2/24
  )");
  // `out` lets requests pass and no answer; `back` lets packets of b pass without state.
  plan.filter("out", "-A FORWARD -i eth0 -j ACCEPT");
  plan.filter("back", "-A FORWARD -i eth1 -j ACCEPT");
  CHECK(plan.outcome(no_new("web", "db")) == "refuted");
  claim::Claim tcp = no_new("web", "db");
  tcp.services = {allow("tcp/443")};
  CHECK(plan.outcome(tcp) == "refuted");
  plan.node("back").rules = {};
  plan.filter("back", "-A FORWARD -i eth1 -p udp -j ACCEPT");
  CHECK(plan.outcome(tcp) == "proved");                     // no answer: no handshake
  CHECK(plan.outcome(isolated("web", "db")) == "refuted");  // but the packet arrives
}

}  // namespace segproof::test
