// SPDX-License-Identifier: Apache-2.0
// Compromise: who falls at which level, by what, in how many pivots, and what that proves.
#include <doctest/doctest.h>

#include <algorithm>

#include "network_builder.h"
#include "reach/replay.h"

namespace segproof::test {
namespace {

// a0 --- a        h0 --- h        t0 --- t          all behind fw, each on a segment of its own
constexpr const char* three = R"(
  segment a 10.1.0.0/24 complete
  segment h 10.2.0.0/24 complete
  segment t 10.3.0.0/24 complete
  host a0 eth0=a:10.1.0.10/24
  host h0 eth0=h:10.2.0.10/24
  host t0 eth0=t:10.3.0.10/24
  device fw eth0=a:10.1.0.1/24 eth1=h:10.2.0.1/24 eth2=t:10.3.0.1/24
)";
constexpr const char* anti_spoofed =
    "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n"
    "-A FORWARD -i eth1 ! -s 10.2.0.0/24 -j DROP\n"
    "-A FORWARD -i eth2 ! -s 10.3.0.0/24 -j DROP\n"
    "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n";

Plan with_rules(const std::string& rules) {
  Plan plan(three);
  plan.filter("fw", anti_spoofed + rules).assume("A-FW");
  return plan;
}

claim::Claim at_level(claim::Pivot pivot, claim::Responder responder = claim::Responder::ignore) {
  claim::Claim claim = contained("a0", "t0");
  claim.pivot = pivot;
  claim.responder = responder;
  return claim;
}

std::string outcome_at(const Plan& plan, claim::Pivot pivot) {
  return plan.outcome(at_level(pivot));
}

std::string fallen(const claim::BlastAnswer& answer) {
  std::string result;
  for (const claim::Fallen& one : answer.fallen) {
    result += (result.empty() ? "" : " ") + one.place + "/" + std::to_string(one.hops);
  }
  return result;
}

}  // namespace

TEST_CASE("a pivot: the direct claim is proved, the containment is refuted step by step") {
  const Plan plan = with_rules(
      "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 22 -j ACCEPT\n"
      "-A FORWARD -s 10.2.0.10 -d 10.3.0.10 -p tcp --dport 5432 -j ACCEPT");
  CHECK(plan.outcome(no_new("a0", "t0")) == "proved");
  const claim::Verdict verdict = plan.verify(contained("a0", "t0"));
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  REQUIRE(verdict.witness->steps.size() == 2);
  CHECK(verdict.witness->steps[0].actor == "a0");
  CHECK(verdict.witness->steps[0].delivered == "h0");
  CHECK(verdict.witness->steps[1].actor == "h0");
  CHECK(verdict.witness->steps[1].delivered == "t0");
  CHECK(verdict.witness->steps[0].role == claim::StepRole::pivot);
  const auto& hops = verdict.witness->steps[1].hops;
  const auto deciding = std::find_if(hops.begin(), hops.end(), [](const claim::Hop& hop) {
    return hop.rule.has_value() && hop.stage.find("FORWARD") != std::string::npos;
  });
  REQUIRE(deciding != hops.end());
  CHECK(plan.sources().path(deciding->rule->span.file) == "fw.rules");
  CHECK(deciding->rule->text == "-A FORWARD -s 10.2.0.10 -d 10.3.0.10 -p tcp --dport 5432 -j ACCEPT");
}

TEST_CASE("a hop bound counts pivots") {
  const Plan plan = with_rules(
      "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 22 -j ACCEPT\n"
      "-A FORWARD -s 10.2.0.10 -d 10.3.0.10 -p tcp --dport 5432 -j ACCEPT");
  claim::Claim one = contained("a0", "t0");
  one.hops = 0;
  CHECK(plan.outcome(one) == "proved");
  one.hops = 1;
  CHECK(plan.outcome(one) == "refuted");
  CHECK(fallen(plan.blast("a0", claim::Pivot::worst_case, 1)) == "a0/0 h0/1");
  CHECK(fallen(plan.blast("a0")) == "a0/0 h0/1 t0/2");
}

TEST_CASE("two fallen hosts cooperate: the state of one is the state of both") {
  // t lets only established packets of h in; a may send to h in the name of t, and h falls to a.
  Plan plan(three);
  plan.filter("fw",
              "-A FORWARD -i eth1 -o eth2 -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
              "-A FORWARD -i eth0 -o eth1 -p udp -j ACCEPT")
      .assume("A-FW");
  CHECK(plan.outcome(no_new("h0", "t0")) == "proved");
  CHECK(plan.outcome(no_new("a0", "t0")) == "proved");
  claim::Claim claim = contained("a0", "t0");
  claim.responder = claim::Responder::ignore;
  CHECK(plan.outcome(claim) != "proved");
}

TEST_CASE("what was read of the levels: direct, worst-case, listening, vulnerable") {
  Plan plan = with_rules(
      "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 22 -j ACCEPT\n"
      "-A FORWARD -s 10.2.0.10 -d 10.3.0.10 -p tcp --dport 5432 -j ACCEPT");
  CHECK(outcome_at(plan, claim::Pivot::direct) == "proved");
  CHECK(outcome_at(plan, claim::Pivot::worst_case) == "refuted");
  CHECK(outcome_at(plan, claim::Pivot::listening) == "refuted");  // without knowledge: worst case
  CHECK(outcome_at(plan, claim::Pivot::vulnerable) == "proved");  // nothing is tagged
  model::Node& h0 = plan.node("h0");
  h0.services_known = true;
  CHECK(outcome_at(plan, claim::Pivot::listening) == "proved");
  h0.services.push_back({"ssh", 6, IntervalSet::single(22), {}, model::Listening::maybe, {}});
  CHECK(outcome_at(plan, claim::Pivot::listening) == "refuted");  // filtered: may listen
  h0.services.back().tags = {"vulnerable"};
  plan.node("t0").services.push_back({"db", 6, IntervalSet::single(5432), {"vulnerable"}, model::Listening::yes, {}});
  CHECK(outcome_at(plan, claim::Pivot::vulnerable) == "refuted");
  h0.services.clear();
  h0.scanned = {{6, IntervalSet::range(80, 90)}};  // port 22 was never looked at
  CHECK(outcome_at(plan, claim::Pivot::listening) == "refuted");
}

TEST_CASE("responder to initiator: who opens a session to a fallen host falls, too") {
  const Plan plan = with_rules("-A FORWARD -s 10.3.0.10 -d 10.1.0.10 -p tcp --dport 443 -j ACCEPT");
  CHECK(plan.outcome(at_level(claim::Pivot::worst_case, claim::Responder::include)) == "refuted");
  CHECK(plan.outcome(at_level(claim::Pivot::worst_case, claim::Responder::ignore)) == "proved");
  const std::vector<claim::Verdict> both =
      plan.verify_all(at_level(claim::Pivot::worst_case, claim::Responder::report));
  REQUIRE(both.size() == 2);
  CHECK(both[0].outcome == claim::Outcome::proved);
  CHECK(std::find(both[0].assumptions.begin(), both[0].assumptions.end(), "A-R2I") != both[0].assumptions.end());
  CHECK(both[1].id == "C/responder");
  CHECK(both[1].advisory);
  CHECK(both[1].outcome == claim::Outcome::refuted);
}

TEST_CASE("harmless services do not make a host fall, and the verdict names the assumption") {
  Plan plan = with_rules(
      "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p icmp --icmp-type 8 -j ACCEPT\n"
      "-A FORWARD -s 10.2.0.10 -d 10.3.0.10 -p tcp --dport 5432 -j ACCEPT");
  CHECK(outcome_at(plan, claim::Pivot::worst_case) == "refuted");
  plan.assume("PING", {"icmp/8"});
  const claim::Verdict verdict = plan.verify(at_level(claim::Pivot::worst_case));
  CHECK(verdict.outcome == claim::Outcome::proved);
  CHECK(std::find(verdict.assumptions.begin(), verdict.assumptions.end(), "PING") != verdict.assumptions.end());
}

TEST_CASE("devices fall when their INPUT accepts a new packet, unless A-FW is registered") {
  const std::string rules = "-A INPUT -s 10.1.0.10 -p tcp --dport 22 -j ACCEPT";
  Plan plan(three);
  plan.filter("fw", anti_spoofed + rules);
  CHECK(plan.outcome(at_level(claim::Pivot::worst_case)) == "refuted");
  plan.assume("A-FW");
  const claim::Verdict verdict = plan.verify(at_level(claim::Pivot::worst_case));
  CHECK(verdict.outcome == claim::Outcome::proved);
  CHECK(std::find(verdict.assumptions.begin(), verdict.assumptions.end(), "A-FW") != verdict.assumptions.end());
}

// a0 -- a -- fw -- internet (external)      the Internet may open sessions to t0, too
TEST_CASE("external zones are reached but not expanded, unless they fall") {
  const auto plan_with = [](const std::string& word) {
    Plan plan(R"(
      segment a 10.1.0.0/24 complete
      segment t 10.3.0.0/24 complete
      segment internet 198.51.100.0/24 external )" +
              word + R"(
      host a0 eth0=a:10.1.0.10/24
      host t0 eth0=t:10.3.0.10/24
      device fw eth0=a:10.1.0.1/24 eth1=internet:198.51.100.1/24 eth2=t:10.3.0.1/24
    )");
    plan.filter("fw",
                "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n-A FORWARD -i eth0 -o eth1 -p udp -j ACCEPT\n"
                "-A FORWARD -i eth1 -d 10.3.0.10 -p udp -j ACCEPT")
        .assume("A-FW");
    return plan;
  };
  const claim::Verdict verdict = plan_with("").verify(at_level(claim::Pivot::worst_case));
  CHECK(verdict.outcome == claim::Outcome::proved);
  CHECK(std::find(verdict.assumptions.begin(), verdict.assumptions.end(), "A-EXT") != verdict.assumptions.end());
  CHECK(plan_with("falls").outcome(at_level(claim::Pivot::worst_case)) == "refuted");
  const claim::BlastAnswer answer = plan_with("").blast("a0");
  CHECK(std::find(answer.reached.begin(), answer.reached.end(), "internet") != answer.reached.end());
}

TEST_CASE("a fallen host sends past its own firewall, which protects it until then") {
  Plan plan =
      with_rules("-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -j ACCEPT\n-A FORWARD -s 10.2.0.10 -d 10.3.0.10 -j ACCEPT");
  plan.rules("h0", "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\nCOMMIT\n");
  CHECK(outcome_at(plan, claim::Pivot::worst_case) == "refuted");
  plan.node("h0").rules = {};
  plan.rules("h0", "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
  CHECK(outcome_at(plan, claim::Pivot::worst_case) == "proved");
}

// a0 -- a -- fw1 -- x -- fw2 -- t -- t0
constexpr const char* two_walls = R"(
  segment a 10.1.0.0/24 complete
  segment x 10.2.0.0/24 complete
  segment t 10.3.0.0/24 complete
  host a0 eth0=a:10.1.0.10/24
  host t0 eth0=t:10.3.0.10/24
  device fw1 eth0=a:10.1.0.1/24 eth1=x:10.2.0.1/24
  device fw2 eth0=x:10.2.0.2/24 eth1=t:10.3.0.1/24
  route fw1 10.3.0.0/24 via 10.2.0.2
  route fw2 10.1.0.0/24 via 10.2.0.1
)";

TEST_CASE("a device that has fallen takes the session that its own rules would drop") {
  Plan plan(two_walls);
  plan.filter("fw1", "").filter("fw2", "-A FORWARD -s 10.3.0.10 -d 10.2.0.1 -p udp --dport 514 -j ACCEPT");
  claim::Claim claim = at_level(claim::Pivot::worst_case, claim::Responder::include);
  const claim::Verdict verdict = plan.verify(claim);
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  REQUIRE(verdict.witness->steps.size() == 2);
  const claim::WitnessStep& last = verdict.witness->steps.back();
  CHECK(verdict.witness->steps.front().actor == "device:fw1");
  CHECK(last.actor == "t0");
  CHECK(last.delivered == "device:fw1");
  REQUIRE_FALSE(last.hops.empty());
  CHECK(last.hops.back().stage == reach::taken_by_the_fallen);
  claim.responder = claim::Responder::ignore;
  CHECK(plan.outcome(claim) == "proved");
}

TEST_CASE("a standing device surely opens a session by TCP only when its own rules take the answer") {
  const auto outcome_with = [](const std::string& input) {
    Plan plan(two_walls);
    plan.filter("fw1",
                "-A FORWARD -s 10.2.0.2 -d 10.1.0.10 -p tcp --dport 443 -j ACCEPT\n"
                "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT")
        .filter("fw2", input);
    claim::Claim claim = contained("a0", "device:fw2");
    claim.hops = 0;
    claim.responder = claim::Responder::include;
    return plan.outcome(claim);
  };
  CHECK(outcome_with("") == "inconclusive");
  CHECK(outcome_with("-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT") == "refuted");
  CHECK(outcome_with("-A INPUT -p tcp --sport 443 -j ACCEPT") == "refuted");
}

TEST_CASE("a session counts when its answer comes back to the segment, whatever the sender's own firewall does to it") {
  Plan plan = with_rules("-A FORWARD -s 10.1.0.10 -d 10.3.0.10 -p tcp --dport 443 -j ACCEPT");
  plan.filter("a0", "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT");
  CHECK(plan.outcome(claim_of(claim::Kind::no_new_sessions, "a0", "t0")) == "refuted");
  plan.node("a0").rules = {};
  plan.filter("a0", "");
  CHECK(plan.outcome(claim_of(claim::Kind::no_new_sessions, "a0", "t0")) == "refuted");
  CHECK(outcome_at(plan, claim::Pivot::worst_case) == "refuted");
}

TEST_CASE("exfiltration: no external zone in Comp, and none can open a session into it") {
  const auto outcome_with = [](const std::string& rules, claim::Kind kind) {
    Plan plan(R"(
      segment a 10.1.0.0/24 complete
      segment h 10.2.0.0/24 complete
      segment internet 198.51.100.0/24 external
      host a0 eth0=a:10.1.0.10/24
      host h0 eth0=h:10.2.0.10/24
      device fw eth0=a:10.1.0.1/24 eth1=h:10.2.0.1/24 eth2=internet:198.51.100.1/24
    )");
    plan.filter("fw",
                "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n-A FORWARD -i eth1 ! -s 10.2.0.0/24 -j DROP\n"
                "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n" +
                    rules)
        .assume("A-FW");
    return plan.outcome(claim_of(kind, "a0", ""));
  };
  using claim::Kind;
  CHECK(outcome_with("", Kind::no_exfiltration) == "proved");
  CHECK(outcome_with("", Kind::no_direct_exfiltration) == "proved");
  const std::string inward = "-A FORWARD -i eth2 -d 10.1.0.10 -p tcp --dport 443 -j ACCEPT";
  CHECK(outcome_with(inward, Kind::no_direct_exfiltration) == "refuted");  // the answers carry the files out
  CHECK(outcome_with(inward, Kind::no_exfiltration) == "refuted");
  const std::string through =
      "-A FORWARD -i eth0 -d 10.2.0.10 -p tcp --dport 22 -j ACCEPT\n"
      "-A FORWARD -i eth1 -d 198.51.100.0/24 -p tcp --dport 443 -j ACCEPT";
  CHECK(outcome_with(through, Kind::no_direct_exfiltration) == "proved");
  CHECK(outcome_with(through, Kind::no_exfiltration) == "refuted");
}

}  // namespace segproof::test
