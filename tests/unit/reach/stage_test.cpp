// SPDX-License-Identifier: Apache-2.0
// Single stages whose sets are easy to get wrong.
#include <doctest/doctest.h>

#include "one_device.h"
#include "reach/header_sets.h"
#include "reach/stage_program.h"

namespace segproof::reach {
namespace {

struct Line {
  model::Condition condition;
  model::Action action;
};

model::Stage add_stage(model::RuleSet& rules, const std::vector<std::vector<Line>>& chains, model::Verdict policy) {
  for (const std::vector<Line>& lines : chains) {
    model::Chain chain{"c" + std::to_string(rules.chains.size()), {}, {}};
    for (const Line& line : lines) {
      chain.rules.push_back(model::Rule{line.condition, line.action, {}});
    }
    rules.chains.push_back(std::move(chain));
  }
  model::Stage stage;
  stage.chain = model::ChainId(0);
  stage.policy = policy;
  return stage;
}

struct Compiled {
  explicit Compiled(const std::vector<std::vector<Line>>& chains, model::Verdict policy = model::Verdict::drop)
      : network(test::one_device()), space(Family::ipv4), headers(space) {
    model::RuleSet& rules = network.nodes.front().rules;
    rules.stages.push_back(add_stage(rules, chains, policy));
  }
  [[nodiscard]] StageProgram program() const {
    const model::RuleSet& rules = network.nodes.front().rules;
    const NodeFacts facts(network, model::NodeId(0), Family::ipv4);
    return compile_stage(rules, rules.stages.front(), facts, headers);
  }
  model::Network network;
  mutable Space space;
  HeaderSets headers;
};

model::Condition in_state(TrackState state) {
  return {{model::TrackTest{static_cast<std::uint8_t>(1U << static_cast<unsigned>(state)), 0, false}}};
}

// The same rule alone and at the front of a list that is merged.
std::vector<std::vector<Line>> alone_and_merged(const model::Condition& condition) {
  const Line accepting{condition, model::Decide{model::Verdict::accept}};
  const Line idle{{{model::FieldTest{Field::protocol, IntervalSet()}}}, model::Decide{model::Verdict::accept}};
  return {{accepting}, {accepting, idle, idle, idle, idle, idle, idle}};
}

}  // namespace

TEST_CASE("a chain that is called after NOTRACK sees an untracked packet") {
  Compiled stage({{{{}, model::Untrack{}}, {{}, model::Call{model::ChainId(1), true}}},
                  {{in_state(TrackState::untracked), model::Decide{model::Verdict::accept}}}});
  const StageProgram program = stage.program();
  CHECK(program.conserves());
  const PacketSet states = stage.space.where(Field::state, IntervalSet::range(0, role_count * 8 - 1));
  CHECK(states.subset_of(program.may(End::accept)));
  CHECK_FALSE(program.may(End::drop).intersects(states));
}

TEST_CASE("an action that is not understood may come back and may have set any mark") {
  // c0: call c1, mark 1, accept marked 5    c1: anything
  const auto marked = [](std::uint32_t value) {
    return model::Condition{{model::MarkTest{model::MarkKind::packet, value, 0xffffffffU, false}}};
  };
  Compiled stage({{{{}, model::Call{model::ChainId(1), true}},
                   {marked(5), model::Decide{model::Verdict::drop}},
                   {{}, model::Decide{model::Verdict::accept}}},
                  {{{}, model::Anything{"MYSTERY", false}}}});
  const StageProgram program = stage.program();
  CHECK(program.may(End::accept).is_all());
  CHECK(program.may(End::drop).is_all());
  CHECK(program.may(End::scramble).is_all());
  for (const Outcome& outcome : program.outcomes) {
    CHECK(outcome.must.is_empty());
  }
}

TEST_CASE("marks take all values that setting and copying can make") {
  Compiled stage({{{{}, model::SetMark{model::MarkKind::connection, 0, 7}},
                   {{}, model::CopyMark{model::MarkKind::packet, 0xffffffffU, 0xffffffffU}},
                   {{}, model::SetMark{model::MarkKind::packet, 0xffffffffU, 8}}}});
  const model::RuleSet& rules = stage.network.nodes.front().rules;
  const MarkValues packets(rules, model::MarkKind::packet);
  REQUIRE(packets.exact());
  for (const std::uint32_t value : {0U, 7U, 8U, 15U}) {
    CHECK(std::find(packets.values().begin(), packets.values().end(), value) != packets.values().end());
  }
  CHECK(packets.values().front() == 0);
  CHECK_FALSE(MarkValues(rules, model::MarkKind::packet, 2).exact());
}

TEST_CASE("an interface without a name may have the name that a rule asks for") {
  const model::Condition asked{{model::InterfaceTest{model::Direction::ingress, "eth0", false, false}}};
  for (const std::vector<Line>& lines : alone_and_merged(asked)) {
    Compiled stage({lines});
    stage.network.interfaces[0].name = "";
    const StageProgram program = stage.program();
    const PacketSet nameless = stage.space.where(Field::ingress, 1);
    const PacketSet other = stage.space.where(Field::ingress, 2);
    CHECK(nameless.subset_of(program.may(End::accept)));
    CHECK(nameless.subset_of(program.may(End::drop)));
    CHECK_FALSE(other.intersects(program.may(End::accept)));
  }
}

TEST_CASE("a test of translations looks at them, whatever the list") {
  const model::Condition asked{{model::TrackTest{0, 1, false}}};  // the destination was translated
  for (const std::vector<Line>& lines : alone_and_merged(asked)) {
    Compiled stage({lines});
    const StageProgram program = stage.program();
    CHECK(stage.space.where(Field::translated, 1).subset_of(program.may(End::accept)));
    CHECK_FALSE(stage.space.where(Field::translated, 2).intersects(program.may(End::accept)));
    CHECK_FALSE(stage.space.where(Field::translated, 1).intersects(program.may(End::drop)));
  }
}

TEST_CASE("the type of an address is that of the end that is asked for") {
  for (const model::Endpoint end : {model::Endpoint::source, model::Endpoint::destination}) {
    Compiled stage({{{{{model::AddressTypeTest{end, 1U << static_cast<unsigned>(model::AddressType::local)}}},
                      model::Decide{model::Verdict::accept}}}});
    const bool is_source = end == model::Endpoint::source;
    const Bits own = parse_address("10.1.0.1")->bits;
    const PacketSet accepted = stage.program().may(End::accept);
    CHECK(stage.space.where(is_source ? Field::source : Field::destination, own).subset_of(accepted));
    CHECK_FALSE(stage.space.where(is_source ? Field::destination : Field::source, own).subset_of(accepted));
  }
}

TEST_CASE("goto does not come back to the calling chain") {
  Compiled stage({{{{}, model::Call{model::ChainId(1), false}}, {{}, model::Decide{model::Verdict::accept}}},
                  {{in_state(TrackState::fresh), model::ComeBack{}}}});
  CHECK(stage.program().may(End::accept).is_empty());  // the policy drops
}

}  // namespace segproof::reach
