// SPDX-License-Identifier: Apache-2.0
// `trust-source-host`: whoever sends is held to its own OUTPUT rules, the one who opened the session of a reply, too.
#include <doctest/doctest.h>

#include "unit/claim/network_builder.h"

namespace segproof::test {
namespace {

std::string own_output(const std::string& rules) {
  return "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n" + rules + "COMMIT\n";
}

// left --- a --- eth0 fw eth1 --- b --- right
Plan stateful(const std::string& left_rules, const std::string& right_rules) {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24 complete
    host left eth0=a:10.1.0.10/24
    host right eth0=b:10.2.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
  )");
  plan.filter("fw",
              "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n-A FORWARD -i eth1 ! -s 10.2.0.0/24 -j DROP\n"
              "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A FORWARD -i eth1 -p udp -j ACCEPT\n");
  plan.rules("left", own_output(left_rules));
  plan.rules("right", own_output(right_rules));
  return plan;
}

claim::Claim trusting() {
  claim::Claim claim = isolated("left", "right");
  claim.trust_source_host = true;
  return claim;
}

}  // namespace

TEST_CASE("a reply refutes only when its opener's own rules let the session out") {
  const std::string all = "-A OUTPUT -j ACCEPT\n";
  CHECK(stateful(all, all).outcome(isolated("left", "right")) == "refuted");
  CHECK(stateful(all, all).outcome(trusting()) == "refuted");
  CHECK(stateful(all, "").outcome(isolated("left", "right")) == "refuted");
  CHECK(stateful(all, "").outcome(trusting()) != "refuted");
  CHECK(stateful("", all).outcome(trusting()) != "refuted");
}

TEST_CASE("a host with one interface that is recorded to forward does, back to its segment") {
  const auto outcome = [](const std::string& forwarding) {
    Plan plan(R"(
      segment a 10.1.0.0/24 complete
      segment b 10.2.0.0/24 complete
      host left eth0=a:10.1.0.10/24
      host proxy eth0=a:10.1.0.20/24 )" +
              forwarding + R"(
      host right eth0=b:10.2.0.10/24
      device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
      route proxy 0.0.0.0/0 via 10.1.0.1
    )");
    plan.filter("fw", "-A FORWARD -s 10.1.0.20 -j ACCEPT\n");
    plan.rules(
        "proxy",
        "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n*filter\n:FORWARD ACCEPT "
        "[0:0]\nCOMMIT\n");
    claim::Claim honest = isolated("left", "right");
    honest.spoofing = claim::Spoofing::own;
    return plan.outcome(honest);
  };
  CHECK(outcome("") == "proved");
  CHECK(outcome("forwarding=on") == "refuted");
}

TEST_CASE("a session through a pair of devices is replayed through one of them") {
  for (const std::string gateways :
       {"eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24", "eth0=a:10.1.0.2/24 eth1=b:10.2.0.2/24"}) {
    CAPTURE(gateways);
    Plan plan(R"(
      segment a 10.1.0.0/24 complete
      segment b 10.2.0.0/24 complete
      segment c 10.3.0.0/24 complete
      host left eth0=a:10.1.0.10/24
      host right eth0=c:10.3.0.10/24
      device one eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24 twin=two
      device two )" +
              gateways + R"( twin=one
      device far eth0=b:10.2.0.9/24 eth1=c:10.3.0.1/24
      route one 10.3.0.0/24 via 10.2.0.9
      route two 10.3.0.0/24 via 10.2.0.9
      route far 10.1.0.0/24 via 10.2.0.1
    )");
    for (const char* device : {"one", "two", "far"}) {
      plan.filter(device,
                  "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
                  "-A FORWARD -i eth0 -s 10.1.0.0/24 -p tcp -m tcp --dport 22 --syn -j ACCEPT\n");
    }
    const claim::Verdict verdict = plan.verify(contained("left", "right"));
    CAPTURE(told(verdict));
    CHECK(verdict.outcome == claim::Outcome::refuted);
  }
}

}  // namespace segproof::test
