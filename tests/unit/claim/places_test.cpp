// SPDX-License-Identifier: Apache-2.0
// Places, hosts and zones, sentence by sentence (docs/semantics.md: what exists).
#include <doctest/doctest.h>

#include <algorithm>

#include "network_builder.h"

namespace segproof::test {
namespace {

// web --- a --- fw --- b --- db
//   (unlisted@a)     (unlisted@b)
constexpr const char* two_segments = R"(
  segment a 10.1.0.0/24
  segment b 10.2.0.0/24
  zone left 10.1.0.0/24
  zone right 10.2.0.0/24
  host web eth0=a:10.1.0.10/24
  host db eth0=b:10.2.0.10/24
  device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
)";

}  // namespace

TEST_CASE("a closed firewall isolates, an open one does not") {
  Plan plan(two_segments);
  plan.filter("fw", "");
  CHECK(plan.outcome(isolated("left", "right")) == "proved");
  CHECK(plan.outcome(isolated("web", "db")) == "proved");
  Plan open(two_segments);
  CHECK(open.outcome(isolated("left", "right")) == "refuted");
}

TEST_CASE("a host is found under its address, and a segment under its name") {
  Plan plan(two_segments);
  plan.filter("fw",
              "-A FORWARD -s 10.1.0.10 -d 10.2.0.10 -p tcp --dport 443 -j ACCEPT\n"
              "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT");
  CHECK(plan.outcome(no_new("10.1.0.10", "10.2.0.10")) == "refuted");
  CHECK(plan.outcome(no_new("a", "b")) == "refuted");
  CHECK(plan.outcome(no_new("web", "10.2.0.11")) == "proved");  // a part of unlisted@b
  CHECK(plan.outcome(no_new("web", "unlisted@b")) == "proved");
  CHECK(plan.outcome(no_new("unlisted@b", "web")) == "refuted");  // self-made state: see state_test.cpp
  CHECK(plan.outcome(isolated("web", "10.9.9.9")) == "vacuous");  // nobody owns it
  CHECK(plan.outcome(isolated("wbe", "db")) == "vacuous");
}

TEST_CASE("a translated address that no location owns is an error with a hint") {
  Plan plan(two_segments);
  plan.rules("fw",
             "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 192.0.2.10/32 -p tcp -m tcp --dport 443 "
             "-j DNAT --to-destination 10.2.0.10\nCOMMIT\n");
  const claim::Verdict verdict = plan.verify(isolated("web", "192.0.2.10"));
  CHECK(verdict.outcome == claim::Outcome::vacuous);
  CHECK(verdict.reason.find("as-sent") != std::string::npos);
}

TEST_CASE("zones nest: the outer zone holds the hosts of the inner one") {
  Plan plan(R"(
    segment a 10.1.0.0/24
    segment b 10.2.0.0/24
    zone corporate 10.2.0.0/16
    zone support 10.2.0.0/24 under corporate
    zone outside 10.1.0.0/24
    host web eth0=a:10.1.0.10/24
    host desk eth0=b:10.2.0.10/24
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
  )");
  plan.filter("fw", "-A FORWARD -d 10.2.0.10 -p udp -j ACCEPT");
  CHECK(plan.outcome(isolated("outside", "support")) == "refuted");
  CHECK(plan.outcome(isolated("outside", "corporate")) == "refuted");
  CHECK(plan.outcome(isolated("corporate", "support")) == "vacuous");  // on both sides
}

TEST_CASE("unlisted hosts are source, target and pivot, unless the segment is complete") {
  Plan plan(two_segments);
  plan.filter("fw", "-A FORWARD -s 10.1.0.77 -p udp -j ACCEPT");
  CHECK(plan.outcome(isolated("unlisted@a", "right")) == "refuted");
  Plan target(two_segments);
  target.filter("fw", "-A FORWARD -d 10.2.0.77 -p udp -j ACCEPT").assume("A-FW");
  CHECK(target.outcome(isolated("web", "right")) == "refuted");
  CHECK(target.outcome(isolated("web", "db")) == "proved");
  CHECK(target.outcome(contained("web", "db")) == "refuted");  // through unlisted@b
  target.segment("b").complete = true;
  CHECK(target.outcome(contained("web", "db")) == "proved");
  CHECK(target.outcome(isolated("web", "unlisted@b")) == "vacuous");
  const claim::Verdict verdict = target.verify(isolated("web", "right"));
  CHECK(verdict.outcome == claim::Outcome::proved);
  CHECK(std::find(verdict.assumptions.begin(), verdict.assumptions.end(), "A-COMPLETE") != verdict.assumptions.end());
}

TEST_CASE("hosts on one segment reach each other past any firewall") {
  Plan plan(R"(
    segment a 10.1.0.0/24
    host web eth0=a:10.1.0.10/24
    host app eth0=a:10.1.0.11/24
    device fw eth0=a:10.1.0.1/24
  )");
  plan.filter("fw", "");
  CHECK(plan.outcome(isolated("web", "app")) == "refuted");
  CHECK(plan.outcome(isolated("web", "unlisted@a")) == "refuted");
  CHECK(plan.outcome(contained("web", "app")) == "refuted");
}

TEST_CASE("broadcast, multicast and link-local packets reach the segment and no further") {
  Plan plan(two_segments);
  plan.rules("fw", "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
  plan.filter("db", "-A INPUT -d 255.255.255.255 -j ACCEPT\n-A INPUT -d 224.0.0.0/4 -j ACCEPT");
  CHECK(plan.outcome(isolated("web", "db")) == "proved");
  CHECK(plan.outcome(isolated("unlisted@b", "db")) == "refuted");
  CHECK(plan.outcome(isolated("web", "device:fw")) == "refuted");
}

TEST_CASE("a directed broadcast may reach every host of its segment") {
  Plan plan(two_segments);
  plan.filter("fw", "-A FORWARD -d 10.2.0.255 -j ACCEPT");
  CHECK(plan.outcome(isolated("web", "db")) != "proved");
  CHECK(plan.outcome(isolated("web", "10.2.0.10")) != "proved");
  CHECK(plan.outcome(isolated("web", "10.2.0.77")) != "proved");  // an unlisted host by its address
}

TEST_CASE("a directed broadcast may reach hosts with several interfaces and addresses") {
  Plan plan(R"(
    segment a 10.1.0.0/24
    segment b 10.2.0.0/24 complete
    segment c 10.3.0.0/24 complete
    host web eth0=a:10.1.0.10/24
    host db eth0=b:10.2.0.10/24,10.2.0.11/24 eth1=c:10.3.0.10/24 forwarding=off
    device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
  )");
  plan.filter("fw", "-A FORWARD -d 10.2.0.255 -j ACCEPT");
  CHECK(plan.outcome(isolated("web", "db")) != "proved");
  CHECK(plan.outcome(isolated("web", "10.2.0.11")) != "proved");
}

TEST_CASE("a device's own addresses belong to the device, on whatever interface they are asked for") {
  Plan plan(two_segments);
  plan.filter("fw", "-A INPUT -d 10.2.0.1 -p tcp --dport 22 -j ACCEPT");
  CHECK(plan.outcome(isolated("web", "device:fw")) == "refuted");
  CHECK(plan.outcome(isolated("web", "right")) == "proved");  // the device is in no zone
  Plan closed(two_segments);
  closed.filter("fw", "");
  CHECK(closed.outcome(isolated("web", "device:fw")) == "proved");
  CHECK(closed.outcome(isolated("device:fw", "db")) == "refuted");
}

// web -- a -- r1 -- t -- r2 (10.9.0.9 on its loopback)
TEST_CASE("Linux answers on any interface for any local address, also to its neighbours on the link") {
  Plan plan(R"(
    segment a 10.1.0.0/24
    segment t 10.9.0.0/24 complete
    segment z 10.8.0.0/24
    host web eth0=a:10.1.0.10/24
    device r1 eth0=a:10.1.0.1/24 eth1=t:10.9.0.1/24
    device r2 eth0=t:10.9.0.2/30 eth1=z:10.9.0.9/32
  )");
  CHECK(plan.outcome(isolated("web", "device:r2")) == "refuted");
  plan.filter("r2", "-A INPUT -d 10.9.0.9 -j ACCEPT");
  CHECK(plan.outcome(isolated("web", "device:r2")) != "proved");
}

TEST_CASE("hosts with several interfaces may forward, unless forwarding is recorded as off") {
  constexpr const char* dual_homed = R"(
    segment a 10.1.0.0/24
    segment b 10.2.0.0/24
    host web eth0=a:10.1.0.10/24
    host db eth0=b:10.2.0.10/24
    host bastion eth0=a:10.1.0.5/24 eth1=b:10.2.0.5/24 %
  )";
  const auto plan_with = [&](const std::string& word) {
    std::string text = dual_homed;
    text.replace(text.find('%'), 1, word);
    return Plan(text);
  };
  CHECK(plan_with("").outcome(isolated("web", "db")) == "inconclusive");
  CHECK(plan_with("forwarding=off").outcome(isolated("web", "db")) == "proved");
  CHECK(plan_with("forwarding=off").outcome(contained("web", "db")) ==
        "refuted");  // once fallen it sends on both sides
  CHECK(plan_with("forwarding=off").outcome(isolated("web", "bastion")) == "refuted");
  // Its addresses on the far side are reached from the near side, too.
  CHECK(plan_with("forwarding=off").outcome(isolated("web", "10.2.0.5")) != "proved");
}

TEST_CASE("an external zone is a place: its packets carry any source, its addresses are the undeclared ones") {
  Plan plan(R"(
    segment internet internet
    segment dmz 10.1.0.0/24
    host web eth0=dmz:10.1.0.10/24
    device fw eth0=internet:192.0.2.1/24 eth1=dmz:10.1.0.1/24
    route fw 0.0.0.0/0 dev eth0
  )");
  plan.filter("fw", "-A FORWARD -i eth0 -s 10.77.0.0/16 -j ACCEPT");
  CHECK(plan.outcome(isolated("internet", "web")) == "refuted");
  Plan out(R"(
    segment internet internet
    segment dmz 10.1.0.0/24
    host web eth0=dmz:10.1.0.10/24
    device fw eth0=internet:192.0.2.1/24 eth1=dmz:10.1.0.1/24
    route fw 0.0.0.0/0 dev eth0
  )");
  out.filter("fw", "-A FORWARD -i eth1 -d 10.77.0.0/16 -j ACCEPT\n-A FORWARD -i eth1 -d 169.254.0.0/16 -j ACCEPT");
  CHECK(out.outcome(isolated("web", "internet")) == "proved");
  out.node("fw").rules = {};
  out.filter("fw", "-A FORWARD -i eth1 -d 8.8.8.8 -j ACCEPT");
  CHECK(out.outcome(isolated("web", "internet")) == "refuted");
}

TEST_CASE("pairs of a host with itself are left out") {
  Plan plan(R"(
    segment a 10.1.0.0/24 complete
    segment b 10.2.0.0/24 complete
    host bastion eth0=a:10.1.0.5/24 eth1=b:10.2.0.5/24
  )");
  CHECK(plan.outcome(isolated("10.1.0.5", "10.2.0.5")) == "vacuous");
  CHECK(plan.outcome(isolated("bastion", "bastion")) == "vacuous");
}

}  // namespace segproof::test
