// SPDX-License-Identifier: Apache-2.0
// Corners in which a claim was, or could be, proved of nothing or in spite of something: each verdict by its sentence.
#include <doctest/doctest.h>

#include "network_builder.h"

namespace segproof::test {
namespace {

using claim::Kind;

claim::Claim about(Kind kind, const char* what) {
  claim::Claim claim;
  claim.id = "C";
  claim.kind = kind;
  (kind == Kind::detached ? claim.hosts : kind == Kind::anti_spoofed ? claim.zones : claim.addresses) = names(what);
  return claim;
}

// web --- a --- fw --- (nothing)      db --- b --- other
constexpr const char* unwired = R"(
  segment a 10.1.0.0/24 complete
  segment b 10.2.0.0/24
  host web eth0=a:10.1.0.10/24
  host db eth0=b:10.2.0.10/24
  device fw eth0=a:10.1.0.1/24 eth1=-:10.9.0.1/24
  device other eth0=b:10.2.0.1/24
)";

}  // namespace

TEST_CASE("what a device sends by an interface that is wired to nothing may come out anywhere") {
  Plan plan(unwired);
  plan.filter("fw", "").filter("other", "");
  CHECK(plan.outcome(isolated("device:fw", "db")) == "inconclusive");
  CHECK(plan.outcome(isolated("web", "db")) == "proved");
  CHECK(plan.outcome(contained("web", "db")) == "inconclusive");  // fw opens a session to web, and falls by the answer
  CHECK(plan.assume("A-FW").outcome(contained("web", "db")) == "proved");
  Plan falls(unwired);  // fw falls to web, and sends
  falls.filter("fw", "-A INPUT -i eth0 -j ACCEPT").filter("other", "");
  CHECK(falls.outcome(contained("web", "db")) == "inconclusive");
  claim::Claim bounded = contained("web", "db");
  bounded.hops = 1;
  CHECK(falls.outcome(bounded) == "inconclusive");
}

TEST_CASE("what is outside the model can be named, also as what is compromised") {
  Plan plan(unwired);
  plan.filter("fw", "").filter("other", "");
  CHECK(plan.outcome(contained("unknown", "db")) == "inconclusive");
  claim::Claim bounded = contained("unknown", "db");
  bounded.hops = 0;
  CHECK(plan.outcome(bounded) == "inconclusive");
  bounded.hops.reset();
  bounded.pivot = claim::Pivot::direct;
  CHECK(plan.outcome(bounded) == "inconclusive");
}

TEST_CASE("detached also from what is outside the model") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=-:10.9.0.1/24
  )");
  plan.filter("fw", "-A FORWARD -i eth0 -j ACCEPT");
  claim::Claim claim = about(Kind::detached, "web");
  claim.except = {allow("any", "device:fw", "web")};
  CHECK(plan.outcome(claim) == "inconclusive");
  Plan inwards(R"(
    segment a 10.1.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=-:10.9.0.1/24
  )");
  inwards.filter("fw", "-A FORWARD -o eth0 -j ACCEPT");
  CHECK(inwards.outcome(claim) == "inconclusive");
}

TEST_CASE("a bound of hops leaves out what needs more pivots, and nothing else") {
  constexpr const char* chain = R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24 complete
    segment c 10.3.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    host app eth0=b:10.2.0.10/24
    host db eth0=c:10.3.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24 eth2=c:10.3.0.1/24
  )";
  Plan plan(chain);
  plan.filter("fw",
              "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -i eth0 -p udp -j ACCEPT\n"
              "-A FORWARD -s 10.2.0.10 -d 10.3.0.10 -i eth1 -p udp -j ACCEPT");
  const auto outcome = [&](const char* to, unsigned hops) {
    claim::Claim claim = contained("web", to);
    claim.hops = hops;
    return plan.outcome(claim);
  };
  CHECK(outcome("app", 0) == "refuted");  // no pivot is needed
  CHECK(outcome("db", 0) == "proved");
  CHECK(outcome("db", 1) == "refuted");
}

TEST_CASE("via: what is named in part is not passed by all that passes the whole") {
  // web -- a -- r1 -- t -- r2 -- b -- db
  constexpr const char* line = R"(
    segment a 10.1.0.0/24 complete
    segment t 10.3.0.0/24
    segment b 10.2.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    host db eth0=b:10.2.0.10/24
    device r1 eth0=a:10.1.0.1/24 eth1=t:10.3.0.1/24
    device r2 eth0=t:10.3.0.2/24 eth1=b:10.2.0.1/24
    route r1 10.2.0.0/24 via 10.3.0.2
    route r2 10.1.0.0/24 via 10.3.0.1
  )";
  claim::Claim via = claim_of(Kind::via, "web", "db");
  via.through = names("unlisted@t");
  CHECK(Plan(line).outcome(via) == "proved");
  via.through = names("10.3.0.77");
  CHECK(Plan(line).outcome(via) != "proved");
}

TEST_CASE("via: a refutation shows a path that avoids what was to be passed") {
  // web -- a --- fw --- b -- db, and past it through gate, which is not the router of a
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    host db eth0=b:10.2.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
    device gate eth0=a:10.1.0.2/24 eth1=b:10.2.0.2/24
  )");
  claim::Claim via = claim_of(Kind::via, "web", "db");
  via.through = names("device:fw");
  const claim::Verdict verdict = plan.verify(via);
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  for (const claim::WitnessStep& step : verdict.witness->steps) {
    for (const claim::Hop& hop : step.hops) {
      CHECK(hop.device != "fw");
    }
  }
}

TEST_CASE("a claim whose sides have no family in common is vacuous, of whatever kind") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 2001:db8:2::/64 complete
    host web eth0=a:10.1.0.10/24
    host db eth0=b:2001:db8:2::10/64
    device fw eth0=a:10.1.0.1/24
  )");
  plan.filter("fw", "");
  CHECK(plan.outcome(isolated("web", "db")) == "vacuous");
  CHECK(plan.outcome(contained("web", "db")) == "vacuous");
}

TEST_CASE("anti-spoofed: a zone without addresses, and hosts that lead on") {
  Plan partner(R"(
    segment partner external
    segment b 10.2.0.0/24 complete
    host db eth0=b:10.2.0.10/24
    device fw eth0=partner:10.9.0.1/24 eth1=b:10.2.0.1/24
  )");
  CHECK(partner.outcome(about(Kind::anti_spoofed, "partner")) != "proved");
  constexpr const char* gate = R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    host db eth0=b:10.2.0.10/24
    host gate eth0=a:10.1.0.5/24 eth1=b:10.2.0.5/24
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
  )";
  Plan plan(gate);
  plan.filter("fw", "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP");
  CHECK(plan.outcome(about(Kind::anti_spoofed, "a")) == "inconclusive");
}

TEST_CASE("contained: a host that is on both sides is a mistake, not a proof") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24 complete
    zone left 10.1.0.0/24
    zone right 10.2.0.0/24
    host web eth0=a:10.1.0.10/24
    host gate eth0=a:10.1.0.5/24 eth1=b:10.2.0.5/24 forwarding=off
  )");
  CHECK(plan.outcome(contained("left", "right")) == "vacuous");
  CHECK(plan.outcome(contained("web", "right")) == "refuted");
}

TEST_CASE("contained: what goes to all hosts of a segment reaches an address of it") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24
    host web eth0=a:10.1.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
  )");
  plan.filter("fw", "-A FORWARD -d 10.2.0.255 -i eth0 -p udp -j ACCEPT").assume("A-FW");
  CHECK(plan.outcome(contained("web", "b")) != "proved");
  CHECK(plan.outcome(contained("web", "10.2.0.77")) != "proved");
}

TEST_CASE("no-exfiltration: the outside must not open sessions, whoever else would fall by them") {
  Plan plan(R"(
    segment internet internet
    segment dmz 10.1.0.0/24 complete
    host web eth0=dmz:10.1.0.10/24
    device fw eth0=internet:192.0.2.1/24 eth1=dmz:10.1.0.1/24
    route fw 0.0.0.0/0 dev eth0
  )");
  plan.filter("fw",
              "-A FORWARD -i eth1 ! -s 10.1.0.0/24 -j DROP\n-A FORWARD -i eth0 -s 10.0.0.0/8 -j DROP\n"
              "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
              "-A FORWARD -i eth0 -o eth1 -d 10.1.0.10 -p tcp --dport 443 -j ACCEPT")
      .assume("A-FW");
  claim::Claim claim = claim_of(Kind::no_exfiltration, "web", "");
  claim.to.clear();
  CHECK(plan.outcome(claim) == "refuted");
  claim.responder = claim::Responder::ignore;
  CHECK(plan.outcome(claim) == "refuted");
}

TEST_CASE("at the level own, IPv6 hosts also send from their link-local addresses") {
  Plan plan(R"(
    segment a 2001:db8:1::/64 complete
    host web eth0=a:2001:db8:1::10/64
    device fw eth0=a:2001:db8:1::1/64 ipv6=given
  )");
  plan.filter("fw", "-A INPUT -s fe80::/10 -p udp -j ACCEPT", Family::ipv6);
  claim::Claim claim = isolated("web", "device:fw");
  CHECK(plan.outcome(claim) == "refuted");
  claim.spoofing = claim::Spoofing::own;
  CHECK(plan.outcome(claim) != "proved");
  Plan closed(R"(
    segment a 2001:db8:1::/64 complete
    host web eth0=a:2001:db8:1::10/64
    device fw eth0=a:2001:db8:1::1/64 ipv6=given
  )");
  closed.filter("fw", "-A INPUT -s 2001:db8:2::/64 -j ACCEPT", Family::ipv6);
  CHECK(closed.outcome(claim) == "proved");
}

TEST_CASE("unreferenced: routing rules are rules, and neighbours in a list hide nobody") {
  constexpr const char* small = R"(
    segment a 10.1.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    device fw eth0=a:10.1.0.1/24
  )";
  Plan plan(small);
  plan.filter("fw", "-A FORWARD -s 10.1.0.10 -j ACCEPT");
  CHECK(plan.outcome(about(Kind::unreferenced, "10.3.0.11")) == "proved");
  model::Routing& routing = plan.node("fw").routing[0];
  routing.rules.push_back(
      {100, {{model::FieldTest{Field::source, IntervalSet::single(Bits{0x0a03000b}), Family::ipv4}}}, 0, {}});
  CHECK(plan.outcome(about(Kind::unreferenced, "10.3.0.11")) == "refuted");
  routing.rules.clear();
  CHECK(plan.outcome(about(Kind::unreferenced, "10.3.0.11")) == "proved");
  // 10.3.0.10 and 10.3.0.11 in one list are one interval: nobody can tell it from a range.
  plan.node("fw").rules.chains.front().rules.push_back(
      {{{model::FieldTest{Field::source, IntervalSet::range(Bits{0x0a03000a}, Bits{0x0a03000b}), Family::ipv4}}},
       model::GoOn{},
       {}});
  CHECK(plan.outcome(about(Kind::unreferenced, "10.3.0.11")) != "proved");
}

}  // namespace segproof::test
