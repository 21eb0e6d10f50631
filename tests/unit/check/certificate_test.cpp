// SPDX-License-Identifier: Apache-2.0
// A network of two segments and a firewall, with certificates written by hand:
//
//   lan (10.0.1.0/24) --- eth0 fw eth1 --- srv (10.0.2.0/24)
//
// The firewall lets lan open tcp 443 to srv, and replies back.
#include <doctest/doctest.h>

#include <string>

#include "check/core/verdict.h"

namespace check {
namespace {

std::string network_with(const std::string& policy) {
  return R"(segproof-network 1
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
        state established,related
      rule @"fw":2 accept
        in "eth0"
        is source/4 10.0.1.0-10.0.1.255
        is protocol 6
        is dport 443
    chain "filter INPUT"
    stage ingress track order -200 chain none policy accept families 46 "track" @-
    stage forward filter order 0 chain 0 policy )" +
         policy + R"( families 46 "filter FORWARD" @"fw":3
    stage deliver filter order 0 chain 1 policy drop families 46 "filter INPUT" @"fw":4
claim "C" no-new-sessions @"claims":1
  spoofing any
  responder include
  from "srv"
  to "lan"
claim "D" isolated @"claims":2
  spoofing any
  responder include
  from "srv"
  to "lan"
claim "E" isolated @"claims":3
  spoofing any
  responder include
  from "srv"
  to "lam"
  service any 0-65535 to "lan",""
claim "F" contained @"claims":4
  spoofing any
  responder include
  from "10.0.1.0/25"
  to "lan"
claim "G" isolated @"claims":5
  spoofing any
  responder include
  from "srv"
  to "2001:db8::1"
claim "H" no-new-sessions @"claims":6
  spoofing any
  responder include
  from "srv"
  to "lan"
  service 47 0-65535
claim "S" anti-spoofed @"claims":7
  spoofing any
  responder include
  zone "lan"
)";
}

// What everybody sends, and the one flow that the firewall lets through.
const std::string anyone = R"(  anyone now
    at "fw" 0
      row role 0
    at "fw" 1
      row role 0
    on "lan"
      row role 0
    on "srv"
      row role 0
    flows "fw"
      row protocol 6 source 10.0.1.0-10.0.1.255 dport 443 fragment 0
)";

std::string certificate(const std::string& claim, const std::string& layers) {
  return "segproof-certificate 1\nnetwork HASH\nclaim \"" + claim + "\"\nverdict proved\nfamily 4\n" + layers;
}

// srv sends anything; only replies of port 443 get to lan, packets in the name of lan that look like a flow of it, and
// errors.
const std::string question = R"(  question 0
    own now
      at "fw" 1
        row role 0
      on "lan"
        row protocol 1 destination 10.0.1.0-10.0.1.255 role 2
        row protocol 6 destination 10.0.1.0-10.0.1.255 sport 443 fragment 0 role 1
        row protocol 6 source 10.0.1.0-10.0.1.255 destination 10.0.1.0-10.0.1.255 dport 443 fragment 0 role 1
      on "srv"
        row role 0
)";

Result check_it(const std::string& text, const std::string& policy = "drop") {
  return check_certificate(text, network_with(policy), "HASH");
}

std::string without(std::string text, const std::string& part) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.erase(at, part.size());
}

}  // namespace

TEST_CASE("a certificate written by hand is verified") {
  const Result result = check_it(certificate("C", anyone + question));
  CHECK_MESSAGE(result.outcome == Outcome::verified, result.why);
  CHECK(result.verdict == "proved");
  CHECK(result.kind == "no-new-sessions");
  CHECK(result.from == "srv");
  CHECK(result.to == "lan");
}

TEST_CASE("the same rows do not prove that no packet comes through") {
  const Result result = check_it(certificate("D", anyone + question));
  CHECK(result.outcome == Outcome::rejected);
  CHECK(result.why.find("a forbidden packet is delivered") != std::string::npos);
}

TEST_CASE("nothing is proved of a firewall that lets everything through") {
  const Result result = check_it(certificate("C", anyone + question), "accept");
  CHECK(result.outcome == Outcome::rejected);
}

TEST_CASE("what a certificate lacks is found, with a packet that escapes") {
  const std::string whole = certificate("C", anyone + question);
  for (const std::string part :
       {"    flows \"fw\"\n      row protocol 6 source 10.0.1.0-10.0.1.255 dport 443 fragment 0\n",
        "        row protocol 1 destination 10.0.1.0-10.0.1.255 role 2\n", "      on \"srv\"\n        row role 0\n",
        "    at \"fw\" 1\n      row role 0\n"}) {
    CAPTURE(part);
    const Result result = check_it(without(whole, part));
    CHECK(result.outcome == Outcome::rejected);
    CHECK(result.why.find("destination") != std::string::npos);
  }
}

TEST_CASE("a certificate is about one network file and one of its claims") {
  const std::string whole = certificate("C", anyone + question);
  CHECK(check_certificate(whole, network_with("drop"), "OTHER").outcome == Outcome::rejected);
  CHECK(check_it(certificate("X", anyone + question)).outcome == Outcome::rejected);
  CHECK(check_it(certificate("C", anyone)).outcome == Outcome::rejected);
  CHECK(check_it(certificate("C", question)).outcome == Outcome::rejected);
  CHECK(check_it(without(whole, "verdict proved\n")).outcome == Outcome::not_a_certificate);
  CHECK(check_it(whole + "more\n").outcome == Outcome::not_a_certificate);
  CHECK(check_it(whole.substr(0, whole.size() - 1)).outcome == Outcome::not_a_certificate);
}

// A helper may expect any protocol between the parties of a flow: PPTP lets GRE through.
TEST_CASE("no helper keeps to protocols with ports") {
  std::string network = network_with("drop");
  const std::string stage = "    stage ingress track order";
  network.insert(network.find(stage), R"(    chain "raw PREROUTING"
      rule @"fw":5 helper "pptp"
        in "eth0"
    stage ingress filter order -300 chain 2 policy accept families 46 "raw PREROUTING" @"fw":6
)");
  const std::string text = certificate("H", R"(  anyone now
    at "fw" 0
      row role 0
    at "fw" 1
      row role 0
    on "lan"
      row role 0
    on "srv"
      row role 0
    flows "fw"
      row helped
  question 0
    own now
      at "fw" 1
        row role 0
      on "lan"
        row role 1-2
        row protocol 6,17,33,132,136 role 0
      on "srv"
        row role 0
      flows "fw"
        row protocol 6,17,33,132,136
)");
  const Result result = check_certificate(text, network, "HASH");
  CHECK(result.outcome == Outcome::rejected);
  CHECK_MESSAGE(result.why.find("protocol 0 ") != std::string::npos, result.why);
}

TEST_CASE("foreign sources die at the edge where a rule says so before the state is asked") {
  const Result open = check_it(certificate("S", anyone));
  CHECK(open.outcome == Outcome::rejected);
  CHECK_MESSAGE(open.why.starts_with("fw:eth0 lets a packet in whose source is outside the zone: "), open.why);
  std::string network = network_with("drop");
  network.insert(network.find("    stage ingress track order"), R"(    chain "raw PREROUTING"
      rule @"fw":5 drop
        in "eth0"
        is source/4 0.0.0.0-10.0.0.255,10.0.2.0-255.255.255.255
    stage ingress filter order -300 chain 2 policy accept families 46 "raw PREROUTING" @"fw":6
)");
  const Result closed = check_certificate(certificate("S", anyone), network, "HASH");
  CHECK_MESSAGE(closed.outcome == Outcome::verified, closed.why);
  CHECK(closed.from == "lan");
  network.replace(network.find("10.0.2.0-255"), 8, "10.0.2.1");
  CHECK(check_certificate(certificate("S", anyone), network, "HASH").outcome == Outcome::rejected);
}

namespace {

Result check_vacuous(const std::string& claim, const std::string& why) {
  return check_it("segproof-certificate 1\nnetwork HASH\nclaim \"" + claim + "\"\nverdict vacuous\n" + why);
}

}  // namespace

TEST_CASE("a claim about nobody is vacuous, others are not") {
  const Result result = check_vacuous("E", "nothing \"lam\"\n");
  CHECK_MESSAGE(result.outcome == Outcome::verified, result.why);
  CHECK(result.verdict == "vacuous");
  CHECK(check_vacuous("E", "nothing \"srv\"\n").why == "srv is somebody");
  CHECK(check_vacuous("E", "nothing \"elsewhere\"\n").why == "the claim does not speak of elsewhere");
  CHECK(check_vacuous("E", "both\n").outcome == Outcome::rejected);
  CHECK(check_vacuous("F", "both\n").outcome == Outcome::verified);
  CHECK(check_vacuous("F", "nothing \"lan\"\n").outcome == Outcome::rejected);
  CHECK(check_vacuous("G", "nothing \"2001:db8::1\"\n").outcome == Outcome::verified);
  for (const std::string why : {"both\n", "apart\n", "nothing \"lan\"\n", "nothing \"srv\"\n"}) {
    CHECK(check_vacuous("C", why).outcome == Outcome::rejected);
  }
  CHECK(check_vacuous("F", "").outcome == Outcome::not_a_certificate);
  CHECK(check_vacuous("F", "both\nboth\n").outcome == Outcome::not_a_certificate);
  CHECK(check_vacuous("F", "both more\n").outcome == Outcome::not_a_certificate);
  CHECK(check_it(certificate("E", anyone + question)).why == "nothing is called lam");
}

TEST_CASE("a network file has each line in its place, and once") {
  const std::string network = network_with("drop");
  const std::string whole = certificate("C", anyone + question);
  CHECK(check_certificate(whole, network, "HASH").outcome == Outcome::verified);
  for (const std::string line :
       {"  ipv4 given given on\n", "  ipv6 off off off\n", "  services unknown\n",
        "epoch \"now\" date \"2026-01-01\" flushed\n", "  spoofing any\n", "  responder include\n"}) {
    CAPTURE(line);
    CHECK(check_certificate(whole, without(network, line), "HASH").outcome == Outcome::not_a_certificate);
    std::string twice = network;
    twice.insert(twice.find(line), line);
    CHECK(check_certificate(whole, twice, "HASH").outcome == Outcome::not_a_certificate);
  }
}

}  // namespace check
