// SPDX-License-Identifier: Apache-2.0
// Choices of the network, undecided lines, marks: some choice when something is to be proved, all choices when
// something is to be refuted or relied on.
#include <doctest/doctest.h>

#include <algorithm>

#include "network_builder.h"

namespace segproof::test {
namespace {

constexpr const char* two = R"(
  segment a 10.1.0.0/24 complete
  segment b 10.2.0.0/24 complete
  host web eth0=a:10.1.0.10/24
  host db eth0=b:10.2.0.10/24
  device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
)";

std::string tables(const std::string& mangle, const std::string& filter) {
  return "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
         ":POSTROUTING ACCEPT [0:0]\n" +
         mangle +
         "\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n"
         ":OUTPUT ACCEPT [0:0]\n" +
         filter + "\nCOMMIT\n";
}

claim::Claim reachable(const char* from, const char* to, const char* service) {
  return with_services(claim::Kind::reachable, from, to, {allow(service)});
}

}  // namespace

TEST_CASE("an undecided line makes the claim inconclusive and is cited") {
  Plan plan(two);
  plan.filter("fw", "-A FORWARD -s 10.1.0.10 -m limit --limit 3/min -j ACCEPT");
  const claim::Verdict verdict = plan.verify(isolated("web", "db"));
  REQUIRE(verdict.outcome == claim::Outcome::inconclusive);
  REQUIRE_FALSE(verdict.undecided.empty());
  CHECK(plan.sources().path(verdict.undecided.front().span.file) == "fw.rules");
  CHECK(verdict.undecided.front().span.line == 5);
  CHECK(plan.outcome(isolated("db", "web")) != "refuted");
}

TEST_CASE("a broadcast that a firewall may pass on is cited at the interface that would") {
  // db sends to all hosts of a, which makes state on fw, and again: fw takes it and may pass it on as established.
  Plan plan(two);
  plan.rules("fw",
             "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
             "-A INPUT -i eth0 ! -s 10.1.0.0/24 -j DROP\n-A INPUT -i eth1 ! -s 10.2.0.0/24 -j DROP\n"
             "-A FORWARD -i eth0 ! -s 10.1.0.0/24 -j DROP\n-A FORWARD -i eth1 ! -s 10.2.0.0/24 -j DROP\n"
             "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n");
  const claim::Verdict verdict = plan.verify(no_new("db", "web"));
  REQUIRE(verdict.outcome == claim::Outcome::inconclusive);
  REQUIRE(verdict.undecided.size() == 1);
  CHECK(verdict.undecided.front().code == DiagnosticCode::choice_not_recorded);
  CHECK(verdict.undecided.front().why == "`fw` may pass a packet to all hosts of 10.1.0.0/24 on, or not");
}

TEST_CASE("an undecided drop does not prove") {
  Plan plan(two);
  plan.filter("fw", "-A FORWARD -m limit --limit 3/min -j DROP\n-A FORWARD -j ACCEPT");
  CHECK(plan.outcome(isolated("web", "db")) == "inconclusive");
  CHECK(plan.outcome(reachable("web", "db", "udp/53")) == "inconclusive");
}

TEST_CASE("a copied connection mark decides like a mark") {
  Plan plan(two);
  plan.rules("fw", tables("-A PREROUTING -i eth0 -j CONNMARK --set-xmark 0x7/0xffffffff\n"
                          "-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff",
                          "-A FORWARD -m mark --mark 0x7 -j ACCEPT"));
  CHECK(plan.outcome(isolated("web", "db")) != "proved");
}

TEST_CASE("marks decide in later tables") {
  Plan plan(two);
  plan.rules("fw", tables("-A PREROUTING -i eth0 -p udp -j MARK --set-xmark 0x5/0xffffffff",
                          "-A FORWARD -m mark --mark 0x5 -j ACCEPT"));
  CHECK(plan.outcome(isolated("web", "db")) == "refuted");
  CHECK(plan.outcome(isolated("db", "web")) == "proved");
  claim::Claim tcp = no_new("web", "db");
  tcp.services = {allow("tcp")};
  CHECK(plan.outcome(tcp) == "proved");
}

TEST_CASE("a mark that an undecided rule may set is the old one or the new one") {
  Plan plan(two);
  plan.rules("fw", tables("-A PREROUTING -m limit --limit 1/sec -j MARK --set-xmark 0x5/0xffffffff",
                          "-A FORWARD -m mark --mark 0x5 -j ACCEPT"));
  CHECK(plan.outcome(isolated("web", "db")) == "inconclusive");
}

TEST_CASE("a target that is not understood may mark, too") {
  Plan plan(two);
  plan.rules("fw", tables("-A PREROUTING -p tcp -j MARK --set-xmark 0x5/0xffffffff\n",
                          "-A FORWARD -m mark --mark 0x5 -p udp -j ACCEPT"));
  CHECK(plan.outcome(isolated("web", "db")) == "proved");
  plan.first_in("fw", "mangle PREROUTING", model::Anything{"MYSTERY", false});
  CHECK(plan.outcome(isolated("web", "db")) == "inconclusive");
}

// web --- a --- fw --- b --- db      fw has two tables; mark 1 asks the second one, which leads into a blackhole.
TEST_CASE("policy routing by mark") {
  Plan plan(std::string(two) +
            "segment c 10.3.0.0/24 complete\n host app eth0=c:10.3.0.10/24\n"
            "device r2 eth0=b:10.2.0.2/24 eth1=c:10.3.0.1/24\n");
  plan.rules("fw", tables("-A PREROUTING -p udp -j MARK --set-xmark 0x1/0xffffffff", "-A FORWARD -j ACCEPT"));
  model::Routing& routing = plan.node("fw").routing[0];
  routing.tables.push_back(
      {"special",
       {{*parse_prefix("10.3.0.0/24"), model::RouteKind::unicast, {{parse_address("10.2.0.2"), {}}}, 0, {}}}});
  routing.rules.push_back({100, {{model::MarkTest{model::MarkKind::packet, 1, 0xffffffffU, false}}}, 1, {}});
  CHECK(plan.trace("web", "udp 10.1.0.10:4000 > 10.3.0.10:53") == "delivered app");
  CHECK(plan.outcome(isolated("web", "app")) == "refuted");
  claim::Claim tcp = no_new("web", "app");
  tcp.services = {allow("tcp")};
  CHECK(plan.outcome(tcp) == "proved");
}

TEST_CASE("an undecided routing rule is no way to rely on") {
  Plan plan(two);
  plan.filter("fw", "-A FORWARD -j ACCEPT");
  CHECK(plan.outcome(reachable("web", "db", "udp/53")) == "proved");
  model::Routing& routing = plan.node("fw").routing[0];
  routing.tables.push_back({"void", {{*parse_prefix("10.2.0.0/24"), model::RouteKind::blackhole, {}, 0, {}}}});
  routing.rules.push_back({100, {{model::UnknownTest{model::Unknown::not_understood, "uidrange", false}}}, 1, {}});
  CHECK(plan.outcome(reachable("web", "db", "udp/53")) == "inconclusive");
  CHECK(plan.outcome(isolated("web", "db")) == "inconclusive");
}

//            ,-- r1 --.
// web -- a -- fw       t -- (b) db      equal-cost routes of fw over r1 and r2; r2 drops
//            `-- r2 --'
constexpr const char* diamond = R"(
  segment a 10.1.0.0/24 complete
  segment t 10.3.0.0/24 complete
  segment b 10.2.0.0/24 complete
  host web eth0=a:10.1.0.10/24
  host db eth0=b:10.2.0.10/24
  device fw eth0=a:10.1.0.1/24 eth1=t:10.3.0.1/24
  device r1 eth0=t:10.3.0.11/24 eth1=b:10.2.0.1/24
  device r2 eth0=t:10.3.0.12/24 eth1=b:10.2.0.2/24
  route fw 10.2.0.0/24 via 10.3.0.11 10.3.0.12
  route r1 10.1.0.0/24 via 10.3.0.1
  route r2 10.1.0.0/24 via 10.3.0.1
)";

TEST_CASE("equal-cost routes: some choice to prove, all choices to rely on") {
  Plan open(diamond);
  CHECK(open.outcome(isolated("web", "db")) == "refuted");
  Plan half(diamond);
  half.filter("r2", "");
  CHECK(half.outcome(isolated("web", "db")) == "inconclusive");
  CHECK(half.outcome(reachable("web", "db", "udp/53")) != "proved");
  Plan closed(diamond);
  closed.filter("r1", "").filter("r2", "");
  CHECK(closed.outcome(isolated("web", "db")) == "proved");
}

// web -- a -- fw -- t -- core | core2 (twins) -- b -- db      fw only knows the address of core
constexpr const char* twins = R"(
  segment a 10.1.0.0/24 complete
  segment t 10.3.0.0/24 complete
  segment b 10.2.0.0/24 complete
  host web eth0=a:10.1.0.10/24
  host db eth0=b:10.2.0.10/24
  device fw eth0=a:10.1.0.1/24 eth1=t:10.3.0.1/24
  device core eth0=t:10.3.0.11/24 eth1=b:10.2.0.1/24 twin=core2
  device core2 eth0=t:10.3.0.12/24 eth1=b:10.2.0.2/24
  route fw 10.2.0.0/24 via 10.3.0.11
  route core 10.1.0.0/24 via 10.3.0.1
  route core2 10.1.0.0/24 via 10.3.0.1
)";

TEST_CASE("either of two twins may be the active one") {
  Plan second(twins);
  second.filter("core", "").filter("core2", "-A FORWARD -j ACCEPT");
  CHECK(second.outcome(isolated("web", "db")) != "proved");
  Plan first(twins);
  first.filter("core", "-A FORWARD -j ACCEPT").filter("core2", "");
  CHECK(first.outcome(isolated("web", "db")) != "proved");
  Plan neither(twins);
  neither.filter("core", "").filter("core2", "");
  CHECK(neither.outcome(isolated("web", "db")) == "proved");
}

TEST_CASE("what is reachable over one twin need not be over the other") {
  Plan plan(twins);
  plan.filter("core", "-A FORWARD -j ACCEPT").filter("core2", "");
  CHECK(plan.outcome(reachable("web", "db", "udp/53")) != "proved");
  Plan both(twins);
  both.filter("core", "-A FORWARD -j ACCEPT").filter("core2", "-A FORWARD -j ACCEPT");
  CHECK(both.outcome(reachable("web", "db", "udp/53")) == "proved");
}

TEST_CASE("via: every path passes the device, or the segment") {
  Plan plan(diamond);
  claim::Claim via = claim_of(claim::Kind::via, "web", "db");
  via.through = names("device:fw");
  CHECK(plan.outcome(via) == "proved");
  via.through = names("device:r1");
  CHECK(plan.outcome(via) == "refuted");
  via.through = names("device:r1, device:r2");
  CHECK(plan.outcome(via) == "proved");
  plan.segment("t").complete = false;
  via.through = names("unlisted@t");
  CHECK(plan.outcome(via) == "proved");
  Plan closed(diamond);
  closed.filter("fw", "");
  via.through = names("device:fw");
  CHECK(closed.outcome(via) == "vacuous");
  via.through = names("device:nobody");
  CHECK(closed.outcome(via) == "vacuous");
}

}  // namespace segproof::test
