// SPDX-License-Identifier: Apache-2.0
// Kinds of packets and state per device.
#include <doctest/doctest.h>

#include <algorithm>

#include "network_builder.h"

namespace segproof::test {
namespace {

// web --- dmz --- fw --- corp --- desk
constexpr const char* dmz = R"(
  segment dmz 10.1.0.0/24 complete
  segment corp 10.2.0.0/24 complete
  host web eth0=dmz:10.1.0.10/24
  host desk eth0=corp:10.2.0.10/24
  device fw eth0=dmz:10.1.0.1/24 eth1=corp:10.2.0.1/24
)";
constexpr const char* established = "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n";
constexpr const char* anti_spoofed =
    "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n-A FORWARD -i eth1 ! -s 10.2.0.0/24 -j DROP\n";
constexpr const char* inward = "-A FORWARD -s 10.2.0.0/24 -d 10.1.0.0/24 -p tcp -m tcp --dport 443 -j ACCEPT\n";

std::string raw(const std::string& rules) {
  return "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" + rules + "\nCOMMIT\n";
}
std::string filter_text(const std::string& rules) {
  return "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" + rules + "\nCOMMIT\n";
}

}  // namespace

TEST_CASE("state can be made by the one who uses it: the example of the sentence") {
  Plan plan(dmz);
  plan.filter("fw", std::string(established) + inward);
  const claim::Verdict verdict = plan.verify(no_new("web", "desk"));
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  CHECK(verdict.spoofed_only);
  CHECK(verdict.reason.find("fw:eth0") != std::string::npos);
  REQUIRE(verdict.witness.has_value());
  REQUIRE(verdict.witness->steps.size() == 2);
  CHECK(verdict.witness->steps[0].role == claim::StepRole::spoofed_open);
  CHECK(verdict.witness->steps[1].actor == "web");
  CHECK(verdict.witness->steps[1].delivered == "desk");
}

TEST_CASE("anti-spoofing before the rule for established packets turns it") {
  Plan plan(dmz);
  plan.filter("fw", std::string(anti_spoofed) + established + inward).assume("A-FW");
  CHECK(plan.outcome(no_new("web", "desk")) == "proved");
  CHECK(plan.outcome(isolated("web", "desk")) == "refuted");   // the answers
  CHECK(plan.outcome(contained("web", "desk")) == "refuted");  // desk opens sessions to web: responder to initiator
  claim::Claim without = contained("web", "desk");
  without.responder = claim::Responder::ignore;
  CHECK(plan.outcome(without) == "proved");
}

TEST_CASE("after the rule for established packets it does not") {
  Plan plan(dmz);
  plan.filter("fw", std::string(established) + anti_spoofed + inward);
  // The first packet of the flow meets the anti-spoofing rule, so no state is made.
  CHECK(plan.outcome(no_new("web", "desk")) == "proved");
}

TEST_CASE("an answer is a reply: in R, not in New") {
  Plan plan(dmz);
  plan.filter("fw", std::string(anti_spoofed) + established + inward);
  const claim::Verdict verdict = plan.verify(isolated("web", "desk"));
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  CHECK_FALSE(verdict.spoofed_only);
  REQUIRE(verdict.witness->steps.size() == 2);
  CHECK(verdict.witness->steps[0].actor == "desk");
  CHECK(verdict.witness->steps[1].role == claim::StepRole::reply);
}

TEST_CASE("a bare SYN whose answer goes elsewhere is blind: in R, not in New") {
  Plan plan(dmz);
  // Only a source behind the other side gets in, so the answer never comes back to web.
  plan.filter("fw", "-A FORWARD -i eth0 -s 10.2.0.99 -d 10.2.0.10 -p tcp --dport 22 -j ACCEPT").assume("A-FW");
  CHECK(plan.outcome(no_new("web", "desk")) == "proved");
  const claim::Verdict verdict = plan.verify(isolated("web", "desk"));
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  CHECK(verdict.spoofed_only);
  claim::Claim paranoid = contained("web", "desk");
  CHECK(plan.outcome(paranoid) == "proved");
  paranoid.pivot = claim::Pivot::paranoid;
  CHECK(plan.outcome(paranoid) == "refuted");
}

TEST_CASE("other TCP that stateless rules let through is mid: in R, not in New") {
  Plan plan(dmz);
  plan.filter("fw", "-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST,ACK ACK -j ACCEPT");
  CHECK(plan.outcome(no_new("web", "desk")) == "proved");
  const claim::Verdict verdict = plan.verify(isolated("web", "desk"));
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  CHECK(verdict.witness->steps.back().role == claim::StepRole::mid);
}

TEST_CASE("of other protocols every delivered packet is New, whatever its source") {
  Plan plan(dmz);
  plan.filter("fw", "-A FORWARD -i eth0 -s 10.99.0.1 -d 10.2.0.10 -p udp --dport 53 -j ACCEPT");
  const claim::Verdict verdict = plan.verify(no_new("web", "desk"));
  CHECK(verdict.outcome == claim::Outcome::refuted);
  CHECK(verdict.spoofed_only);
}

TEST_CASE("where RELATED passes, ICMP errors reach hosts with a flow: in R, not in New") {
  Plan plan(dmz);
  plan.filter("fw", std::string(anti_spoofed) + "-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT\n" + inward)
      .assume("A-FW");
  CHECK(plan.outcome(no_new("web", "desk")) == "proved");
  CHECK(plan.outcome(isolated("web", "desk")) != "proved");
  claim::Claim paranoid = contained("web", "desk");
  paranoid.responder = claim::Responder::ignore;
  CHECK(plan.outcome(paranoid) == "proved");
  paranoid.pivot = claim::Pivot::paranoid;
  CHECK(plan.outcome(paranoid) != "proved");
  // Without a flow nothing is related.
  Plan none(dmz);
  none.filter("fw", std::string(anti_spoofed) + "-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT\n");
  CHECK(none.outcome(isolated("web", "desk")) == "proved");
}

TEST_CASE("helpers add every port between the two parties to New, as may") {
  Plan plan(dmz);
  const std::string track = raw("-A PREROUTING -i eth1 -p tcp -m tcp --dport 21 -j CT --helper ftp");
  const std::string rules = filter_text(std::string(anti_spoofed) +
                                        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
                                        "-A FORWARD -s 10.2.0.10 -d 10.1.0.10 -p tcp -m tcp --dport 21 -j ACCEPT\n");
  plan.rules("fw", track + rules);
  CHECK(plan.outcome(no_new("web", "desk")) == "inconclusive");
  Plan without(dmz);
  without.rules("fw", raw("") + rules);
  CHECK(without.outcome(no_new("web", "desk")) == "proved");
}

// PPTP's expects GRE.
TEST_CASE("helpers add every protocol, too") {
  Plan plan(dmz);
  plan.rules("fw", raw("-A PREROUTING -i eth1 -p tcp -m tcp --dport 1723 -j CT --helper pptp") +
                       filter_text(std::string(anti_spoofed) +
                                   "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
                                   "-A FORWARD -s 10.2.0.10 -d 10.1.0.10 -p tcp -m tcp --dport 1723 -j ACCEPT\n"));
  claim::Claim gre = no_new("web", "desk");
  gre.services = {{*claim::parse_service("47"), {}, {}, "", "", "", {}}};
  CHECK(plan.outcome(gre) == "inconclusive");
}

TEST_CASE("a helper that a later chain attaches counts, too") {
  // As nft does: the helper is attached after tracking.
  Plan plan(dmz);
  plan.filter("fw", std::string(anti_spoofed) +
                        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
                        "-A FORWARD -s 10.2.0.10 -d 10.1.0.10 -p tcp -m tcp --dport 21 -j ACCEPT\n");
  plan.first_in("fw", "FORWARD", model::AttachHelper{"ftp"});
  CHECK(plan.outcome(no_new("web", "desk")) == "inconclusive");
}

TEST_CASE("NOTRACK flows have no entry: replies need a rule of their own") {
  Plan plan(dmz);
  plan.rules("fw",
             raw("-A PREROUTING -p udp -j NOTRACK") +
                 filter_text(std::string(established) + "-A FORWARD -s 10.2.0.0/24 -d 10.1.0.0/24 -p udp -j ACCEPT"));
  CHECK(plan.outcome(isolated("web", "desk")) == "proved");
  Plan untracked(dmz);
  untracked.rules("fw", raw("-A PREROUTING -p udp -j NOTRACK") +
                            filter_text("-A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT"));
  CHECK(untracked.outcome(no_new("web", "desk")) == "refuted");
}

TEST_CASE("later fragments carry no ports: only layer-3 conditions match them") {
  Plan plan(dmz);
  plan.filter("fw", "-A FORWARD -s 10.2.0.10 -f -j ACCEPT");  // no tracking: nothing is put together
  plan.node("fw").rules.stages.erase(
      std::remove_if(plan.node("fw").rules.stages.begin(), plan.node("fw").rules.stages.end(),
                     [](const model::Stage& stage) { return stage.kind == model::StageKind::track; }),
      plan.node("fw").rules.stages.end());
  CHECK(plan.outcome(isolated("desk", "web")) == "refuted");
  CHECK(plan.outcome(no_new("desk", "web")) == "proved");
  Plan ports(dmz);
  ports.filter("fw", "-A FORWARD -p udp -m udp --dport 53 -j ACCEPT");
  const claim::Verdict verdict = ports.verify(isolated("desk", "web"));
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  CHECK((*verdict.witness->steps.back().packet)[Field::fragment] == 0);
}

TEST_CASE("spoofing: levels any, segment and own") {
  Plan plan(dmz);
  plan.filter("fw", "-A FORWARD -s 10.77.0.0/16 -p udp -j ACCEPT");
  claim::Claim claim = no_new("web", "desk");
  CHECK(plan.outcome(claim) == "refuted");
  claim.spoofing = claim::Spoofing::own;
  CHECK(plan.outcome(claim) == "proved");
  claim.spoofing = claim::Spoofing::segment;  // no router of dmz was proved to drop other sources
  CHECK(plan.outcome(claim) == "refuted");

  Plan mates(R"(
    segment dmz 10.1.0.0/24
    segment corp 10.2.0.0/24 complete
    host web eth0=dmz:10.1.0.10/24
    host desk eth0=corp:10.2.0.10/24
    device fw eth0=dmz:10.1.0.1/24 eth1=corp:10.2.0.1/24
  )");
  mates.filter("fw", "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n-A FORWARD -s 10.1.0.11 -p udp -j ACCEPT");
  claim.spoofing = claim::Spoofing::segment;
  CHECK(mates.outcome(claim) == "refuted");
  claim.spoofing = claim::Spoofing::own;
  CHECK(mates.outcome(claim) == "proved");
}

TEST_CASE("a spoofing level speaks of devices, too") {
  Plan plan(dmz);
  plan.filter("fw", "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n-A INPUT -s 10.77.0.1 -j ACCEPT");
  claim::Claim claim = no_new("web", "device:fw");
  CHECK(plan.outcome(claim) == "refuted");
  claim.spoofing = claim::Spoofing::segment;  // the device itself takes foreign sources
  CHECK(plan.outcome(claim) == "refuted");
}

TEST_CASE("a host with two interfaces can make state on one side and use it on the other") {
  // two --- a --- fw --- corp --- desk
  //  '----- b -----'
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.3.0.0/24 complete
    segment corp 10.2.0.0/24 complete
    host two eth0=a:10.1.0.10/24 eth1=b:10.3.0.10/24 forwarding=off
    host desk eth0=corp:10.2.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=corp:10.2.0.1/24 eth2=b:10.3.0.1/24
  )");
  // From b anything may be sent to a in the name of corp; from a only established packets pass.
  plan.filter("fw",
              "-A FORWARD -i eth0 -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
              "-A FORWARD -i eth2 -d 10.1.0.0/24 -p udp -j ACCEPT");
  CHECK(plan.outcome(no_new("two", "desk")) != "proved");
  CHECK(plan.outcome(contained("two", "desk")) != "proved");
}

TEST_CASE("established sessions survive new rules, unless the tables were flushed") {
  const std::string before = filter_text(std::string(anti_spoofed) + established + inward);
  const std::string now = std::string(anti_spoofed) + established;
  Plan plan(dmz);
  plan.filter("fw", now);
  plan.earlier("fw", before);
  const claim::Verdict verdict = plan.verify(isolated("web", "desk"));
  CHECK(verdict.outcome != claim::Outcome::proved);
  CHECK(plan.outcome(isolated("desk", "web")) != "proved");
  for (const claim::Spoofing spoofing : {claim::Spoofing::segment, claim::Spoofing::own}) {
    claim::Claim claim = isolated("web", "desk");
    claim.spoofing = spoofing;
    CHECK(plan.outcome(claim) != "proved");
  }
  const auto leans_on = [](const claim::Verdict& judged, std::string_view id) {
    return std::find(judged.assumptions.begin(), judged.assumptions.end(), id) != judged.assumptions.end();
  };
  Plan unchanged(dmz);  // the old sessions are counted, on the routes of today
  unchanged.filter("fw", now);
  unchanged.earlier("fw", filter_text(now));
  const claim::Verdict kept = unchanged.verify(isolated("web", "desk"));
  CHECK(kept.outcome == claim::Outcome::proved);
  CHECK(leans_on(kept, "A-ROUTES"));
  CHECK_FALSE(leans_on(kept, "A-FLUSH"));
  plan.network().state_flushed = true;
  CHECK(plan.outcome(isolated("web", "desk")) == "proved");
  Plan alone(dmz);
  alone.filter("fw", now);
  alone.network().state_flushed = false;
  const claim::Verdict single = alone.verify(isolated("web", "desk"));
  CHECK(single.outcome == claim::Outcome::proved);
  CHECK(leans_on(single, "A-FLUSH"));
  CHECK_FALSE(leans_on(single, "A-ROUTES"));
}

TEST_CASE("translated sessions of two epochs before are told apart") {
  const auto translating = [](const std::string& public_address, const std::string& inner) {
    return "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -i eth1 -d " + public_address +
           " -j DNAT --to-destination " + inner + "\nCOMMIT\n" + filter_text("-A FORWARD -i eth1 -p udp -j ACCEPT");
  };
  Plan plan(R"(
    segment dmz 10.1.0.0/24 complete
    segment corp 10.2.0.0/24 complete
    host web eth0=dmz:10.1.0.10/24
    host app eth0=dmz:10.1.0.11/24
    host desk eth0=corp:10.2.0.10/24
    device fw eth0=dmz:10.1.0.1/24 eth1=corp:10.2.0.1/24
  )");
  plan.filter("fw", "-A FORWARD -i eth1 -d 10.1.0.11 -m conntrack --ctstate ESTABLISHED -j ACCEPT");
  plan.earlier("fw", translating("192.0.2.1", "10.1.0.10"), 1);
  plan.earlier("fw", translating("192.0.2.2", "10.1.0.11"), 2);
  CHECK(plan.outcome(isolated("desk", "app")) != "proved");
}

TEST_CASE("state is per device: what one lets pass as established the next may not know") {
  // web --- dmz --- f1 --- t --- f2 --- corp --- desk
  Plan plan(R"(
    segment dmz 10.1.0.0/24 complete
    segment t 10.3.0.0/24 complete
    segment corp 10.2.0.0/24 complete
    host web eth0=dmz:10.1.0.10/24
    host desk eth0=corp:10.2.0.10/24
    device f1 eth0=dmz:10.1.0.1/24 eth1=t:10.3.0.1/24
    device f2 eth0=t:10.3.0.2/24 eth1=corp:10.2.0.1/24
    route f1 10.2.0.0/24 via 10.3.0.2
    route f2 10.1.0.0/24 via 10.3.0.1
  )");
  plan.filter("f1", "-A FORWARD -j ACCEPT");
  plan.filter("f2", std::string(established));
  CHECK(plan.outcome(isolated("web", "desk")) == "proved");
  plan.node("f2").rules = {};
  plan.filter("f2", std::string(established) + "-A FORWARD -i eth1 -s 10.2.0.0/24 -p udp -m udp --dport 53 -j ACCEPT");
  CHECK(plan.outcome(isolated("web", "desk")) == "refuted");
  claim::Claim udp = no_new("web", "desk");
  CHECK(plan.outcome(udp) == "proved");
}

}  // namespace segproof::test
