// SPDX-License-Identifier: Apache-2.0
// What one packet meets on its way: the answers of the replay that refutations and traces rest on.
#include "reach/replay.h"

#include <doctest/doctest.h>

#include "unit/claim/network_builder.h"

namespace segproof::reach {
namespace {

using test::Plan;

// left --- a --- fw --- b --- right
constexpr const char* plan_text = R"(
  segment a 10.1.0.0/24 complete
  segment b 10.2.0.0/24 complete
  host left eth0=a:10.1.0.10/24
  host right eth0=b:10.2.0.10/24
  device fw eth0=a:10.1.0.1/24 eth1=b:10.2.0.1/24
)";

constexpr const char* question = "udp 10.1.0.10:4000 > 10.2.0.10:53";
constexpr const char* answer = "udp 10.2.0.10:53 > 10.1.0.10:4000";

std::string word(ReplayFate fate) {
  switch (fate) {
    case ReplayFate::delivered:
      return "delivered";
    case ReplayFate::denied:
      return "denied";
    case ReplayFate::lost:
      return "lost";
    case ReplayFate::undecided:
      return "undecided";
  }
  return {};
}

// "delivered udp ..." of each path, joined by "; ".
std::string told(const std::vector<ReplayPath>& paths) {
  std::string text;
  for (const ReplayPath& path : paths) {
    text += (text.empty() ? "" : "; ") + word(path.fate);
    text += path.fate == ReplayFate::delivered ? " " + to_string(path.last) : "";
  }
  return text;
}

class Course {
 public:
  explicit Course(Plan& plan) : plan_(&plan), replay_(plan.network(), Family::ipv4) {}
  // The packet as somebody on a segment gives it to an interface of a node.
  std::string send(std::string_view node, std::string_view interface, std::string_view packet) {
    const model::Network& network = plan_->network();
    const model::InterfaceId id = network.find_interface(network.find_node(node), interface);
    return told(replay_.send_to(id, *parse_packet(packet)));
  }

 private:
  Plan* plan_;
  Replay replay_;
};

Plan with_filter(const std::string& rules) {
  Plan plan(plan_text);
  plan.filter("fw", rules);
  return plan;
}

}  // namespace

TEST_CASE("only an answer makes a flow established") {
  Plan plan = with_filter(
      "-A FORWARD -m state --state ESTABLISHED -j ACCEPT\n-A FORWARD -i eth0 -m state --state NEW -j ACCEPT\n");
  Course course(plan);
  CHECK(course.send("fw", "eth0", question) == std::string("delivered ") + question);
  CHECK(course.send("fw", "eth1", answer) == std::string("delivered ") + answer);

  // Before anybody answered, the second packet is as new as the first one.
  Plan once = with_filter("-A FORWARD -m state --state NEW -j ACCEPT\n");
  Course again(once);
  CHECK(again.send("fw", "eth0", question) == std::string("delivered ") + question);
  CHECK(again.send("fw", "eth0", question) == std::string("delivered ") + question);
  CHECK(again.send("fw", "eth1", answer) == "denied");
  CHECK(again.send("fw", "eth0", question) == "denied");
}

TEST_CASE("what a rule leaves open stays open") {
  Plan plan = with_filter("-A FORWARD -m limit --limit 1/s -j ACCEPT\n");
  CHECK(Course(plan).send("fw", "eth0", question) == "undecided");
}

TEST_CASE("routes: the longest prefix, then the smallest metric; a blackhole ends the way") {
  Plan plan = with_filter("-A FORWARD -j ACCEPT\n");
  model::Node& fw = plan.node("fw");
  const auto add = [&](std::string_view prefix, model::RouteKind kind, std::uint32_t metric) {
    const model::InterfaceId out = plan.network().find_interface(plan.network().find_node("fw"), "eth1");
    std::vector<model::NextHop> hops;
    if (kind == model::RouteKind::unicast) {
      hops.push_back({*parse_address("10.2.0.10"), out});
    }
    fw.routing[0].tables[0].routes.push_back({*parse_prefix(prefix), kind, hops, metric, {}});
  };
  constexpr const char* away = "udp 10.1.0.10:4000 > 10.9.1.1:53";
  plan.node("right").forwarding = {model::Forwarding::off, model::Forwarding::off};
  add("10.9.0.0/16", model::RouteKind::unicast, 0);
  CHECK(Course(plan).send("fw", "eth0", away) == "lost");
  add("10.9.1.0/24", model::RouteKind::blackhole, 5);
  CHECK(Course(plan).send("fw", "eth0", away) == "denied");
  add("10.9.1.0/24", model::RouteKind::unicast, 1);
  CHECK(Course(plan).send("fw", "eth0", away) == "lost");
}

TEST_CASE("a routing rule that may apply leaves the way open") {
  Plan plan = with_filter("-A FORWARD -j ACCEPT\n");
  model::Routing& routing = plan.node("fw").routing[0];
  routing.tables.push_back({"other", {{*parse_prefix("10.2.0.0/24"), model::RouteKind::blackhole, {}, 0, {}}}});
  const model::UnknownTest perhaps{model::Unknown::clock, "by night", false};
  routing.rules.push_back({100, {{perhaps}}, 1, {}});
  CHECK(Course(plan).send("fw", "eth0", question) == "undecided");
  routing.rules[0].condition = {};
  CHECK(Course(plan).send("fw", "eth0", question) == "denied");
}

TEST_CASE("where nothing is known, nothing is delivered") {
  Plan missing(std::string(plan_text) + "\n  device other eth0=a:10.1.0.2/24 eth1=b:10.2.0.2/24 missing\n");
  CHECK(Course(missing).send("other", "eth0", question) == "undecided");

  Plan host(std::string(plan_text) + "\n  host both eth0=a:10.1.0.3/24 eth1=b:10.2.0.3/24\n");
  CHECK(Course(host).send("both", "eth0", question) == "undecided");

  // Linux drops what comes in with an own address as its source, and no file says so.
  Plan own = with_filter("-A FORWARD -j ACCEPT\n");
  CHECK(Course(own).send("fw", "eth0", "udp 10.2.0.1:4000 > 10.2.0.10:53") == "undecided");
}

TEST_CASE("packets to all hosts of a link come to each of them") {
  Plan plan = with_filter("-A FORWARD -j ACCEPT\n");
  Replay replay(plan.network(), Family::ipv4);
  constexpr const char* hello = "udp 10.1.0.10:4000 > 255.255.255.255:67";
  const auto paths = replay.send_on_link(plan.network().find_segment("b"), *parse_packet(hello));
  CHECK(told(paths) == std::string("delivered ") + hello + "; denied");
}

TEST_CASE("later packets of a flow are translated like its first") {
  Plan plan(plan_text);
  plan.rules("fw",
             "*nat\n:PREROUTING ACCEPT\n:POSTROUTING ACCEPT\n-A PREROUTING -d 10.1.0.99 -j DNAT --to-destination "
             "10.2.0.10\n-A POSTROUTING -o eth1 -j SNAT --to-source 10.2.0.99\nCOMMIT\n*filter\n:FORWARD "
             "ACCEPT\nCOMMIT\n");
  Course course(plan);
  constexpr const char* outside = "udp 10.1.0.10:4000 > 10.1.0.99:53";
  const std::string inside = "delivered udp 10.2.0.99:4000 > 10.2.0.10:53";
  CHECK(course.send("fw", "eth0", outside) == inside);
  CHECK(course.send("fw", "eth1", "udp 10.2.0.10:53 > 10.2.0.99:4000") ==
        "delivered udp 10.1.0.99:53 > 10.1.0.10:4000");
  CHECK(course.send("fw", "eth0", outside) == inside);
}

}  // namespace segproof::reach
