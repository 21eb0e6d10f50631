// SPDX-License-Identifier: Apache-2.0
// Every kind of claim: proved, refuted, inconclusive, vacuous; allow-lists, expiry, trust in the source host.
#include <doctest/doctest.h>

#include <algorithm>

#include "network_builder.h"

namespace segproof::test {
namespace {

using claim::Kind;

// web, app --- a --- fw --- b --- db
constexpr const char* two = R"(
  segment a 10.1.0.0/24 complete
  segment c 10.3.0.0/24 complete
  segment b 10.2.0.0/24 complete
  host web eth0=a:10.1.0.10/24
  host app eth0=c:10.3.0.10/24
  host db eth0=b:10.2.0.10/24
  device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24 eth2=c:10.3.0.1/24
)";
constexpr const char* anti_spoofed =
    "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n"
    "-A FORWARD -i eth1 ! -s 10.2.0.0/24 -j DROP\n"
    "-A FORWARD -i eth2 ! -s 10.3.0.0/24 -j DROP\n"
    "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n";

Plan with_rules(const std::string& rules) {
  Plan plan(two);
  plan.filter("fw", anti_spoofed + rules);
  return plan;
}

}  // namespace

TEST_CASE("isolated-both-ways looks both ways, isolated one way") {
  const Plan plan = with_rules(
      "-A FORWARD -i eth1 -s 10.2.0.10 -d 10.1.0.10 -p icmp --icmp-type 3 -m conntrack --ctstate INVALID -j ACCEPT");
  CHECK(plan.outcome(isolated("web", "db")) == "proved");
  CHECK(plan.outcome(isolated("db", "web")) == "refuted");
  CHECK(plan.outcome(claim_of(Kind::isolated_both_ways, "web", "db")) == "refuted");
  CHECK(plan.outcome(claim_of(Kind::isolated_both_ways, "web", "app")) == "proved");
}

TEST_CASE("a proof names the lines that deny") {
  Plan plan(two);
  plan.filter("fw", "-A FORWARD -i eth0 -j DROP\n-A FORWARD -j ACCEPT");
  const claim::Verdict verdict = plan.verify(isolated("web", "db"));
  REQUIRE(verdict.outcome == claim::Outcome::proved);
  REQUIRE_FALSE(verdict.denied_by.empty());
  CHECK(verdict.denied_by.front().rule.text == "-A FORWARD -i eth0 -j DROP");
  CHECK(verdict.denied_by.front().rule.span.line == 5);
}

TEST_CASE("only: within the allow-list, which names senders, services, and until when") {
  const Plan plan = with_rules(
      "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -j ACCEPT\n"
      "-A FORWARD -s 10.3.0.10 -d 10.2.0.10 -p udp --dport 53 -j ACCEPT");
  const auto outcome = [&](std::vector<claim::Allowed> allowed) {
    return plan.outcome(with_services(Kind::only, "web, app", "db", std::move(allowed)));
  };
  CHECK(outcome({allow("tcp/443"), allow("udp/53")}) == "proved");
  CHECK(outcome({allow("tcp/443", "web", "db"), allow("udp/53", "app", "db")}) == "proved");
  CHECK(outcome({allow("tcp/443"), allow("udp/54")}) == "refuted");
  CHECK(outcome({allow("tcp/443", "app"), allow("udp/53")}) == "refuted");
  CHECK(outcome({}) == "refuted");
  claim::Allowed expired = allow("udp/53");
  expired.expires = "2025-12-31";
  CHECK(outcome({allow("tcp/443"), expired}) == "refuted");  // counts as absent
  expired.expires = "2026-01-01";
  CHECK(outcome({allow("tcp/443"), expired}) == "proved");
  // With nothing getting through, `only` is proved.
  CHECK(with_rules("").outcome(with_services(Kind::only, "web", "db", {})) == "proved");
}

TEST_CASE("no-new-sessions may speak of some services only") {
  const Plan plan = with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -j ACCEPT");
  CHECK(plan.outcome(with_services(Kind::no_new_sessions, "web", "db", {allow("tcp/22")})) == "proved");
  CHECK(plan.outcome(with_services(Kind::no_new_sessions, "web", "db", {allow("tcp/443")})) == "refuted");
  CHECK(plan.outcome(no_new("web", "db")) == "refuted");
}

TEST_CASE("detached: nothing to or from the hosts, minus what is excepted") {
  const Plan plan = with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p udp --dport 514 -j ACCEPT");
  claim::Claim detached;
  detached.id = "D";
  detached.kind = Kind::detached;
  detached.hosts = names("app");
  CHECK(plan.outcome(detached) == "refuted");  // the device still sends
  Plan alone = with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p udp --dport 514 -j ACCEPT");
  detached.except = {allow("any", "device:fw", "app")};
  CHECK(alone.outcome(detached) != "vacuous");
  detached.hosts = names("nobody");
  CHECK(plan.outcome(detached) == "vacuous");
}

TEST_CASE("reachable: every source port, every host, and the answers") {
  const auto reachable = [](const Plan& plan, const char* service) {
    return plan.outcome(with_services(Kind::reachable, "web", "db", {allow(service)}));
  };
  const Plan both = with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -j ACCEPT");
  CHECK(reachable(both, "tcp/443") == "proved");
  CHECK(reachable(both, "tcp/22") != "proved");
  Plan no_answer(two);
  no_answer.filter("fw", "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -j ACCEPT");
  CHECK(reachable(no_answer, "tcp/443") != "proved");
  const Plan some_ports =
      with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --sport 1024:40000 --dport 443 -j ACCEPT");
  CHECK(reachable(some_ports, "tcp/443") != "proved");
  const Plan unsure =
      with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -m limit --limit 1/s -j ACCEPT");
  CHECK(reachable(unsure, "tcp/443") == "inconclusive");
  Plan own = with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -j ACCEPT");
  own.rules("db", "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
  CHECK(reachable(own, "tcp/443") == "refuted");
  // Before connection tracking no packet is established yet: no answer leaves.
  Plan early = with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -j ACCEPT");
  early.rules("db",
              "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT DROP [0:0]\n"
              "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n"
              "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
  CHECK(reachable(early, "tcp/443") != "proved");
  CHECK(both.outcome(with_services(Kind::reachable, "web", "db", {})) == "vacuous");
}

TEST_CASE("reachable wants answers of other protocols, too") {
  Plan one_way(two);
  one_way.filter("fw", "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p udp --dport 53 -j ACCEPT");
  CHECK(one_way.outcome(with_services(Kind::reachable, "web", "db", {allow("udp/53")})) != "proved");
}

TEST_CASE("anti-spoofed: sources outside the zone die at its ingress interfaces") {
  claim::Claim claim;
  claim.id = "A";
  claim.kind = Kind::anti_spoofed;
  claim.zones = names("a");
  CHECK(with_rules("").outcome(claim) == "proved");
  Plan open(two);
  open.filter("fw", "-A FORWARD -s 10.77.0.1 -j ACCEPT");
  CHECK(open.outcome(claim) == "refuted");
  Plan unsure(two);
  unsure.filter("fw", "-A FORWARD -s 10.77.0.1 -m limit --limit 1/s -j ACCEPT");
  CHECK(unsure.outcome(claim) == "inconclusive");
  claim.zones = names("nowhere");
  CHECK(open.outcome(claim) == "vacuous");
  Plan no_device("segment a 10.1.0.0/24\nhost web eth0=a:10.1.0.10/24");
  claim.zones = names("a");
  CHECK(no_device.outcome(claim) == "vacuous");
}

TEST_CASE("unreferenced: no operand lies within the addresses") {
  claim::Claim claim;
  claim.id = "U";
  claim.kind = Kind::unreferenced;
  claim.addresses = names("10.3.0.0/24");
  const Plan used = with_rules("-A FORWARD -s 10.3.0.10 -j ACCEPT");
  const claim::Verdict verdict = used.verify(claim);
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  Plan other(two);
  other.filter("fw", "-A FORWARD -s 10.1.0.10 -j ACCEPT\n-A FORWARD -s 10.0.0.0/8 -j DROP");  // wider: no reference
  CHECK(other.outcome(claim) == "proved");
  CHECK(Plan(two).outcome(claim) == "vacuous");  // no configuration was read
}

TEST_CASE("kinds that are not built yet are not-evaluated") {
  for (const Kind kind : {Kind::withstands, Kind::at_no_time, Kind::approved_change}) {
    CHECK(with_rules("").outcome(claim_of(kind, "web", "db")) == "not-evaluated");
  }
}

TEST_CASE("a source's own OUTPUT rules count only when the source host is trusted") {
  Plan plan = with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p udp -j ACCEPT");
  plan.rules("web", "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\nCOMMIT\n");
  claim::Claim claim = no_new("web", "db");
  CHECK(plan.outcome(claim) == "refuted");
  claim.trust_source_host = true;
  CHECK(plan.outcome(claim) == "proved");
}

TEST_CASE("allow-lists name the right senders when source hosts are trusted") {
  // The senders of the claim are not the first ones of the network.
  const Plan plan = with_rules(
      "-A FORWARD -s 10.3.0.10 -d 10.1.0.10 -p udp --dport 53 -j ACCEPT\n"
      "-A FORWARD -s 10.2.0.10 -d 10.1.0.10 -p udp --dport 53 -j ACCEPT");
  claim::Claim claim = with_services(Kind::only, "app, db", "web", {allow("udp/53", "app")});
  CHECK(plan.outcome(claim) == "refuted");
  claim.trust_source_host = true;
  CHECK(plan.outcome(claim) != "proved");
  claim.services = {allow("udp/53", "db")};
  CHECK(plan.outcome(claim) != "proved");
  claim.services = {allow("udp/53", "app"), allow("udp/53", "db")};
  CHECK(plan.outcome(claim) == "proved");
}

TEST_CASE("as-sent speaks of the header as it leaves the sender") {
  const Plan plan = with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p udp --dport 53 -j ACCEPT");
  claim::Claim claim = no_new("web", "db");
  claim.as_sent_service = allow("udp/53").service;
  CHECK(plan.outcome(claim) == "refuted");
  claim.as_sent_service = allow("tcp/53").service;
  CHECK(plan.outcome(claim) == "proved");
}

TEST_CASE("the matrix tells no route, denied, restricted and unknown apart") {
  Plan plan(std::string(two) + R"(
    zone left 10.1.0.0/24
    zone right 10.2.0.0/24
    zone third 10.3.0.0/24
  )");
  plan.filter("fw", std::string(anti_spoofed) +
                        "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -j ACCEPT\n"
                        "-A FORWARD -s 10.3.0.10 -d 10.2.0.10 -p udp -m limit --limit 1/s -j ACCEPT");
  const claim::Matrix matrix = claim::matrix(plan.network(), plan.sources(), claim::MatrixBetween::zones);
  const auto cell = [&](const std::string& from, const std::string& to) {
    const auto found = std::find_if(matrix.cells.begin(), matrix.cells.end(),
                                    [&](const auto& c) { return c.from == from && c.to == to; });
    REQUIRE(found != matrix.cells.end());
    return std::string(claim::cell_state_name(found->state));
  };
  CHECK(cell("left", "left") == "same");
  CHECK(cell("left", "right") == "restricted");
  CHECK(cell("right", "left") == "denied");
  CHECK(cell("third", "right") == "unknown");
  const auto replies = std::find_if(matrix.cells.begin(), matrix.cells.end(),
                                    [](const auto& c) { return c.from == "right" && c.to == "left"; });
  CHECK(replies->replies);
}

}  // namespace segproof::test
