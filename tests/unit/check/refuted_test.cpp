// SPDX-License-Identifier: Apache-2.0
// Certificates of refutations and of inconclusive verdicts, and what is wrong with those that are a little different.
#include <doctest/doctest.h>

#include <string>

#include "check/core/verdict.h"

namespace check {
namespace {

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const std::string network = R"(segproof-network 1
epoch "now" date "2026-01-01" flushed
segment "lan" open internal
  prefix 10.0.1.0/24
segment "srv" open internal
  prefix 10.0.2.0/24
node "fw" device
  ipv4 given given on
  ipv6 off off off
  services unknown
  interface "eth0" segment "lan" up
    address 10.0.1.1/24
  interface "eth1" segment "srv" up
    address 10.0.2.1/24
  rules now
    chain "filter FORWARD"
      rule @"fw":1 accept
        state established
      rule @"fw":2 accept
        in "eth0"
        is protocol 6
        is dport 443
    stage ingress track order -200 chain none policy accept families 46 "track" @-
    stage forward filter order 0 chain 0 policy drop families 46 "filter FORWARD" @"fw":3
node "pc" host
  ipv4 given given off
  ipv6 off off off
  services unknown
  interface "eth0" segment "lan" up
    address 10.0.1.5/24
  rules now
claim "reply" isolated @"claims":1
  spoofing any
  responder include
  from "srv"
  to "pc"
claim "session" contained @"claims":2
  spoofing any
  responder include
  from "pc"
  to "srv"
claim "honest" no-new-sessions @"claims":3
  spoofing own
  responder include
  from "pc"
  to "srv"
claim "allowed" only @"claims":4
  spoofing any
  responder include
  from "pc"
  to "srv"
  service 6 443
)";

const std::string opener =
    "step 4 opens node \"pc\" on \"lan\" to \"fw\" 0\n"
    "  packet protocol 6 source 10.0.1.5 destination 10.0.2.5 sport 40000 dport 443 flags 2 fragment 0\n"
    "  hop \"fw\" 0 1\n"
    "  end unlisted \"srv\"\n";
const std::string reply =
    "step 4 breaks unlisted \"srv\" on \"srv\" to \"fw\" 1\n"
    "  packet protocol 6 source 10.0.2.5 destination 10.0.1.5 sport 443 dport 40000 flags 18 fragment 0\n"
    "  hop \"fw\" 1 0\n"
    "  hop \"pc\" 0 delivered\n"
    "  end node \"pc\"\n";
// The first of these, by whoever opens it.
std::string session_of(const std::string& begin) {
  return changed(begin, "opens", "breaks") +
         "  answer on \"srv\" to \"fw\" 1\n"
         "    hop \"fw\" 1 0\n";
}

Result refuted(const std::string& claim, const std::string& steps, const std::string& about = network) {
  return check_certificate("segproof-certificate 1\nnetwork x\nclaim \"" + claim + "\"\nverdict refuted\n" + steps,
                           about, "x");
}
bool is_verified(const std::string& claim, const std::string& steps, const std::string& about = network) {
  return refuted(claim, steps, about).outcome == Outcome::verified;
}

TEST_CASE("a reply breaks isolation, after what it answers") {
  CHECK(refuted("reply", opener + reply).verdict == "refuted");
  CHECK(is_verified("reply", opener + reply));
  CHECK_FALSE(is_verified("reply", reply));  // nobody has asked
  CHECK_FALSE(is_verified("reply", opener));
  CHECK_FALSE(is_verified("reply", opener + changed(reply, "sport 443", "sport 444")));
  CHECK_FALSE(is_verified("reply", opener + changed(reply, "dport 40000", "dport 40001")));
  CHECK_FALSE(is_verified("reply", opener + reply + reply));
}

TEST_CASE("hops and ends are those that the packet takes") {
  CHECK_FALSE(is_verified("reply", opener + changed(reply, "  hop \"fw\" 1 0\n", "")));
  CHECK_FALSE(is_verified("reply", opener + changed(reply, "hop \"fw\" 1 0", "hop \"fw\" 0 1")));
  CHECK_FALSE(is_verified("reply", opener + changed(reply, "  end node \"pc\"\n", "")));
  CHECK_FALSE(is_verified("reply", opener + changed(reply, "end node \"pc\"", "end node \"fw\"")));
  CHECK_FALSE(is_verified("reply", changed(opener, "to \"fw\" 0", "to \"fw\" 1") + reply));
  CHECK_FALSE(is_verified("reply", changed(opener, " to \"fw\" 0", "") + reply));
}

TEST_CASE("a session is one when it is answered") {
  const std::string session = session_of(opener);
  CHECK(is_verified("session", session));
  CHECK(refuted("session", changed(opener, "opens", "breaks")).why == "nothing shows that the session is answered");
  CHECK_FALSE(is_verified("session", changed(session, "    hop \"fw\" 1 0\n", "")));
  CHECK_FALSE(is_verified("session", changed(session, "answer on \"srv\"", "answer on \"lan\"")));
  CHECK_FALSE(is_verified("session", changed(session, "flags 2", "flags 18")));
  CHECK_FALSE(is_verified("session", changed(session, "breaks", "fells")));
  // The answer to a spoofed SYN goes elsewhere: the firewall's other side.
  CHECK_FALSE(is_verified("session", changed(session, "source 10.0.1.5", "source 10.0.2.9")));
  CHECK_FALSE(is_verified("allowed", session));
}

TEST_CASE("sources are those that the claim lets senders have") {
  const std::string session = session_of(opener);
  const std::string neighbour = changed(session, "source 10.0.1.5", "source 10.0.1.77");
  CHECK(is_verified("session", neighbour));
  CHECK_FALSE(is_verified("honest", neighbour));
  CHECK(is_verified("honest", session));
  CHECK_FALSE(is_verified("session", changed(session, "source 10.0.1.5", "source 127.0.0.1")));
  CHECK_FALSE(is_verified("session", changed(session, "source 10.0.1.5", "source 10.0.1.5-10.0.1.6")));
}

TEST_CASE("what a rule may drop is not shown to pass") {
  const std::string session = session_of(opener);
  const std::string rule = "      rule @\"fw\":2 accept\n";
  const std::string test = "        unknown \"rate limit\"\n";
  const auto with = [&](const std::string& before) { return changed(network, rule, before + rule); };
  CHECK(is_verified("session", session, with("      rule @\"fw\":9 accept\n" + test)));
  CHECK_FALSE(is_verified("session", session, with("      rule @\"fw\":9 drop\n" + test)));
  CHECK(refuted("session", session, with("      rule @\"fw\":9 drop\n" + test)).why ==
        "fw may not let it through: @\"fw\":9");
  CHECK_FALSE(is_verified("session", session, with("      rule @\"fw\":9 anything\n" + test)));
  CHECK_FALSE(is_verified("session", session,
                          changed(network, "is dport 443", "is dport 443\n" + test.substr(0, test.size() - 1))));
  CHECK_FALSE(is_verified("session", session, changed(network, "ipv4 given given on", "ipv4 given given unknown")));
  CHECK_FALSE(is_verified("session", session, changed(network, "ipv4 given given on", "ipv4 missing given on")));
}

TEST_CASE("steps that are no steps are no certificate") {
  CHECK(refuted("reply", "").outcome == Outcome::rejected);
  CHECK(refuted("reply", "step 5 opens\n").outcome == Outcome::not_a_certificate);
  CHECK(refuted("reply", opener + changed(reply, "fragment 0", "fragment 0 role 1")).outcome ==
        Outcome::not_a_certificate);
  CHECK(refuted("reply", opener + changed(reply, "on \"srv\"", "on \"nowhere\"")).outcome ==
        Outcome::not_a_certificate);
  CHECK(refuted("reply", opener + changed(reply, "to \"fw\" 1", "to \"fw\" 9")).outcome == Outcome::not_a_certificate);
}

Result inconclusive(const std::string& claim, const std::string& steps, const std::string& about) {
  return check_certificate("segproof-certificate 1\nnetwork x\nclaim \"" + claim + "\"\nverdict inconclusive\n" + steps,
                           about, "x");
}
std::string supposing(const std::string& what, const std::string& steps) {
  return changed(steps, " fragment 0\n", " fragment 0\n" + what);
}
// Before the rule that lets the session through.
std::string with_rule(const std::string& action, const std::string& test) {
  const std::string rule = "      rule @\"fw\":2 accept\n";
  return changed(network, rule, "      rule @\"fw\":9 " + action + "\n        " + test + "\n" + rule);
}
bool is_open(const std::string& claim, const std::string& steps, const std::string& about) {
  return inconclusive(claim, steps, about).outcome == Outcome::verified;
}

TEST_CASE("what a rule may drop gets through when it is supposed so") {
  const std::string session = session_of(opener);
  const std::string limited = with_rule("drop", "unknown \"rate limit\"");
  const std::string fails = "  suppose rule \"fw\" @\"fw\":9 fails\n";
  CHECK_MESSAGE(is_open("session", supposing(fails, session), limited),
                inconclusive("session", supposing(fails, session), limited).why);
  CHECK(inconclusive("session", supposing(fails, session), limited).verdict == "inconclusive");
  CHECK_FALSE(is_open("session", session, limited));  // a line is missing
  CHECK_FALSE(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 holds\n", session), limited));
  CHECK_FALSE(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":2 fails\n", session), limited));
  CHECK_FALSE(is_open("session", supposing("  suppose rule \"pc\" @\"fw\":9 fails\n", session), limited));
  CHECK_FALSE(is_open("allowed", supposing(fails, session), limited));
  // Nothing is refuted by it, and nothing needs it where it is decided.
  CHECK(refuted("session", supposing(fails, session), limited).why == "what is only supposed refutes nothing");
  CHECK_FALSE(is_open("session", supposing(fails, session), network));
  CHECK_FALSE(is_open("session", supposing(fails, session), with_rule("accept", "unknown \"rate limit\"")));
  CHECK_FALSE(is_open("session", supposing(fails, session), with_rule("drop", "is dport 443")));
  CHECK_FALSE(is_open("session", supposing(fails + fails, session), limited));
  CHECK(inconclusive("session", session, network).why == "nothing is undecided on the way, or too much");
}

TEST_CASE("a test that nothing decides comes out one way for a packet, turned round or not") {
  const std::string session = session_of(opener);
  const std::string other = changed(with_rule("drop", "unknown not \"rate limit\""), "is dport 443", "is dport 443");
  CHECK(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 fails\n", session), other));
  const std::string any = with_rule("drop", "any not\n          or\n            unknown \"rate limit\"");
  CHECK(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 holds\n", session), any));
  CHECK_FALSE(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 fails\n", session), any));
  // What is undecided for another reason than such a test stays so.
  const std::string nameless =
      changed(with_rule("drop", "in \"eth7\""), "interface \"eth0\" segment \"lan\" up\n    address 10.0.1.1",
              "interface \"\" segment \"lan\" up\n    address 10.0.1.1");
  CHECK_FALSE(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 fails\n", session), nameless));
}

TEST_CASE("what is not understood may accept, or do nothing") {
  const std::string session = session_of(opener);
  const std::string anything = with_rule("anything", "is dport 443");
  CHECK(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 accepts\n", session), anything));
  CHECK(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 continues\n", session), anything));
  CHECK_FALSE(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 holds\n", session), anything));
  CHECK_FALSE(is_open("session", supposing("  suppose rule \"fw\" @\"fw\":9 continues\n", session),
                      changed(anything, "rule @\"fw\":2 accept", "rule @\"fw\":2 drop")));
}

TEST_CASE("a device that is not configured hands over what is supposed") {
  const std::string bare = changed(network, "ipv4 given given on", "ipv4 missing given on");
  const std::string there = "  suppose passes \"fw\" 0 on \"srv\"\n";
  const std::string back = "  suppose passes \"fw\" 1 on \"lan\"\n";
  const std::string session = session_of(opener);
  CHECK_MESSAGE(is_open("session", supposing(there + back, session), bare),
                inconclusive("session", supposing(there + back, session), bare).why);
  CHECK_FALSE(is_open("session", supposing(there, session), bare));
  CHECK_FALSE(is_open("session", supposing(back, session), bare));
  CHECK_FALSE(is_open("session", supposing(there + back, session), network));
  CHECK_FALSE(is_open("session", supposing("  suppose passes \"fw\" 0 on \"lan\"\n" + back, session), bare));
  // It may turn packets into others.
  const std::string other = changed(session, "destination 10.0.2.5", "destination 10.0.9.9");
  const std::string turned = "  suppose passes \"fw\" 0 becomes destination 10.0.2.5 on \"srv\"\n";
  CHECK(is_open("session", supposing(turned + back, other), bare));
  CHECK_FALSE(is_open("session", supposing(there + back, other), bare));
  const auto becomes = [&](const std::string& what) {
    return inconclusive("session", supposing(changed(turned, "destination 10.0.2.5", what) + back, session), bare)
        .outcome;
  };
  CHECK(becomes("source 127.0.0.1") == Outcome::not_a_certificate);
  CHECK(becomes("flags 2") == Outcome::not_a_certificate);
  CHECK_FALSE(is_open("session", supposing(changed(turned, "10.0.2.5", "10.0.1.5") + back, other), bare));
}

TEST_CASE("what is in the way of every proof is a line that is not understood, or a host that may be anywhere") {
  const std::string gap = "gap @\"x\":1 SP0301 everywhere \"why\"\ngap @\"x\":2 SP0301 node \"fw\" \"why\"\n";
  const std::string about = changed(network, "claim \"reply\"", gap + "claim \"reply\"");
  CHECK(is_open("reply", "gap @\"x\":1\n", about));
  CHECK_FALSE(is_open("reply", "gap @\"x\":2\n", about));
  CHECK_FALSE(is_open("reply", "gap @\"x\":3\n", about));
  CHECK_FALSE(is_open("reply", "gap @\"x\":1\ngap @\"x\":2\n", about));
  CHECK_FALSE(is_open("reply", "", about));
  CHECK_FALSE(is_open("reply", "unplaced \"pc\"\n", about));
  const std::string nowhere = changed(network, "interface \"eth0\" segment \"lan\" up\n    address 10.0.1.5",
                                      "interface \"eth0\" unwired up\n    address 10.0.1.5");
  CHECK(is_open("reply", "unplaced \"pc\"\n", nowhere));
  CHECK_FALSE(is_open("reply", "unplaced \"fw\"\n", nowhere));
  // Nobody is meant at all: that is no open question.
  CHECK_FALSE(is_open("reply", "gap @\"x\":1\n", changed(about, "  to \"pc\"", "  to \"pcs\"")));
}

}  // namespace
}  // namespace check
