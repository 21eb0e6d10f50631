// SPDX-License-Identifier: Apache-2.0
// Claims that speak of the header as it is sent: what they forbid, what they prove, and that a refutation breaks them.
#include <doctest/doctest.h>

#include "network_builder.h"

namespace segproof::test {
namespace {

using claim::Kind;

constexpr const char* anti_spoofed =
    "-A FORWARD -i eth0 ! -s 198.51.100.0/24 -j DROP\n-A FORWARD -i eth1 ! -s 10.2.0.0/24 -j DROP\n"
    "-A FORWARD -i eth1 -m conntrack --ctstate ESTABLISHED -j ACCEPT\n";
// 192.0.2.10 is the public address of `in`.
constexpr const char* public_web =
    "-A PREROUTING -i eth0 -d 192.0.2.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.2.0.10:8443";

// Whatever the translation made passes, and what else `more` accepts.
Plan published(const std::string& more = "", const std::string& translations = public_web) {
  Plan plan(one_firewall);
  plan.rules(
      "fw", nat_and_filter(translations, std::string(anti_spoofed) + "-A FORWARD -i eth0 -m conntrack --ctstate DNAT " +
                                             "-m conntrack --ctstate NEW -j ACCEPT\n" + more));
  return plan;
}

claim::Claim as_sent(Kind kind, const char* to, const char* sent_service, std::vector<claim::Allowed> delivered) {
  claim::Claim claim = with_services(kind, "out", "in", std::move(delivered));
  if (*to != '\0') {
    claim.as_sent_to = names(to).front();
  }
  if (*sent_service != '\0') {
    claim.as_sent_service = allow(sent_service).service;
  }
  return claim;
}

// The last packet of a refutation, as it is sent.
Packet last_sent(const claim::Verdict& verdict) {
  CAPTURE(told(verdict));
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  REQUIRE(verdict.witness);
  REQUIRE(verdict.witness->steps.back().packet);
  return *verdict.witness->steps.back().packet;
}

}  // namespace

TEST_CASE("only, as sent: what is sent under the name is allowed where the services allow it") {
  const Plan plan = published();
  CHECK(plan.outcome(as_sent(Kind::only, "192.0.2.10", "tcp/443", {allow("tcp/8443")})) == "proved");
  CHECK(plan.outcome(as_sent(Kind::only, "192.0.2.10", "tcp/443", {allow("any")})) == "proved");
  // It arrives at a port that the list does not allow.
  CHECK(plan.outcome(as_sent(Kind::only, "192.0.2.10", "tcp/443", {allow("tcp/443")})) == "refuted");
  CHECK(plan.outcome(as_sent(Kind::only, "192.0.2.10", "tcp/443", {allow("tcp/8443", "", "unlisted@b")})) != "proved");
  // It is sent to another address or port.
  CHECK(plan.outcome(as_sent(Kind::only, "192.0.2.11", "tcp/443", {allow("tcp/8443")})) == "refuted");
  CHECK(plan.outcome(as_sent(Kind::only, "192.0.2.10", "tcp/444", {allow("any")})) == "refuted");
}

TEST_CASE("only, as sent: what is sent under another name breaks it, also to an allowed service") {
  const Plan plan = published("-A FORWARD -i eth0 -d 10.2.0.10 -p tcp --dport 8443 -j ACCEPT");
  const claim::Claim claim = as_sent(Kind::only, "192.0.2.10", "tcp/443", {allow("tcp/8443")});
  const Packet sent = last_sent(plan.verify(claim));
  CHECK(to_string(sent.destination()) == "10.2.0.10");
}

TEST_CASE("a refutation as sent always breaks the claim as sent") {
  // The public name is only let in from port 7777, which no candidate has first; the private name from everywhere.
  const Plan plan = published(
      "-A FORWARD -i eth0 -d 10.2.0.10 -p tcp --dport 8443 -j ACCEPT",
      "-A PREROUTING -i eth0 -d 192.0.2.10/32 -p tcp -m tcp --sport 7777 --dport 443 -j DNAT --to-destination "
      "10.2.0.10:8443");
  const claim::Verdict named = plan.verify(as_sent(Kind::no_new_sessions, "192.0.2.10", "", {}));
  const Packet sent = last_sent(named);
  CHECK(to_string(sent.destination()) == "192.0.2.10");
  CHECK(sent[Field::source_port] == 7777);
  const claim::Verdict others = plan.verify(as_sent(Kind::only, "10.2.0.10", "", {allow("tcp/8443")}));
  CHECK(to_string(last_sent(others).destination()) == "192.0.2.10");
}

TEST_CASE("as-sent may name a host, and what names nothing makes the claim vacuous") {
  const Plan plan = published("-A FORWARD -i eth0 -d 10.2.0.10 -p udp --dport 53 -j ACCEPT");
  CHECK(plan.outcome(as_sent(Kind::no_new_sessions, "in", "", {})) == "refuted");
  CHECK(plan.outcome(as_sent(Kind::no_new_sessions, "inn", "", {})) == "vacuous");
  CHECK(plan.outcome(as_sent(Kind::only, "192.0.2.l0", "", {allow("any")})) == "vacuous");
  CHECK(plan.outcome(as_sent(Kind::reachable, "inn", "", {allow("udp/53")})) == "vacuous");
}

TEST_CASE("as-sent covers the family of its address alone") {
  constexpr const char* both = R"(
    segment a 10.1.0.0/24 2001:db8:1::/64 complete
    segment b 10.2.0.0/24 2001:db8:2::/64 complete
    host out eth0=a:10.1.0.10/24,2001:db8:1::10/64
    host in eth0=b:10.2.0.10/24,2001:db8:2::10/64
    device fw eth0=a:10.1.0.1/24,2001:db8:1::1/64 eth1=b:10.2.0.1/24,2001:db8:2::1/64 ipv6=given
  )";
  Plan plan(both);
  plan.filter("fw", "");
  plan.filter("fw", "-A FORWARD -j ACCEPT", Family::ipv6);
  const claim::Verdict verdict = plan.verify(as_sent(Kind::no_new_sessions, "10.2.0.10", "", {}));
  CHECK(verdict.outcome == claim::Outcome::proved);
  CHECK(verdict.families[model::index_of(Family::ipv4)] == claim::Coverage::covered);
  CHECK(verdict.families[model::index_of(Family::ipv6)] == claim::Coverage::not_covered);
  // All that is sent otherwise breaks an allow-list, in whichever family.
  CHECK(plan.outcome(as_sent(Kind::only, "10.2.0.10", "", {allow("any")})) == "refuted");
}

TEST_CASE("reachable, as sent: through the translation, not past it") {
  const std::string direct = "-A FORWARD -i eth0 -d 10.2.0.10 -p tcp --dport 8443 -j ACCEPT";
  const auto outcome = [&](const Plan& plan, const char* to, const char* sent, const char* delivered) {
    return plan.outcome(as_sent(Kind::reachable, to, sent, {allow(delivered)}));
  };
  CHECK(outcome(published(direct), "192.0.2.10", "tcp/443", "tcp/8443") == "proved");
  CHECK(outcome(published(), "192.0.2.10", "tcp/443", "tcp/8443") == "proved");
  CHECK(outcome(published(direct), "192.0.2.10", "tcp/443", "tcp/443") != "proved");
  // Nothing translates it: only the private address is reached.
  CHECK(outcome(published(direct, ""), "192.0.2.10", "tcp/443", "tcp/8443") == "refuted");
  CHECK(outcome(published(direct), "192.0.2.11", "tcp/443", "tcp/8443") == "refuted");
  CHECK(outcome(published(direct), "192.0.2.10", "tcp/444", "tcp/8443") == "refuted");
  // Only from some ports, or to somebody else.
  CHECK(outcome(published(direct,
                          "-A PREROUTING -d 192.0.2.10/32 -p tcp -m tcp --sport 1024:60000 --dport 443 -j DNAT "
                          "--to-destination 10.2.0.10:8443"),
                "192.0.2.10", "tcp/443", "tcp/8443") == "refuted");
  CHECK(outcome(published(direct, "-A PREROUTING -d 192.0.2.10/32 -p tcp -j DNAT --to-destination 10.2.0.99:8443"),
                "192.0.2.10", "tcp/443", "tcp/8443") != "proved");
  // Without a name the service alone counts, without a service those of the list.
  CHECK(outcome(published(direct), "", "tcp/8443", "tcp/8443") == "proved");
  CHECK(outcome(published(direct), "10.2.0.10", "", "tcp/8443") == "proved");
}

TEST_CASE("reachable, as sent: the answer comes from the name that was asked") {
  // The firewall does not track the flow: the answer bears the private address.
  Plan plan(one_firewall);
  plan.rules("fw", nat_and_filter(public_web, std::string(anti_spoofed) + "-A FORWARD -j ACCEPT"));
  CHECK(plan.outcome(as_sent(Kind::reachable, "192.0.2.10", "tcp/443", {allow("tcp/8443")})) == "proved");
  Plan no_way_back(one_firewall);
  no_way_back.rules("fw", nat_and_filter(public_web, "-A FORWARD -i eth0 -j ACCEPT"));
  CHECK(no_way_back.outcome(as_sent(Kind::reachable, "192.0.2.10", "tcp/443", {allow("tcp/8443")})) != "proved");
}

// A host with two interfaces makes the state under the name on one side and uses it on the other.
//   two --- a --- fw --- b --- in
//    `----- c ----'
TEST_CASE("hosts with several interfaces use state of the other side, as sent and past their own rules") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24 complete
    segment c 10.3.0.0/24 complete
    host two eth0=a:10.1.0.10/24 eth1=c:10.3.0.10/24 forwarding=off
    host in eth0=b:10.2.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24 eth2=c:10.3.0.1/24
  )");
  // What comes from c as an answer to what was sent to c from a under the address of `in`: only ESTABLISHED passes.
  plan.filter("fw",
              "-A FORWARD -i eth0 -o eth2 -s 10.2.0.10 -p udp -j ACCEPT\n"
              "-A FORWARD -i eth2 -o eth1 -p udp -m conntrack --ctstate ESTABLISHED -j ACCEPT");
  claim::Claim claim = no_new("two", "in");
  CHECK(plan.outcome(claim) != "proved");
  claim.as_sent_to = names("10.2.0.10").front();
  CHECK(plan.outcome(claim) != "proved");
  claim.as_sent_to.reset();
  claim.trust_source_host = true;
  CHECK(plan.outcome(claim) != "proved");
  claim.trust_source_host = false;
  claim.from = names("two, device:fw");
  CHECK(plan.outcome(claim) != "proved");
}

}  // namespace segproof::test
