// SPDX-License-Identifier: Apache-2.0
// How a packet walks through chains: jump, goto, return, policy, and what undecided rules make of it.
#include "model/walk.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "build.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

constexpr const char* packet = "tcp 10.0.0.1:1000 > 10.0.0.2:80";

// "drop 3" (line of the deciding rule), "accept policy", "unknown 7".
std::string outcome(const RuleSet& rules, Flight flight = flight_of(packet), const ToldWorld& world = {}) {
  REQUIRE(!flaw(rules).has_value());
  const StageResult result = walk_stage(rules, rules.stages.front(), flight, world);
  constexpr std::array<std::string_view, 4> fates{"accept", "drop", "reject", "unknown"};
  const std::string by =
      result.decided_by.rule == nullptr ? "policy" : std::to_string(result.decided_by.rule->origin.line);
  return fmt::format("{} {}", fates[static_cast<std::size_t>(result.fate)], by);
}

}  // namespace

TEST_CASE("the first matching rule decides, else the policy") {
  CHECK(outcome(rules_of({{{port(22), accept()}, {port(80), drop()}, {any(), accept()}}})) == "drop 2");
  CHECK(outcome(rules_of({{{port(22), accept()}}})) == "drop policy");
  CHECK(outcome(rules_of({{}}, Verdict::accept)) == "accept policy");
  CHECK(outcome(rules_of({{{any(), GoOn{}}, {any(), Decide{Verdict::reject}}}})) == "reject 2");
}

TEST_CASE("a return in a base chain is its policy") {
  CHECK(outcome(rules_of({{{any(), back()}, {any(), accept()}}})) == "drop policy");
  CHECK(outcome(rules_of({{{any(), back()}, {any(), drop()}}}, Verdict::accept)) == "accept policy");
}

TEST_CASE("a jump comes back after the rule that made it") {
  CHECK(outcome(rules_of({{{any(), call(1)}, {any(), accept()}}, {}})) == "accept 2");
  CHECK(outcome(rules_of({{{any(), call(1)}, {any(), accept()}}, {{any(), back()}, {any(), drop()}}})) == "accept 2");
  CHECK(outcome(rules_of({{{any(), call(1)}, {any(), accept()}}, {{port(80), drop()}}})) == "drop 101");
}

TEST_CASE("a goto comes back where the chain that made it would have come back") {
  // Base goes to 1: its end is the policy, not the next rule.
  CHECK(outcome(rules_of({{{any(), go(1)}, {any(), accept()}}, {}})) == "drop policy");
  CHECK(outcome(rules_of({{{any(), go(1)}, {any(), accept()}}, {{any(), back()}}})) == "drop policy");
  // Base jumps to 1, 1 goes to 2: the end of 2 is after the jump of the base chain.
  CHECK(outcome(rules_of({{{any(), call(1)}, {any(), accept()}}, {{any(), go(2)}, {any(), drop()}}, {}})) ==
        "accept 2");
  // 2 jumps to 3 in between: 3 comes back to 2.
  CHECK(outcome(rules_of({{{any(), call(1)}, {any(), drop()}},
                          {{any(), go(2)}},
                          {{any(), call(3)}, {any(), accept()}},
                          {{any(), back()}}})) == "accept 202");
}

TEST_CASE("undecided rules matter only where they change something") {
  CHECK(outcome(rules_of({{{perhaps(), accept()}}})) == "unknown 1");
  CHECK(outcome(rules_of({{{perhaps(), drop()}}})) == "drop policy");
  CHECK(outcome(rules_of({{{perhaps(), drop()}, {any(), drop()}}})) == "drop 2");
  CHECK(outcome(rules_of({{{perhaps(), GoOn{}}, {any(), accept()}}})) == "accept 2");
  CHECK(outcome(rules_of({{{any(), accept()}, {perhaps(), drop()}}})) == "accept 1");
  CHECK(outcome(rules_of({{{perhaps(), drop()}, {perhaps(), accept()}}})) == "unknown 2");
  CHECK(outcome(rules_of({{{perhaps(), call(1)}, {any(), accept()}}, {{any(), back()}}})) == "accept 2");
  CHECK(outcome(rules_of({{{perhaps(), call(1)}, {any(), accept()}}, {{any(), drop()}}})) == "unknown 1");
  CHECK(outcome(rules_of({{{perhaps(), go(1)}, {any(), accept()}}, {}})) == "unknown 1");
  CHECK(outcome(rules_of({{{perhaps(), back()}, {any(), accept()}}})) == "unknown 1");
  CHECK(outcome(rules_of({{{any(), Anything{"x", true}}, {any(), drop()}}})) == "unknown 1");
  CHECK(outcome(rules_of({{{perhaps(), Anything{"x", true}}, {any(), drop()}}})) == "unknown 1");
  CHECK(outcome(rules_of({{{any(), drop()}, {any(), Anything{"x", true}}}})) == "drop 1");
}

TEST_CASE("a world that knows decides") {
  ToldWorld world;
  world.truths = {{"perhaps", Truth::no}};
  CHECK(outcome(rules_of({{{perhaps(), accept()}}}), flight_of(packet), world) == "drop policy");
  world.truths = {{"perhaps", Truth::yes}};
  CHECK(outcome(rules_of({{{perhaps(), accept()}}}), flight_of(packet), world) == "accept 1");
}

TEST_CASE("marks set by undecided rules are uncertain") {
  const auto test_mark = Condition{{MarkTest{MarkKind::packet, 1, 0xffffffffU, false}}};
  CHECK(outcome(rules_of({{{any(), mark(1)}, {test_mark, accept()}}})) == "accept 2");
  CHECK(outcome(rules_of({{{perhaps(), mark(1)}, {test_mark, accept()}}})) == "unknown 2");
  CHECK(outcome(rules_of({{{any(), mark(1)}, {perhaps(), mark(1)}, {test_mark, accept()}}})) == "accept 3");
  Flight flight = flight_of(packet);
  const RuleSet rules = rules_of({{{perhaps(), call(1)}, {any(), accept()}}, {{any(), mark(5)}}});
  const StageResult result = walk_stage(rules, rules.stages.front(), flight, ToldWorld());
  CHECK(result.fate == Fate::accept);
  CHECK(!flight.marks_certain);
}

TEST_CASE("marks are kept, flipped and copied bit by bit") {
  Flight flight = flight_of(packet);
  flight.mark = 0xff00ff00;
  const RuleSet rules = rules_of({{{any(), SetMark{MarkKind::packet, 0xffff0000, 0x000f000f}},
                                   {any(), CopyMark{MarkKind::connection, 0xff, 0xffffffff}},
                                   {any(), accept()}}});
  static_cast<void>(walk_stage(rules, rules.stages.front(), flight, ToldWorld()));
  CHECK(flight.mark == 0xff0f000f);
  CHECK(flight.connection_mark == 0xff0f000f);
}

TEST_CASE("steps are the rules that matched or may have") {
  Flight flight = flight_of(packet);
  const RuleSet rules =
      rules_of({{{port(1), drop()}, {any(), call(1)}, {perhaps(), GoOn{}}, {any(), accept()}}, {{any(), GoOn{}}}});
  const StageResult result = walk_stage(rules, rules.stages.front(), flight, ToldWorld());
  std::string lines;
  for (const Step& step : result.steps)
    lines += std::to_string(step.rule->origin.line) + " ";
  CHECK(lines == "2 101 3 4 ");
  CHECK(result.steps[2].matched == Truth::unknown);
}

namespace {

// The same walk by plain recursion with every undecided rule decided one way: the fates that are possible.
struct Plain {
  const RuleSet& rules;
  const Flight& flight;
  const std::vector<bool>& choices;  // by line, of the undecided rules
  enum class End : std::uint8_t { fell_off, returned, accepted, dropped };

  End walk(std::size_t chain) const {
    for (const Rule& rule : rules.chains[chain].rules) {
      const Truth truth = evaluate(rule.condition, flight, ToldWorld());
      if (truth == Truth::no || (truth == Truth::unknown && !choices[rule.origin.line]))
        continue;
      if (const auto* decide = std::get_if<Decide>(&rule.action)) {
        return decide->verdict == Verdict::accept ? End::accepted : End::dropped;
      }
      if (std::holds_alternative<ComeBack>(rule.action))
        return End::returned;
      if (const auto* next = std::get_if<Call>(&rule.action)) {
        const End end = walk(next->chain.index());
        if (end == End::accepted || end == End::dropped)
          return end;
        if (!next->comes_back)
          return End::returned;
      }
    }
    return End::fell_off;
  }
};

RuleSet random_rules(std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::size_t chains = 1 + below(4);
  std::vector<std::vector<Line>> lists(chains);
  for (std::size_t c = 0; c < chains; ++c) {
    for (std::size_t r = below(4); r-- > 0;) {
      const Condition condition = below(3) == 0 ? any() : below(2) == 0 ? port(80 + below(2)) : perhaps();
      Action action = GoOn{};
      const std::size_t kind = below(6);
      if (kind == 0)
        action = accept();
      if (kind == 1)
        action = drop();
      if (kind == 2)
        action = back();
      if (kind >= 3 && c + 1 < chains)
        action = Call{ChainId(c + 1 + below(chains - c - 1)), below(3) > 0};
      Line& line = lists[c].emplace_back();
      line.condition = condition;
      line.action = action;
    }
  }
  return rules_of(lists, below(2) == 0 ? Verdict::accept : Verdict::drop);
}

}  // namespace

TEST_CASE("the walk agrees with trying all choices of undecided rules") {
  std::mt19937_64 random(seed("walk", 20261121));
  for (int round = 0; round < 20000; ++round) {
    const RuleSet rules = random_rules(random);
    const Flight flight = flight_of(packet);
    std::vector<std::size_t> undecided;
    for (const Chain& chain : rules.chains) {
      for (const Rule& rule : chain.rules) {
        if (evaluate(rule.condition, flight, ToldWorld()) == Truth::unknown)
          undecided.push_back(rule.origin.line);
      }
    }
    // A rule that is met twice may match once and not again, so the walk may say unknown where no single choice for
    // each rule gives both fates.
    bool can_accept = false;
    bool can_drop = false;
    for (std::size_t bits = 0; bits < (std::size_t{1} << undecided.size()); ++bits) {
      std::vector<bool> choices(1000, false);
      for (std::size_t i = 0; i < undecided.size(); ++i)
        choices[undecided[i]] = (bits >> i & 1U) != 0;
      const Plain plain{rules, flight, choices};
      Plain::End end = plain.walk(0);
      if (end == Plain::End::fell_off || end == Plain::End::returned) {
        end = rules.stages.front().policy == Verdict::accept ? Plain::End::accepted : Plain::End::dropped;
      }
      (end == Plain::End::accepted ? can_accept : can_drop) = true;
    }
    Flight walked = flight;
    const Fate fate = walk_stage(rules, rules.stages.front(), walked, ToldWorld()).fate;
    CAPTURE(round);
    if (can_accept && can_drop) {
      CHECK(fate == Fate::unknown);
    } else if (fate != Fate::unknown) {
      CHECK(fate == (can_accept ? Fate::accept : Fate::drop));
    }
    if (undecided.empty())
      CHECK(fate != Fate::unknown);
  }
}

}  // namespace segproof::test
