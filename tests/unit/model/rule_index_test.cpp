// SPDX-License-Identifier: Apache-2.0
// The index leaves out only rules that do not match: a walk with it is the same as one without.
#include "model/rule_index.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "build.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  // One packet of few addresses, sometimes with an address that is not determined.
  Flight flight() {
    Flight flight = flight_of("tcp 10.0.0.1:1000 > 10.0.0.2:80");
    flight.packet[Field::source] = address();
    flight.packet[Field::destination] = address();
    if (below(8) == 0) {
      const Field field = below(2) == 0 ? Field::source : Field::destination;
      flight.open[static_cast<std::size_t>(field)] = values();
    }
    return flight;
  }

  RuleSet rules() {
    std::vector<std::vector<Line>> lists(3);
    for (std::size_t c = 0; c < lists.size(); ++c) {
      for (std::size_t r = below(80); r-- > 0;) {
        Line& line = lists[c].emplace_back();
        line.condition = condition();
        line.action = action(c, lists.size());
      }
    }
    return rules_of(lists, below(2) == 0 ? Verdict::accept : Verdict::drop);
  }

 private:
  Bits address() {
    constexpr std::array<Bits, 4> ends{0, 0x0a000000, 0x0a0000ff, 0xffffffff};
    return below(8) == 0 ? ends[below(ends.size())] : Bits{0x0a000000} + below(200);
  }

  IntervalSet values() {
    const Bits low = address();
    const IntervalSet one =
        below(3) == 0 ? IntervalSet::range(low, std::max(low, address())) : IntervalSet::single(low);
    const IntervalSet two = below(4) == 0 ? one | IntervalSet::single(address()) : one;
    return below(8) == 0 ? IntervalSet::range(0, 0xffffffff) - two : two;
  }

  Condition condition() {
    Condition result;
    for (const Field field : {Field::source, Field::destination}) {
      if (below(3) != 0) {
        result.tests.emplace_back(FieldTest{field, values()});
      }
    }
    if (below(6) == 0) {
      result.tests.emplace_back(UnknownTest{Unknown::rate, "perhaps", false});
    }
    return result;
  }

  Action action(std::size_t chain, std::size_t chains) {
    switch (below(8)) {
      case 0:
        return accept();
      case 1:
        return drop();
      case 2:
        return back();
      case 3:
        return mark(static_cast<std::uint32_t>(below(3)));
      case 4:
        return chain + 1 < chains ? Action(Call{ChainId(chain + 1), below(3) > 0}) : Action(GoOn{});
      default:
        return GoOn{};
    }
  }

  std::mt19937_64 random_;
};

std::string described(const StageResult& result, const Flight& flight) {
  std::string text = fmt::format("{} {} {} {} {}:", static_cast<int>(result.fate), flight.mark, flight.connection_mark,
                                 flight.marks_certain, result.decided_by.rule == nullptr);
  for (const Step& step : result.steps) {
    text += fmt::format(" {}{}", step.rule == nullptr ? 0 : step.rule->origin.line, static_cast<int>(step.matched));
  }
  return text;
}

}  // namespace

TEST_CASE("a walk with an index of the rules is the walk without") {
  const std::uint64_t start = seed("rule index", 20261122);
  std::size_t left_out = 0;
  for (std::uint64_t round = 0; round < 300; ++round) {
    Maker make(start + round);
    const RuleSet rules = make.rules();
    const RuleIndex index(rules);
    for (int n = 0; n < 20; ++n) {
      const Flight flight = make.flight();
      Flight with = flight;
      Flight without = flight;
      const StageResult found = walk_stage(rules, rules.stages.front(), with, ToldWorld(), &index);
      const StageResult expected = walk_stage(rules, rules.stages.front(), without, ToldWorld());
      CAPTURE(round);
      CHECK(described(found, with) == described(expected, without));
      left_out += index.next(ChainId(0), 0, flight);
    }
  }
  CHECK(left_out > 0);
}

TEST_CASE("an index leaves out what surely does not match, and nothing else") {
  for (std::uint64_t round = 0; round < 200; ++round) {
    Maker make(round);
    const RuleSet rules = make.rules();
    const RuleIndex index(rules);
    const Flight flight = make.flight();
    for (std::size_t c = 0; c < rules.chains.size(); ++c) {
      const std::vector<Rule>& list = rules.chains[c].rules;
      for (std::size_t from = 0; from <= list.size(); ++from) {
        const std::size_t next = index.next(ChainId(c), from, flight);
        REQUIRE(next >= from);
        REQUIRE(next <= list.size());
        for (std::size_t skipped = from; skipped < next; ++skipped) {
          CHECK(evaluate(list[skipped].condition, flight, ToldWorld()) == Truth::no);
        }
      }
    }
  }
}

}  // namespace segproof::test
