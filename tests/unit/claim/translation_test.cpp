// SPDX-License-Identifier: Apache-2.0
// Address translation: who is really reached, and how the answers find back.
#include <doctest/doctest.h>

#include <algorithm>

#include "network_builder.h"

namespace segproof::test {
namespace {

constexpr const char* established = "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n";

claim::Claim tcp_service(const char* from, const char* to, const char* service) {
  claim::Claim claim = no_new(from, to);
  claim.services = {allow(service)};
  return claim;
}

}  // namespace

TEST_CASE("DNAT: the claim speaks of the location, the service of the header as delivered") {
  Plan plan(one_firewall);
  plan.rules("fw",
             nat_and_filter(
                 "-A PREROUTING -d 192.0.2.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.2.0.10:8443",
                 std::string(established) + "-A FORWARD -i eth0 -d 10.2.0.10 -p tcp -m tcp --dport 8443 -j ACCEPT"));
  const claim::Verdict verdict = plan.verify(tcp_service("out", "in", "tcp/8443"));
  CHECK(verdict.outcome == claim::Outcome::refuted);
  CHECK(plan.outcome(tcp_service("out", "in", "tcp/443")) == "proved");
  claim::Claim sent = no_new("out", "in");
  sent.as_sent_to = names("192.0.2.10").front();
  sent.as_sent_service = allow("tcp/443").service;
  CHECK(plan.outcome(sent) == "refuted");
  sent.as_sent_to = names("192.0.2.11").front();
  CHECK(plan.outcome(sent) == "proved");
  CHECK(plan.trace("out", "tcp 198.51.100.10:40000 > 192.0.2.10:443") == "delivered in");
}

TEST_CASE("the filter sees the destination after DNAT and the source before SNAT") {
  Plan plan(one_firewall);
  plan.rules("fw", nat_and_filter("-A PREROUTING -d 192.0.2.10/32 -j DNAT --to-destination 10.2.0.10\n"
                                  "-A POSTROUTING -o eth1 -j SNAT --to-source 10.2.0.1",
                                  "-A FORWARD -d 192.0.2.10 -j ACCEPT\n-A FORWARD -s 10.2.0.1 -j ACCEPT"));
  claim::Claim honest = isolated("out", "in");
  honest.spoofing = claim::Spoofing::own;
  CHECK(plan.outcome(honest) == "proved");
}

TEST_CASE("SNAT and MASQUERADE: answers find back, and only answers") {
  for (const std::string target : {"SNAT --to-source 198.51.100.1", "MASQUERADE", "SNAT --to-source 192.0.2.77"}) {
    CAPTURE(target);
    Plan plan(one_firewall);
    plan.rules(
        "fw",
        nat_and_filter(
            std::string("-A POSTROUTING -o eth0 -j ") + target,
            "-A FORWARD -i eth0 -d 198.51.100.0/24 -j DROP\n-A FORWARD -i eth0 -m conntrack --ctstate NEW -j DROP\n" +
                std::string(established) + "-A FORWARD -i eth1 -s 10.2.0.0/24 -d 198.51.100.0/24 -p udp -j ACCEPT"));
    const claim::Verdict verdict = plan.verify(no_new("in", "out"));
    CAPTURE(told(verdict));
    CHECK(verdict.outcome == claim::Outcome::refuted);
    CHECK(plan.outcome(no_new("out", "in")) == "proved");
    CHECK(plan.outcome(isolated("out", "in")) == "refuted");
  }
}

TEST_CASE("REDIRECT leads to the device itself") {
  Plan plan(one_firewall);
  plan.rules("fw", nat_and_filter("-A PREROUTING -i eth0 -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353",
                                  "-A INPUT -p udp -m udp --dport 5353 -j ACCEPT\n-A FORWARD -j ACCEPT"));
  CHECK(plan.outcome(tcp_service("out", "device:fw", "udp/5353")) == "refuted");
  claim::Claim honest = tcp_service("out", "in", "udp/53");
  honest.spoofing = claim::Spoofing::own;
  CHECK(plan.outcome(honest) != "refuted");
  CHECK(plan.verify(tcp_service("out", "in", "udp/53")).spoofed_only);  // as an answer to self-made state
  CHECK(plan.outcome(tcp_service("out", "in", "udp/54")) == "refuted");
}

TEST_CASE("NETMAP keeps the host bits") {
  Plan plan(R"(
    segment a 198.51.100.0/24 complete
    segment b 10.2.0.0/24 complete
    host out eth0=a:198.51.100.10/24
    host in eth0=b:10.2.0.10/24
    host other eth0=b:10.2.0.11/24
    device fw eth0=a:198.51.100.1/24 eth1=b:10.2.0.1/24
  )");
  plan.rules("fw", nat_and_filter("-A PREROUTING -i eth0 -d 192.0.2.0/24 -j NETMAP --to 10.2.0.0/24\n"
                                  "-A PREROUTING -i eth0 -d 10.2.0.0/24 -j DNAT --to-destination 192.0.2.200",
                                  "-A FORWARD -i eth0 -p udp -j ACCEPT"));
  CHECK(plan.trace("out", "udp 198.51.100.10:4000 > 192.0.2.10:53") == "delivered in");
  claim::Claim sent = no_new("out", "in");
  sent.as_sent_to = names("192.0.2.10").front();
  CHECK(plan.outcome(sent) == "refuted");
  sent.as_sent_to = names("192.0.2.11").front();
  CHECK(plan.outcome(sent) == "proved");
}

TEST_CASE("hairpin: a host reaches its neighbour zone under the public address") {
  Plan plan(one_firewall);
  plan.rules("fw", nat_and_filter(
                       "-A PREROUTING -d 192.0.2.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.2.0.10\n"
                       "-A POSTROUTING -d 10.2.0.10 -j MASQUERADE",
                       std::string(established) + "-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT"));
  const claim::Verdict verdict = plan.verify(tcp_service("out", "in", "tcp/443"));
  CAPTURE(told(verdict));
  REQUIRE(verdict.outcome == claim::Outcome::refuted);
  CHECK_FALSE(verdict.spoofed_only);
  CHECK(plan.outcome(tcp_service("out", "in", "tcp/22")) == "proved");
}

TEST_CASE("two translating stages at one hook: the first that translates decides") {
  Plan plan(R"(
    segment a 198.51.100.0/24 complete
    segment b 10.2.0.0/24 complete
    host out eth0=a:198.51.100.10/24
    host one eth0=b:10.2.0.11/24
    host two eth0=b:10.2.0.12/24
    device fw eth0=a:198.51.100.1/24 eth1=b:10.2.0.1/24
  )");
  const auto to = [](const std::string& address) {
    return nat_and_filter("-A PREROUTING -d 192.0.2.10/32 -j DNAT --to-destination " + address +
                              "\n-A PREROUTING -d 10.2.0.0/24 -j DNAT --to-destination " + address,
                          "-A FORWARD -i eth0 -o eth1 -p udp -j ACCEPT");
  };
  plan.rules("fw", to("10.2.0.11"));
  plan.rules("fw", to("10.2.0.12"));
  CHECK(plan.outcome(no_new("out", "one")) == "refuted");
  claim::Claim honest = no_new("out", "two");
  honest.spoofing = claim::Spoofing::own;
  CHECK(plan.outcome(honest) != "refuted");
  CHECK(plan.trace("out", "udp 198.51.100.10:4000 > 192.0.2.10:53") == "delivered one");
}

TEST_CASE("ICMP errors about a translated flow are translated, with translation on the way out only") {
  Plan plan(one_firewall);
  plan.rules("fw",
             "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth0 -j SNAT --to-source 192.0.2.77\nCOMMIT\n"
             "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
             "-A FORWARD -i eth0 -d 10.2.0.0/24 -m conntrack --ctstate NEW,ESTABLISHED,INVALID -j DROP\n"
             "-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT\n"
             "-A FORWARD -i eth1 -s 10.2.0.0/24 -d 198.51.100.0/24 -p udp -j ACCEPT\nCOMMIT\n");
  auto& stages = plan.node("fw").rules.stages;
  stages.erase(std::remove_if(stages.begin(), stages.end(),
                              [](const model::Stage& stage) {
                                return stage.kind == model::StageKind::translate && stage.hook != model::Hook::egress;
                              }),
               stages.end());
  plan.rules("in",
             "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
             "-A INPUT -p icmp -s 198.51.100.0/24 -j ACCEPT\nCOMMIT\n");
  CHECK(plan.outcome(isolated("out", "in")) != "proved");
}

TEST_CASE("a device's own flows that it translates come back to it") {
  Plan plan(one_firewall);
  plan.rules("fw", nat_and_filter("-A POSTROUTING -o eth0 -j SNAT --to-source 192.0.2.77",
                                  "-A INPUT -i eth0 -d 198.51.100.1 -m conntrack --ctstate ESTABLISHED -j ACCEPT"));
  CHECK(plan.outcome(isolated("out", "device:fw")) != "proved");
}

TEST_CASE("an address translated to one of a pool: any of them") {
  Plan plan(R"(
    segment a 198.51.100.0/24 complete
    segment b 10.2.0.0/24 complete
    host out eth0=a:198.51.100.10/24
    host one eth0=b:10.2.0.11/24
    host two eth0=b:10.2.0.12/24
    device fw eth0=a:198.51.100.1/24 eth1=b:10.2.0.1/24
  )");
  plan.rules("fw", nat_and_filter("-A PREROUTING -d 192.0.2.10/32 -j DNAT --to-destination 10.2.0.11-10.2.0.12\n"
                                  "-A PREROUTING -d 10.2.0.0/24 -j DNAT --to-destination 192.0.2.200",
                                  "-A FORWARD -p udp -j ACCEPT\n-A FORWARD -p udp -j ACCEPT"));
  CHECK(plan.outcome(no_new("out", "one")) != "proved");
  CHECK(plan.outcome(no_new("out", "two")) != "proved");
  // Which one it is is not certain, so that nobody may rely on it.
  CHECK(plan.outcome(with_services(claim::Kind::reachable, "out", "one", {allow("udp/53")})) != "proved");
}

}  // namespace segproof::test
