// SPDX-License-Identifier: Apache-2.0
// Rule sets that nobody writes by hand: the engine answers in bounded time and memory, and on the safe side.
#include <doctest/doctest.h>

#include <ctime>

#include "one_device.h"
#include "reach/header_sets.h"
#include "reach/stage_program.h"

namespace segproof::reach {
namespace {

// Of processor time: the machine may be busy.
double seconds_since(std::clock_t begin) {
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

model::Rule rule(model::Action action, std::vector<model::Test> tests = {}) {
  return {{std::move(tests)}, std::move(action), {}};
}

model::Test perhaps(std::string text) {
  return model::UnknownTest{model::Unknown::rate, std::move(text), false};
}

model::Test to_port(Bits port) {
  return model::FieldTest{Field::destination_port, IntervalSet::single(port), std::nullopt};
}

struct Compiled {
  explicit Compiled(std::vector<model::Chain> chains)
      : network(test::one_device()), space(Family::ipv4), headers(space) {
    model::RuleSet& rules = network.nodes.front().rules;
    rules.chains = std::move(chains);
    model::Stage stage;
    stage.chain = model::ChainId(0);
    stage.policy = model::Verdict::drop;
    rules.stages.push_back(stage);
    REQUIRE_FALSE(model::flaw(rules).has_value());
  }
  [[nodiscard]] const model::RuleSet& rules() const { return network.nodes.front().rules; }
  [[nodiscard]] StageProgram program() const {
    return compile_stage(rules(), rules().stages.front(), NodeFacts(network, model::NodeId(0), Family::ipv4), headers);
  }
  [[nodiscard]] std::vector<DropBy> drops() const {
    return attribute_drops(rules(), rules().stages.front(), NodeFacts(network, model::NodeId(0), Family::ipv4), headers,
                           space.all());
  }
  model::Network network;
  mutable Space space;
  HeaderSets headers;
};

}  // namespace

TEST_CASE("chains nested a hundred thousand deep") {
  constexpr std::size_t depth = 100'000;
  std::vector<model::Chain> chains;
  for (std::size_t i = 0; i < depth; ++i)
    chains.push_back({"c", {rule(model::Call{model::ChainId(i + 1), true})}, {}});
  chains.push_back({"c", {rule(model::Decide{model::Verdict::accept}, {to_port(22)})}, {}});
  const Compiled stage(std::move(chains));
  const StageProgram program = stage.program();
  CHECK(program.conserves());
  CHECK(program.may(End::accept) == stage.space.where(Field::destination_port, 22));
  CHECK(program.may(End::drop) == stage.space.where(Field::destination_port, 22).complement());
  PacketSet named = stage.space.none();
  for (const DropBy& drop : stage.drops())
    named |= drop.packets;
  CHECK(program.may(End::drop).subset_of(named));
}

// c0 calls c1 twice, c1 calls c2 twice, ...: 2^60 ways to the last one.
TEST_CASE("chains that are called from everywhere") {
  constexpr std::size_t depth = 60;
  std::vector<model::Chain> chains;
  for (std::size_t i = 0; i < depth; ++i) {
    chains.push_back({"c",
                      {rule(model::Call{model::ChainId(i + 1), true}, {to_port(i)}),
                       rule(model::Call{model::ChainId(i + 1), true}, {perhaps("limit")})},
                      {}});
  }
  chains.push_back({"c", {rule(model::Decide{model::Verdict::drop}, {to_port(22)})}, {}});
  const Compiled stage(std::move(chains));
  const std::clock_t begin = std::clock();
  const StageProgram program = stage.program();
  CHECK(program.conserves());
  PacketSet named = stage.space.none();
  for (const DropBy& drop : stage.drops())
    named |= drop.packets;
  CHECK((program.may(End::drop) - program.may(End::accept)).subset_of(named));
  CHECK(seconds_since(begin) < 60);
}

// Ten bits, each perhaps set, cleared and flipped: a million things that may have happened to the mark.
TEST_CASE("marks that may be anything") {
  model::Chain chain{"c", {}, {}};
  for (unsigned bit = 0; bit < 10; ++bit) {
    const std::uint32_t mask = 1U << bit;
    chain.rules.push_back(rule(model::SetMark{model::MarkKind::packet, ~mask, mask}, {perhaps("a")}));
    chain.rules.push_back(rule(model::SetMark{model::MarkKind::packet, ~mask, 0}, {perhaps("b")}));
    chain.rules.push_back(rule(model::SetMark{model::MarkKind::packet, ~std::uint32_t{0}, mask}, {perhaps("c")}));
  }
  chain.rules.push_back(rule(model::Decide{model::Verdict::accept}, {model::MarkTest{.value = 3}}));
  const Compiled stage({std::move(chain)});
  const std::clock_t begin = std::clock();
  const StageProgram program = stage.program();
  CHECK(program.conserves());
  const PacketSet unmarked = stage.space.where(Field::mark, 0);
  CHECK(unmarked.intersects(program.may(End::accept)));
  CHECK(unmarked.intersects(program.may(End::drop)));
  CHECK(seconds_since(begin) < 60);
}

}  // namespace segproof::reach
