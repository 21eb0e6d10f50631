// SPDX-License-Identifier: Apache-2.0
// A list that changes against the same list taken rule by rule, as sets: sets are canonical, so equality is everything.
#include "packet/changing_list.h"

#include <doctest/doctest.h>

#include <deque>
#include <map>

#include "unit/packet/naive_set.h"

namespace segproof {
namespace {

using test::below;
using test::Random;

// What a rule matches, in a form that lives on.
struct Draft {
  std::vector<std::map<Field, IntervalSet>> boxes;
  ChangingList::Effect effect = ChangingList::Effect::take;

  [[nodiscard]] ChangingList::Rule rule() const {
    ChangingList::Rule result{{}, effect};
    for (const auto& conditions : boxes) {
      Box& box = result.boxes.emplace_back();
      for (const auto& [field, values] : conditions) {
        box.where(field, values);
      }
    }
    return result;
  }
  [[nodiscard]] PacketSet set(Space& space) const {
    PacketSet all = space.none();
    for (const auto& conditions : boxes) {
      PacketSet box = space.all();
      for (const auto& [field, values] : conditions) {
        box &= space.where(field, values);
      }
      all |= box;
    }
    return all;
  }
};

Draft random_draft(Random& random, Family family) {
  constexpr Field fields[] = {Field::destination, Field::source, Field::protocol, Field::destination_port,
                              Field::ingress};
  Draft draft;
  for (std::uint64_t boxes = 1 + below(random, 2); boxes > 0; --boxes) {
    std::map<Field, IntervalSet>& box = draft.boxes.emplace_back();
    for (std::uint64_t i = below(random, 4); i > 0; --i) {
      const Field field = fields[below(random, 5)];
      box[field] = test::random_values(random, field, family);
    }
  }
  draft.effect = below(random, 2) == 0 ? ChangingList::Effect::take : ChangingList::Effect::pass_over;
  return draft;
}

PacketSet taken_rule_by_rule(const std::deque<Draft>& drafts, Space& space) {
  PacketSet taken = space.none();
  for (auto draft = drafts.rbegin(); draft != drafts.rend(); ++draft) {
    const PacketSet matched = draft->set(space);
    taken = draft->effect == ChangingList::Effect::take ? taken | matched : taken - matched;
  }
  return taken;
}

void change_somewhere(Random& random, std::deque<Draft>& drafts, ChangingList& list, Family family) {
  const std::size_t place = below(random, drafts.size() + 1);
  const auto at = drafts.begin() + static_cast<std::ptrdiff_t>(place);
  const std::uint64_t choice = place == drafts.size() ? 0 : below(random, 3);
  if (choice == 0) {
    list.insert(place, drafts.insert(at, random_draft(random, family))->rule());
  } else if (choice == 1) {
    drafts.erase(at);
    list.erase(place);
  } else {
    *at = random_draft(random, family);
    list.replace(place, at->rule());
  }
}

TEST_CASE("a changed list is the list compiled afresh") {
  Random random(test::seed());
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (const std::size_t size : {0U, 1U, 5U, 40U, 90U}) {
      Space space(family);
      std::deque<Draft> drafts;
      std::vector<ChangingList::Rule> rules;
      for (std::size_t i = 0; i < size; ++i) {
        rules.push_back(drafts.emplace_back(random_draft(random, family)).rule());
      }
      ChangingList list(space, rules);
      CHECK(list.taken() == taken_rule_by_rule(drafts, space));
      for (int change = 0; change < 40; ++change) {
        change_somewhere(random, drafts, list, family);
        REQUIRE(list.size() == drafts.size());
        REQUIRE(list.taken() == taken_rule_by_rule(drafts, space));
      }
    }
  }
}

// Gaps between numbers run out, leaves are cut, equal keys stand on both sides of a cut.
TEST_CASE("many changes at one place") {
  Random random(test::seed());
  INFO("seed ", test::seed());
  Space space(Family::ipv4);
  std::deque<Draft> drafts{random_draft(random, Family::ipv4), random_draft(random, Family::ipv4)};
  const std::vector<ChangingList::Rule> rules{drafts[0].rule(), drafts[1].rule()};
  ChangingList list(space, rules);
  for (int i = 0; i < 80; ++i) {
    Draft draft = random_draft(random, Family::ipv4);
    if (i % 2 == 0) {
      draft.boxes = drafts[1].boxes;
    }
    drafts.insert(drafts.begin() + 1, draft);
    list.insert(1, draft.rule());
    REQUIRE(list.taken() == taken_rule_by_rule(drafts, space));
  }
  for (int i = 0; i < 60; ++i) {
    drafts[1] = random_draft(random, Family::ipv4);
    list.replace(1, drafts[1].rule());
    REQUIRE(list.taken() == taken_rule_by_rule(drafts, space));
  }
  while (!drafts.empty()) {
    drafts.pop_front();
    list.erase(0);
    REQUIRE(list.taken() == taken_rule_by_rule(drafts, space));
  }
  CHECK(list.taken().is_empty());
}

TEST_CASE("a list that does not fit is said not to fit") {
  Random random(7);
  Space space(Family::ipv4);
  const auto fill = [&] {
    std::vector<IntervalSet> hosts;
    std::vector<ChangingList::Rule> rules;
    hosts.reserve(40000);
    for (std::uint64_t i = 0; i < 20000; ++i) {
      hosts.push_back(IntervalSet::single(below(random, 1ULL << 32U)));
      hosts.push_back(IntervalSet::single(below(random, 65536)));
    }
    for (std::size_t i = 0; i < hosts.size(); i += 2) {
      Box box;
      box.where(i % 4 == 0 ? Field::destination : Field::source, hosts[i]).where(Field::destination_port, hosts[i + 1]);
      rules.push_back({{box}, ChangingList::Effect::take});
    }
    ChangingList list(space, rules, {std::size_t{1} << 17U});
  };
  CHECK_THROWS_AS(fill(), SpaceExhausted);
}

}  // namespace
}  // namespace segproof
