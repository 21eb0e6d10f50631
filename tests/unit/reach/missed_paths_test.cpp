// SPDX-License-Identifier: Apache-2.0
// Ways that packets take although they are easy to forget. Each was a claim that was proved and should not have been.
#include <doctest/doctest.h>

#include "unit/claim/network_builder.h"

namespace segproof::test {
namespace {

std::string tables(const std::string& nat, const std::string& filter, const std::string& mangle = "") {
  return "*mangle\n:PREROUTING ACCEPT [0:0]\n" + mangle +
         "COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n" + nat +
         "COMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n" + filter + "COMMIT\n";
}

std::string outcome(const std::string& rules, const claim::Claim& claim) {
  Plan plan(one_firewall);
  plan.rules("fw", rules);
  return plan.outcome(claim);
}

claim::Claim trusting(claim::Claim claim) {
  claim.trust_source_host = true;
  return claim;
}

}  // namespace

TEST_CASE("an ICMP error has the translations of the flow that it quotes") {  // asked of a kernel
  const std::string nat = "-A PREROUTING -i eth0 -d 192.0.2.10 -p udp -j DNAT --to-destination 10.2.0.10\n";
  const std::string in = "-A FORWARD -i eth0 -d 10.2.0.10 -p udp -j ACCEPT\n";
  const std::string back = "-A FORWARD -i eth1 -p icmp -m conntrack --ctstate DNAT -j ACCEPT\n";
  CHECK(outcome(tables(nat, in), isolated("in", "out")) == "proved");
  CHECK(outcome(tables(nat, in + back), isolated("in", "out")) != "proved");
}

TEST_CASE("a translation to the same address is the last one at its hook") {
  Plan plan(one_firewall);
  plan.rules("fw", tables("-A PREROUTING -d 10.2.0.10 -j DNAT --to-destination 10.2.0.10\n",
                          "-A FORWARD -d 10.2.0.10 -j ACCEPT\n"));
  plan.rules("fw", "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DNAT --to-destination 10.2.0.99\nCOMMIT\n");
  CHECK(plan.outcome(isolated("out", "in")) == "refuted");
}

TEST_CASE("a device that translates still answers") {
  const std::string nat = "-A POSTROUTING -o eth1 -j MASQUERADE\n";
  const std::string served = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n";
  const auto answers = [&](const std::string& state) {
    return "-A OUTPUT -m conntrack --ctstate " + state + " -j ACCEPT\n";
  };
  const claim::Claim claim = trusting(isolated("device:fw", "out"));
  CHECK(outcome(tables(nat, served), claim) == "proved");
  CHECK(outcome(tables(nat, served + answers("ESTABLISHED")), claim) != "proved");
  CHECK(outcome(tables("", served + answers("ESTABLISHED")), claim) != "proved");
  CHECK(outcome(tables(nat, served + answers("RELATED")), claim) != "proved");  // ICMP errors
}

TEST_CASE("what a target may hand to a program of the device is delivered, whatever its filter says") {
  const std::string handed = "-A PREROUTING -i eth0 -p tcp -m tcp --dport 80 -j TPROXY --on-port 3128\n";
  CHECK(outcome(tables("", "", ""), isolated("out", "device:fw")) == "proved");
  CHECK(outcome(tables("", "", handed), isolated("out", "device:fw")) != "proved");
}

TEST_CASE("a copy goes towards a gateway that is not next door") {
  CHECK(outcome(tables("", "", "-A PREROUTING -j TEE --gateway 10.9.9.9\n"), isolated("out", "in")) != "proved");
  CHECK(outcome(tables("", "", "-A PREROUTING -j TEE --gateway 198.51.100.77\n"), isolated("out", "in")) == "proved");
}

TEST_CASE("who translates an address may answer for it on its segment") {
  Plan plan(R"(
    segment a 198.51.100.0/24 complete
    segment t 10.9.0.0/24 complete
    segment b 10.2.0.0/24 complete
    host out eth0=a:198.51.100.10/24
    host in eth0=b:10.2.0.10/24
    device router eth0=a:198.51.100.1/24 eth1=t:10.9.0.1/24
    device fw eth0=t:10.9.0.2/24 eth1=b:10.2.0.1/24
  )");
  plan.filter("router", "-A FORWARD -j ACCEPT\n");
  plan.rules("fw", tables("-A PREROUTING -d 10.9.0.99 -j DNAT --to-destination 10.2.0.10\n",
                          "-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\n"));
  CHECK(plan.outcome(isolated("out", "in")) != "proved");
}

TEST_CASE("a host may forward out of an interface that is wired to nothing known") {
  const auto outcome = [](const std::string& forwarding) {
    Plan plan(R"(
      segment a 10.1.0.0/24 complete
      segment b 10.2.0.0/24
      host out eth0=a:10.1.0.10/24
      host two eth0=a:10.1.0.20/24 eth1=-:10.7.0.1/24 )" +
              forwarding + R"(
      host in eth0=b:10.2.0.10/24
    )");
    return plan.outcome(isolated("out", "in"));
  };
  CHECK(outcome("") != "proved");
  CHECK(outcome("forwarding=off") == "proved");
}

TEST_CASE("a host that may forward keeps the sessions that it forwards, under its own IPv6 addresses, too") {
  const auto outcome = [](const std::string& forwarding) {
    Plan plan(R"(
      segment a 2001:db8:1::/64 complete
      segment b 2001:db8:2::/64 complete
      host out eth0=a:2001:db8:1::10/64
      host two eth0=a:2001:db8:1::20/64 eth1=b:2001:db8:2::20/64 )" +
              forwarding + "\n");
    plan.rules(
        "two",
        "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -m conntrack --ctstate "
        "ESTABLISHED -j ACCEPT\nCOMMIT\n",
        Family::ipv6);
    return plan.outcome(no_new("out", "two"));
  };
  CHECK(outcome("") != "proved");
  CHECK(outcome("forwarding=off") == "proved");
}

TEST_CASE("an address may end a prefix of somebody else's and be a host's") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    host out eth0=a:10.1.0.10/24
    host in eth0=a:10.1.0.127/24
    host other eth0=a:10.1.0.20/25
  )");
  CHECK(plan.outcome(no_new("out", "in")) == "refuted");
}

TEST_CASE("a link-local address answers a SYN") {
  Plan plan(R"(
    segment a 2001:db8:1::/64 complete
    host out eth0=a:2001:db8:1::10/64
    host in eth0=a:2001:db8:1::20/64
  )");
  plan.rules(
      "in",
      "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -d fe80::/10 -p tcp -m tcp "
      "--dport 22 -j ACCEPT\nCOMMIT\n",
      Family::ipv6);
  CHECK(plan.outcome(no_new("out", "in")) != "proved");
}

}  // namespace segproof::test
