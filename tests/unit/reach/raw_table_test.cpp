// SPDX-License-Identifier: Apache-2.0
// The raw table: what its rules see before connection tracking, and what NOTRACK makes of a packet.
#include <doctest/doctest.h>

#include "unit/claim/network_builder.h"

namespace segproof::test {
namespace {

std::string raw(const std::string& rules, const std::string& filter_rules) {
  return "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" + rules +
         "\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" + filter_rules +
         "\nCOMMIT\n";
}

std::string outcome(const std::string& raw_rules, const std::string& filter_rules) {
  Plan plan(one_firewall);
  plan.rules("fw", raw(raw_rules, filter_rules));
  return plan.outcome(isolated("out", "in"));
}

}  // namespace

TEST_CASE("a test of UNTRACKED holds after NOTRACK, and no other state does") {
  const std::string notrack = "-A PREROUTING -p udp -j NOTRACK\n";
  const std::string passed = "-A FORWARD -m mark --mark 1 -j ACCEPT";
  for (const std::string state : {"NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"}) {
    CAPTURE(state);
    const std::string mark = "-A PREROUTING -p udp -m conntrack --ctstate " + state + " -j MARK --set-mark 1\n";
    CHECK(outcome(notrack + mark, passed) == (state == "UNTRACKED" ? "refuted" : "proved"));
    CHECK(outcome(mark + notrack, passed) == (state == "INVALID" ? "refuted" : "proved"));
    const std::string other = "-A PREROUTING -p udp -m state ! --state " + state + " -j MARK --set-mark 1\n";
    CHECK(outcome(notrack + other, passed) == (state == "UNTRACKED" ? "proved" : "refuted"));
    CHECK(outcome(other + notrack, passed) == (state == "INVALID" ? "proved" : "refuted"));
  }
}

TEST_CASE("NOTRACK does nothing where a template came before it") {
  // The kernel gives such a packet an entry: it is NEW.
  const std::string rules = "-A PREROUTING -j CT --zone 5\n-A PREROUTING -j NOTRACK";
  CHECK(outcome(rules, "-A FORWARD -m conntrack --ctstate NEW -j ACCEPT") == "inconclusive");
  CHECK(outcome(rules, "-A FORWARD -p udp -m conntrack --ctstate UNTRACKED -j ACCEPT") == "inconclusive");
}

TEST_CASE("rules of raw OUTPUT see no state of the answers that a device sends") {
  Plan plan(one_firewall);
  // `ESTABLISHED` holds nowhere in raw: the answers of the device leave.
  plan.rules("fw", raw("-A OUTPUT -m state --state NEW,ESTABLISHED,RELATED -j DROP",
                       "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"));
  claim::Claim answers = isolated("device:fw", "out");
  answers.trust_source_host = true;
  CHECK(plan.outcome(answers) == "refuted");
}

}  // namespace segproof::test
