// SPDX-License-Identifier: Apache-2.0
// The compiled stage against the walk of single packets, on random rule sets: every packet that the walk accepts may be
// accepted, whatever undecided tests turn out to be, and a packet whose end is sure ends so. And conservation: at each
// stage, what enters is permitted, denied or undecided.
#include <doctest/doctest.h>

#include <map>
#include <random>

#include "model/walk.h"
#include "one_device.h"
#include "reach/header_sets.h"
#include "reach/stage_program.h"
#include "unit/packet/naive_set.h"

namespace segproof::reach {
namespace {

using model::Condition;
using test::below;
using test::Random;

constexpr unsigned undecided_facts = 3;

// Undecided tests get the answers of one possible world.
class PossibleWorld final : public model::Surroundings {
 public:
  explicit PossibleWorld(std::uint64_t answers) : answers_(answers) {}
  [[nodiscard]] std::optional<model::AddressType> type_of(const Address&, const std::string&) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Bits> measure(model::Measure, const model::Flight&) const override {
    return std::nullopt;
  }
  [[nodiscard]] model::Truth holds(const model::UnknownTest& test) const override {
    return (answers_ >> (test.text.front() - '0') & 1U) != 0 ? model::Truth::yes : model::Truth::no;
  }
  [[nodiscard]] IntervalSet addresses_of(const std::string&, Family) const override { return {}; }

 private:
  std::uint64_t answers_;
};

model::Test random_test(Random& random, Family family) {
  switch (below(random, 8)) {
    case 0:
      return model::FieldTest{Field::protocol, IntervalSet::single(below(random, 2) == 0 ? 6 : 17), std::nullopt};
    case 1:
      return model::FieldTest{Field::destination_port, IntervalSet::range(0, Bits{below(random, 4)} * 16384),
                              std::nullopt};
    case 2: {
      const Field field = below(random, 2) == 0 ? Field::source : Field::destination;
      return model::FieldTest{field, test::random_values(random, field, family), std::nullopt};
    }
    case 3:
      return model::MaskTest{Field::tcp_flags, below(random, 256), below(random, 256), below(random, 2) == 0, {}};
    case 4:
      return model::InterfaceTest{below(random, 2) == 0 ? model::Direction::ingress : model::Direction::egress,
                                  below(random, 3) == 0 ? "eth" : (below(random, 2) == 0 ? "eth0" : "eth1"),
                                  below(random, 2) == 0, below(random, 2) == 0};
    case 5:
      return model::TrackTest{static_cast<std::uint8_t>(1 + below(random, 31)), 0, below(random, 2) == 0};
    case 6:
      return model::MarkTest{below(random, 3) == 0 ? model::MarkKind::connection : model::MarkKind::packet,
                             static_cast<std::uint32_t>(below(random, 4)), static_cast<std::uint32_t>(below(random, 4)),
                             below(random, 2) == 0};
    default:
      return model::UnknownTest{model::Unknown::rate, std::to_string(below(random, undecided_facts)),
                                below(random, 2) == 0};
  }
}

Condition random_condition(Random& random, Family family) {
  Condition condition;
  for (std::uint64_t n = below(random, 3); n > 0; --n) {
    condition.tests.push_back(random_test(random, family));
  }
  if (below(random, 5) == 0) {
    model::AnyTest any;
    any.negated = below(random, 2) == 0;
    any.alternatives.push_back({{random_test(random, family)}});
    any.alternatives.push_back({{random_test(random, family), random_test(random, family)}});
    condition.tests.emplace_back(std::move(any));
  }
  return condition;
}

// Chain c only calls later chains, so that no chain reaches itself.
model::Action random_action(Random& random, std::size_t chain, std::size_t chains) {
  switch (below(random, 9)) {
    case 0:
    case 1:
      return model::Decide{model::Verdict::accept};
    case 2:
      return model::Decide{model::Verdict::drop};
    case 3:
    case 4:
      if (chain + 1 < chains) {
        return model::Call{model::ChainId(chain + 1 + below(random, chains - chain - 1)), below(random, 3) != 0};
      }
      return model::GoOn{};
    case 5:
      return model::ComeBack{};
    case 6:
      return model::SetMark{below(random, 4) == 0 ? model::MarkKind::connection : model::MarkKind::packet,
                            static_cast<std::uint32_t>(below(random, 4)), static_cast<std::uint32_t>(below(random, 4))};
    case 7:
      return model::CopyMark{below(random, 2) == 0 ? model::MarkKind::packet : model::MarkKind::connection,
                             static_cast<std::uint32_t>(below(random, 4)),
                             static_cast<std::uint32_t>(below(random, 4))};
    default:
      return model::Untrack{};
  }
}

model::RuleSet random_rules(Random& random, Family family) {
  model::RuleSet rules;
  const std::size_t chains = 1 + below(random, 4);
  for (std::size_t c = 0; c < chains; ++c) {
    model::Chain chain{"c" + std::to_string(c), {}, {}};
    for (std::uint64_t n = 1 + below(random, 6); n > 0; --n) {
      chain.rules.push_back(model::Rule{random_condition(random, family), random_action(random, c, chains), {}});
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

struct Case {
  Packet packet;
  model::Flight flight;
};

Case random_case(Random& random, Family family, const NodeFacts& facts) {
  Case result;
  result.packet = test::random_packet(random, family);
  const auto set = [&](Field field, std::uint64_t bound) { return result.packet[field] = below(random, bound); };
  static const std::array<const char*, 3> names{"", "eth0", "eth1"};
  const Bits ingress = set(Field::ingress, 3);
  const Bits egress = set(Field::egress, facts.hops.size() + 1);
  set(Field::state, track_state_count);
  result.packet[Field::translated] = 0;
  result.packet[Field::origin] = 0;
  const Bits mark = set(Field::mark, facts.marks.values().size());
  const Bits connection_mark = set(Field::connection_mark, facts.connection_marks.values().size());
  result.flight.packet = result.packet;
  result.flight.ingress = names[static_cast<std::size_t>(ingress)];
  result.flight.egress =
      egress == 0 ? "" : facts.network->interface(facts.hops[static_cast<std::size_t>(egress) - 1].interface).name;
  result.flight.mark = facts.marks.values()[static_cast<std::size_t>(mark)];
  result.flight.connection_mark = facts.connection_marks.values()[static_cast<std::size_t>(connection_mark)];
  return result;
}

// The packet with the marks that the walk gave it is among what the program makes of it.
bool marks_agree(const StageProgram& program, const Case& one, const model::Flight& after, const NodeFacts& facts,
                 const HeaderSets& headers) {
  Packet expected = one.packet;
  const auto index = [](const std::vector<std::uint32_t>& values, std::uint32_t value) {
    return static_cast<Bits>(std::find(values.begin(), values.end(), value) - values.begin());
  };
  expected[Field::mark] = index(facts.marks.values(), after.mark);
  expected[Field::connection_mark] = index(facts.connection_marks.values(), after.connection_mark);
  if (after.untracked) {
    expected[Field::state] = static_cast<Bits>(TrackState::untracked);
  }
  const PacketSet only = headers.space().only(one.packet);
  PacketSet made = headers.space().none();
  for (const Outcome& outcome : program.outcomes) {
    if (outcome.end == End::accept) {
      made |= after_effect(only & outcome.may, outcome.effect, facts, headers);
    }
  }
  return made.contains(expected);
}

void check_against_walk(std::uint64_t seed, Family family) {
  Random random(seed);
  CAPTURE(seed);
  model::Network network = test::one_device(family);
  network.nodes.front().rules = random_rules(random, family);
  const model::RuleSet& rules = network.nodes.front().rules;
  REQUIRE_FALSE(model::flaw(rules).has_value());
  Space space(family);
  const HeaderSets headers(space);
  const NodeFacts facts(network, model::NodeId(0), family);
  const StageProgram program = compile_stage(rules, rules.stages.front(), facts, headers);
  REQUIRE(program.conserves());
  const PacketSet may_accept = program.may(End::accept);
  const PacketSet may_drop = program.may(End::drop);
  PacketSet must_accept = space.none();
  PacketSet must_drop = space.none();
  for (const Outcome& outcome : program.outcomes) {
    (outcome.end == End::accept ? must_accept : must_drop) |= outcome.must;
  }
  for (int n = 0; n < 40; ++n) {
    const Case one = random_case(random, family, facts);
    const PossibleWorld world(below(random, 1U << undecided_facts));
    model::Flight flight = one.flight;
    const model::Fate fate = model::walk_stage(rules, rules.stages.front(), flight, world).fate;
    REQUIRE(fate != model::Fate::unknown);  // nothing is undecided in one possible world
    const bool accepted = fate == model::Fate::accept;
    CHECK((accepted ? may_accept : may_drop).contains(one.packet));
    CHECK_FALSE((accepted ? must_drop : must_accept).contains(one.packet));
    if (accepted) {
      CHECK(marks_agree(program, one, flight, facts, headers));
    }
  }
}

}  // namespace

TEST_CASE("compiled stages agree with the walk of single packets") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  for (std::uint64_t n = 0; n < 400; ++n) {
    check_against_walk(seed * 100'000 + n, n % 4 == 0 ? Family::ipv6 : Family::ipv4);
  }
}

TEST_CASE("what surely drops, what surely passes and the rest are disjoint and all") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  for (std::uint64_t n = 0; n < 100; ++n) {
    Random random(seed + n);
    model::Network network = test::one_device();
    network.nodes.front().rules = random_rules(random, Family::ipv4);
    const model::RuleSet& rules = network.nodes.front().rules;
    Space space(Family::ipv4);
    const HeaderSets headers(space);
    const NodeFacts facts(network, model::NodeId(0), Family::ipv4);
    const StageProgram program = compile_stage(rules, rules.stages.front(), facts, headers);
    const PacketSet permitted = program.may(End::accept) - program.may(End::drop);
    const PacketSet denied = program.may(End::drop) - program.may(End::accept);
    const PacketSet undecided = program.may(End::accept) & program.may(End::drop);
    CHECK((permitted | denied | undecided).is_all());
    CHECK_FALSE(permitted.intersects(denied));
    CHECK_FALSE(permitted.intersects(undecided));
    CHECK_FALSE(denied.intersects(undecided));
    // Naming the rules that drop loses nothing.
    PacketSet named = space.none();
    for (const DropBy& drop : attribute_drops(rules, rules.stages.front(), facts, headers, space.all())) {
      named |= drop.packets;
    }
    CHECK(denied.subset_of(named));
  }
}

}  // namespace segproof::reach
