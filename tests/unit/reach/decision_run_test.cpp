// SPDX-License-Identifier: Apache-2.0
// Chains compiled by the minimum of rule numbers against the walk rule by rule: the same ends, effects and sets,
// whether rules decide, leave open, call, return or change marks between the runs.
#include "reach/decision_run.h"

#include <doctest/doctest.h>

#include <array>
#include <map>

#include "one_device.h"
#include "reach/header_sets.h"
#include "reach/stage_program.h"
#include "unit/packet/naive_set.h"

namespace segproof::reach {
namespace {

using test::below;
using test::Random;

model::Test random_test(Random& random, Family family) {
  static const std::array<Field, 5> fields{Field::protocol, Field::source, Field::destination, Field::destination_port,
                                           Field::source_port};
  const bool negated = below(random, 3) == 0;
  switch (below(random, 12)) {
    case 0:
      return model::UnknownTest{model::Unknown::rate, "limit", negated};
    case 1: {
      const auto direction = below(random, 2) == 0 ? model::Direction::ingress : model::Direction::egress;
      return model::InterfaceTest{direction, below(random, 2) == 0 ? "eth0" : "eth1", false, negated};
    }
    case 2:
      return model::TrackTest{static_cast<std::uint8_t>(1 + below(random, 31)), 0, negated};
    case 3:
      return model::MarkTest{model::MarkKind::packet, static_cast<std::uint32_t>(below(random, 4)),
                             static_cast<std::uint32_t>(below(random, 4)), negated};
    case 4:
      return model::MaskTest{Field::tcp_flags, below(random, 256), below(random, 256), negated, {}};
    case 5: {
      const Family of = below(random, 3) == 0 ? Family::ipv6 : Family::ipv4;
      return model::FieldTest{Field::destination, test::random_values(random, Field::destination, family), of};
    }
    default: {
      const Field field = fields[below(random, fields.size())];
      return model::FieldTest{field, test::random_values(random, field, family), std::nullopt};
    }
  }
}

// Chain c calls later chains only.
model::Action random_action(Random& random, std::size_t chain, std::size_t chains, std::uint64_t wild) {
  if (below(random, 100) < wild) {
    switch (below(random, 3)) {
      case 0:
        return model::SetMark{model::MarkKind::packet, static_cast<std::uint32_t>(below(random, 4)),
                              static_cast<std::uint32_t>(below(random, 4))};
      case 1:
        return model::Untrack{};
      default:
        return model::Anything{"NFQUEUE", true};
    }
  }
  switch (below(random, 10)) {
    case 0:
      return model::ComeBack{};
    case 1:
      return model::GoOn{};
    case 2:
      if (chain + 1 < chains) {
        return model::Call{model::ChainId(chain + 1 + below(random, chains - chain - 1)), below(random, 3) != 0};
      }
      [[fallthrough]];
    default:
      return model::Decide{below(random, 3) == 0 ? model::Verdict::drop : model::Verdict::accept};
  }
}

model::RuleSet random_rules(Random& random, Family family) {
  model::RuleSet rules;
  const std::size_t chains = 1 + below(random, 4);
  const std::uint64_t wild = below(random, 3) == 0 ? 8 : 0;
  for (std::size_t c = 0; c < chains; ++c) {
    model::Chain chain{"c" + std::to_string(c), {}, {}};
    for (std::uint64_t n = below(random, 24); n > 0; --n) {
      model::Rule rule{{}, random_action(random, c, chains, wild), {}};
      for (std::uint64_t t = 1 + below(random, 4); t > 0; --t) {
        rule.condition.tests.push_back(random_test(random, family));
      }
      chain.rules.push_back(std::move(rule));
    }
    rules.chains.push_back(std::move(chain));
  }
  model::Stage stage;
  stage.chain = model::ChainId(0);
  stage.policy = below(random, 2) == 0 ? model::Verdict::accept : model::Verdict::drop;
  stage.label = "stage";
  rules.stages.push_back(std::move(stage));
  return rules;
}

using Sets = std::pair<std::uint32_t, std::uint32_t>;  // roots of may and must, canonical within one space
std::map<std::tuple<End, std::size_t, Effect>, Sets> outcomes_of(const StageProgram& program) {
  std::map<std::tuple<End, std::size_t, Effect>, Sets> result;
  for (const Outcome& outcome : program.outcomes) {
    const bool is_new = result
                            .emplace(std::tuple{outcome.end, outcome.rewrite, outcome.effect},
                                     Sets{outcome.may.root(), outcome.must.root()})
                            .second;
    CHECK(is_new);
  }
  return result;
}

}  // namespace

TEST_CASE("merged runs of rules compile to what the walk rule by rule gives") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  std::size_t undecided = 0;
  for (std::uint64_t n = 0; n < 300; ++n) {
    CAPTURE(n);
    Random random(seed * 100'000 + n);
    const Family family = n % 4 == 0 ? Family::ipv6 : Family::ipv4;
    model::Network network = test::one_device(family);
    network.nodes.front().rules = random_rules(random, family);
    const model::RuleSet& rules = network.nodes.front().rules;
    REQUIRE_FALSE(model::flaw(rules).has_value());
    Space space(family);
    const HeaderSets headers(space);
    const NodeFacts facts(network, model::NodeId(0), family);
    const StageProgram merged = compile_stage(rules, rules.stages.front(), facts, headers);
    const StageProgram walked = compile_stage_rule_by_rule(rules, rules.stages.front(), facts, headers);
    CHECK(merged.conserves());
    CHECK(outcomes_of(merged) == outcomes_of(walked));
    CHECK(merged.may_deliver_locally == walked.may_deliver_locally);
    for (const Outcome& outcome : walked.outcomes) {
      undecided += outcome.may == outcome.must ? 0U : 1U;
    }
  }
  CHECK(undecided > 100);  // the chains are not all decided
}

namespace {

// Hosts and networks of one site, so many rules that they are cut by destination; some about everybody, some undecided,
// some that ask a chain.
model::RuleSet long_rules(Random& random, Family family, std::size_t count) {
  const unsigned host_bits = family == Family::ipv4 ? 0 : 64;
  const Bits base = family == Family::ipv4 ? Bits{10} << 24U : Bits{0x20010db8} << 96U;
  const auto addresses = [&]() -> IntervalSet {
    const Bits first = base + (Bits{below(random, 1U << 14U)} << host_bits);
    return IntervalSet::range(first, first + (Bits{below(random, 8) == 0 ? 300U : 0U} << host_bits));
  };
  model::RuleSet rules;
  for (std::size_t c = 0; c < 2; ++c) {
    model::Chain chain{"c" + std::to_string(c), {}, {}};
    for (std::size_t i = 0; i < (c == 0 ? count : 5); ++i) {
      model::Rule rule{{}, model::Decide{below(random, 4) == 0 ? model::Verdict::drop : model::Verdict::accept}, {}};
      std::vector<model::Test>& tests = rule.condition.tests;
      if (below(random, 50) != 0) {
        tests.push_back(model::FieldTest{Field::destination, addresses() | addresses(), std::nullopt});
      }
      if (below(random, 4) != 0) {
        tests.push_back(model::FieldTest{Field::source, addresses(), std::nullopt});
      }
      if (below(random, 3) != 0) {
        tests.push_back(model::FieldTest{Field::protocol, IntervalSet::single(below(random, 2) == 0 ? 6 : 17), {}});
      }
      if (below(random, 40) == 0) {
        tests.push_back(model::UnknownTest{model::Unknown::rate, "limit", below(random, 2) == 0});
      }
      if (c == 0 && below(random, 400) == 0) {
        rule.action = model::Call{model::ChainId(1), below(random, 2) == 0};
      }
      chain.rules.push_back(std::move(rule));
    }
    rules.chains.push_back(std::move(chain));
  }
  rules.stages.push_back({});
  rules.stages.front().chain = model::ChainId(0);
  rules.stages.front().label = "stage";
  return rules;
}

}  // namespace

TEST_CASE("long runs of rules, cut by destination, compile to what the walk rule by rule gives") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  Random random(seed);
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    model::Network network = test::one_device(family);
    network.nodes.front().rules = long_rules(random, family, 4500);
    const model::RuleSet& rules = network.nodes.front().rules;
    Space space(family);
    const HeaderSets headers(space);
    const NodeFacts facts(network, model::NodeId(0), family);
    const StageProgram merged = compile_stage(rules, rules.stages.front(), facts, headers);
    const StageProgram walked = compile_stage_rule_by_rule(rules, rules.stages.front(), facts, headers);
    CHECK(merged.conserves());
    CHECK(outcomes_of(merged) == outcomes_of(walked));
  }
}

}  // namespace segproof::reach
