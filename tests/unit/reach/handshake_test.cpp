// SPDX-License-Identifier: Apache-2.0
// Whose SYN is answered, from where, and what changes when the one who answers has fallen.
#include <doctest/doctest.h>

#include "unit/claim/network_builder.h"

namespace segproof::test {
namespace {

std::string forwarding(const std::string& rules) {
  return "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" + rules + "COMMIT\n";
}

//  bad --- s --- eth0 fw eth2 --- c --- guarded
//                     eth1 --- a --- user
Plan guarded_host(const std::string& first) {
  Plan plan(R"(
    segment s 10.1.0.0/24 complete
    segment a 10.2.0.0/24 complete
    segment c 10.3.0.0/24 complete
    host bad eth0=s:10.1.0.10/24
    host user eth0=a:10.2.0.10/24
    host guarded eth0=c:10.3.0.10/24
    device fw eth0=s:10.1.0.1/24 eth1=a:10.2.0.1/24 eth2=c:10.3.0.1/24
  )");
  plan.rules("fw", forwarding(first + "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
                                      "-A FORWARD -i eth1 -s 10.2.0.0/24 -d 10.3.0.0/24 -p tcp --syn -j ACCEPT\n"));
  plan.rules("guarded", forwarding("-A INPUT -p udp -m udp --dport 53 -j ACCEPT\n"));
  plan.assume("A-FW");
  return plan;
}

constexpr const char* breaks_in = "-A FORWARD -i eth0 -s 10.1.0.0/24 -d 10.3.0.10 -p udp -m udp --dport 53 -j ACCEPT\n";

}  // namespace

TEST_CASE("a fallen host answers what its input rules dropped, and nobody else does") {
  const Plan plan = guarded_host(breaks_in);
  CHECK(plan.outcome(no_new("user", "guarded")) == "proved");  // its rules drop the SYN
  CHECK(plan.outcome(no_new("bad", "guarded")) == "refuted");
  CHECK(plan.outcome(contained("bad", "user")) != "proved");  // it opens a session to the fallen host
  CHECK(guarded_host("").outcome(contained("bad", "user")) == "proved");
}

TEST_CASE("the answer of a fallen host has to come back, too") {
  const std::string mute = "-A FORWARD -i eth2 -j DROP\n";
  const std::string honest = "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n";
  const Plan plan = guarded_host(honest + breaks_in + mute);
  CHECK(plan.outcome(contained("bad", "guarded")) == "refuted");
  const claim::Verdict verdict = plan.verify(contained("bad", "user"));
  CAPTURE(told(verdict));
  CHECK(verdict.outcome == claim::Outcome::proved);
  // Where nothing stops another fallen host, it answers in the name of the first.
  CHECK(guarded_host(breaks_in + mute).outcome(contained("bad", "user")) != "proved");
}

//        eth0 there eth1 --- b --- eth0
//  out --- a                           two
//        eth0 back  eth1 --- c --- eth1
TEST_CASE("a host answers by whichever of its interfaces its routes say") {
  for (const std::string forwards : {"forwarding=off", "forwarding=on"}) {
    CAPTURE(forwards);
    Plan plan(R"(
      segment a 10.1.0.0/24 complete
      segment b 10.2.0.0/24 complete
      segment c 10.3.0.0/24 complete
      host out eth0=a:10.1.0.10/24
      host two eth0=b:10.2.0.10/24 eth1=c:10.3.0.10/24 )" +
              forwards + R"(
      device there eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
      device back eth0=a:10.1.0.2/24 eth1=c:10.3.0.1/24
    )");
    plan.rules("there", forwarding("-A FORWARD -i eth0 -p tcp -j ACCEPT\n"));
    plan.rules("back", forwarding("-A FORWARD -i eth1 -p tcp -j ACCEPT\n"));
    CHECK(plan.outcome(no_new("out", "two")) != "proved");
  }
}

}  // namespace segproof::test
