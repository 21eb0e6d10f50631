// SPDX-License-Identifier: Apache-2.0
// Certificates that something is still mentioned.
#include <doctest/doctest.h>

#include <string>

#include "check/core/verdict.h"

namespace check {
namespace {

const std::string network =
    "segproof-network 1\n"
    "epoch \"now\" date \"2026-01-01\" flushed\n"
    "node \"fw\" device\n"
    "  ipv4 given given on\n"
    "  ipv6 off off off\n"
    "  services unknown\n"
    "  rules now\n"
    "    chain \"FORWARD\"\n"
    "      rule @\"fw\":1 accept\n"
    "        is source/4 10.0.0.0-10.0.0.255\n"
    "      rule @\"fw\":2 drop\n"
    "        is destination/4 10.0.0.4,10.0.1.0-10.0.1.255\n"
    "      rule @\"fw\":3 drop\n"
    "        is source/4 0.0.0.0-10.0.0.4,10.0.0.6-255.255.255.255\n"
    "      rule @\"fw\":4 translate destination to 10.0.0.5/4\n"
    "      rule @\"fw\":5 accept\n"
    "        is dport 4\n"
    "    stage forward filter order 0 chain 0 policy drop families 46 \"FORWARD\" @-\n"
    "claim \"END\" unreferenced @-\n"
    "  spoofing any\n"
    "  responder include\n"
    "  address \"10.0.0.4/30\"\n";

Result refuted_by(const std::string& mention) {
  return check_certificate("segproof-certificate 1\nnetwork x\nclaim \"END\"\nverdict refuted\n" + mention, network,
                           "x");
}

TEST_CASE("a rule that names one of the addresses is a mention") {
  CHECK(refuted_by("mention \"fw\" @\"fw\":2\n").outcome == Outcome::verified);
  CHECK(refuted_by("mention \"fw\" @\"fw\":3\n").outcome == Outcome::verified);  // all but one of them
  CHECK(refuted_by("mention \"fw\" @\"fw\":4\n").outcome == Outcome::verified);
  CHECK(refuted_by("mention \"fw\" @\"fw\":2\nmention \"fw\" @\"fw\":4\n").verdict == "refuted");
}

TEST_CASE("a rule about more than the addresses is none, nor is one about a port") {
  CHECK(refuted_by("mention \"fw\" @\"fw\":1\n").outcome == Outcome::rejected);
  CHECK(refuted_by("mention \"fw\" @\"fw\":5\n").outcome == Outcome::rejected);
  CHECK(refuted_by("mention \"fw\" @\"fw\":2\nmention \"fw\" @\"fw\":1\n").outcome == Outcome::rejected);
}

TEST_CASE("without a mention nothing is refuted") {
  CHECK(refuted_by("").outcome == Outcome::rejected);
  CHECK(refuted_by("mention \"fw\"\n").outcome == Outcome::not_a_certificate);
  CHECK(refuted_by("mention \"other\" @\"fw\":2\n").outcome == Outcome::not_a_certificate);
  CHECK(refuted_by("step 4 breaks node \"fw\" on \"lan\"\n").outcome == Outcome::not_a_certificate);
}

}  // namespace
}  // namespace check
