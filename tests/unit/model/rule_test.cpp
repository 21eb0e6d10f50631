// SPDX-License-Identifier: Apache-2.0
#include "model/rule.h"

#include <doctest/doctest.h>

#include "build.h"
#include "model/network.h"

namespace segproof::test {

TEST_CASE("rule sets with a flaw") {
  CHECK(flaw(RuleSet()) == std::nullopt);
  CHECK(flaw(rules_of({{{any(), call(1)}, {any(), call(1)}}, {}})) == std::nullopt);
  CHECK(flaw(rules_of({{{any(), call(0)}}})) == "chain `c0` can reach itself");
  CHECK(flaw(rules_of({{{any(), call(1)}}, {{any(), go(2)}}, {{any(), call(1)}}})) == "chain `c1` can reach itself");
  // A circle that no stage reaches is one all the same.
  CHECK(flaw(rules_of({{}, {{any(), call(2)}}, {{any(), call(1)}}})).has_value());
  CHECK(flaw(rules_of({{{any(), call(7)}}})) == "a rule of chain `c0` calls no chain");
  CHECK(flaw(rules_of({{{any(), Call{}}}})) == "a rule of chain `c0` calls no chain");
  CHECK(flaw(rules_of({{{any(), Translate{}}}})).has_value());
  CHECK(flaw(rules_of({{{any(), call(1)}}, {{any(), Translate{}}}})) ==
        "chain `c1` translates addresses outside a translate stage");
  CHECK(flaw(rules_of({{{any(), Translate{}}}}, Verdict::accept, StageKind::translate)) == std::nullopt);
  RuleSet no_chain;
  no_chain.stages.emplace_back();
  CHECK(flaw(no_chain).has_value());
  no_chain.stages.front().kind = StageKind::track;
  CHECK(flaw(no_chain) == std::nullopt);
}

TEST_CASE("a long path of calls is no problem") {
  constexpr std::size_t length = 200000;
  std::vector<std::vector<Line>> chains(length);
  for (std::size_t i = 0; i + 1 < length; ++i)
    chains[i].push_back({any(), call(i + 1)});
  chains.back().push_back({any(), accept()});
  RuleSet rules = rules_of(chains);
  CHECK(flaw(rules) == std::nullopt);
  Flight flight = flight_of("udp 10.0.0.1:1 > 10.0.0.2:2");
  CHECK(walk_stage(rules, rules.stages.front(), flight, ToldWorld()).fate == Fate::accept);
  rules.chains.back().rules.push_back({any(), call(length / 2), {}});
  CHECK(flaw(rules).has_value());
}

TEST_CASE("stages are met by order, then by insertion") {
  RuleSet rules;
  const auto add = [&](int order, const char* label, bool ipv4, bool ipv6, Hook hook = Hook::forward) {
    Stage stage;
    stage.hook = hook;
    stage.order = order;
    stage.label = label;
    stage.ipv4 = ipv4;
    stage.ipv6 = ipv6;
    rules.stages.push_back(stage);
  };
  add(10, "c", true, true);
  add(-5, "a", true, false);
  add(10, "d", true, true);
  add(0, "b", true, true);
  add(0, "elsewhere", true, true, Hook::deliver);
  const auto labels = [&](Family family) {
    std::string text;
    for (const Stage* stage : rules.at(Hook::forward, family))
      text += stage->label;
    return text;
  };
  CHECK(labels(Family::ipv4) == "abcd");
  CHECK(labels(Family::ipv6) == "bcd");
}

TEST_CASE("appending moves chains") {
  RuleSet rules = rules_of({{{any(), call(1)}}, {{any(), drop()}}});
  rules.append(rules_of({{{any(), call(1)}}, {{any(), accept()}}}));
  REQUIRE(rules.chains.size() == 4);
  CHECK(std::get<Call>(rules.chains[2].rules[0].action).chain == ChainId(3));
  CHECK(rules.stages[1].chain == ChainId(2));
  CHECK(flaw(rules) == std::nullopt);
}

TEST_CASE("things of a network are found by name") {
  Network network;
  network.nodes.resize(2);
  network.nodes[0].name = "a";
  network.nodes[1].name = "b";
  network.interfaces.resize(2);
  network.interfaces[0].name = "eth0";
  network.interfaces[1].name = "eth0";
  network.nodes[0].interfaces = {InterfaceId(0)};
  network.nodes[1].interfaces = {InterfaceId(1)};
  network.zones.resize(1);
  network.zones[0].name = "z";
  CHECK(network.find_node("b") == NodeId(1));
  CHECK(!network.find_node("c").valid());
  CHECK(network.find_interface(NodeId(1), "eth0") == InterfaceId(1));
  CHECK(!network.find_interface(NodeId(1), "eth1").valid());
  CHECK(network.find_zone("z") == ZoneId(0));
  CHECK(!network.find_segment("z").valid());
}

}  // namespace segproof::test
