// SPDX-License-Identifier: Apache-2.0
// The minimum of priorities against rules that are tried one after the other, packet by packet.
#include "packet/priority.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <set>

#include "unit/packet/naive_set.h"

namespace segproof {
namespace {

using test::Random;

struct Condition {
  Field field;
  IntervalSet values;
  std::optional<std::pair<Bits, Bits>> masked;  // value, mask
};

struct Rule {
  std::vector<std::vector<Condition>> boxes;  // a union of conjunctions
  PriorityMap::Priority priority;
};

bool matches(const Condition& condition, const Packet& packet) {
  const Bits v = packet[condition.field];
  if (condition.masked)
    return (v & condition.masked->second) == (condition.masked->first & condition.masked->second);
  return std::ranges::any_of(condition.values.intervals(),
                             [&](const Interval& x) { return x.low <= v && v <= x.high; });
}

bool matches(const Rule& rule, const Packet& packet) {
  return std::ranges::any_of(rule.boxes, [&](const std::vector<Condition>& box) {
    return std::ranges::all_of(box, [&](const Condition& condition) { return matches(condition, packet); });
  });
}

PriorityMap::Priority first_match(const std::vector<Rule>& rules, const Packet& packet) {
  PriorityMap::Priority best = PriorityMap::unmatched;
  for (const Rule& rule : rules) {
    if (rule.priority < best && matches(rule, packet))
      best = rule.priority;
  }
  return best;
}

Condition random_condition(Random& random, Family family) {
  const auto field = static_cast<Field>(test::below(random, field_count));
  Condition condition{field, {}, std::nullopt};
  if (test::below(random, 4) == 0) {
    condition.masked = {test::random_value(random, field, family), test::random_mask(random, field, family)};
  } else {
    condition.values = test::random_values(random, field, family);
  }
  return condition;
}

std::vector<Rule> random_rules(Random& random, Family family, std::size_t count) {
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < count; ++i) {
    Rule rule{{}, static_cast<PriorityMap::Priority>(i)};
    const auto boxes = 1 + test::below(random, 2);
    for (std::uint64_t b = 0; b < boxes; ++b) {
      rule.boxes.emplace_back();
      const auto conditions = test::below(random, 6);
      for (std::uint64_t k = 0; k < conditions; ++k)
        rule.boxes.back().push_back(random_condition(random, family));
    }
    rules.push_back(std::move(rule));
  }
  std::ranges::shuffle(rules, random);  // the order of adding does not count
  return rules;
}

Box make_box(const std::vector<Condition>& conditions) {
  Box box;
  for (const Condition& condition : conditions) {
    if (condition.masked) {
      box.where_masked(condition.field, condition.masked->first, condition.masked->second);
    } else {
      box.where(condition.field, condition.values);
    }
  }
  return box;
}

PacketSet make_set(Space& space, const Rule& rule) {
  PacketSet all = space.none();
  for (const std::vector<Condition>& conditions : rule.boxes) {
    PacketSet box = space.all();
    for (const Condition& c : conditions) {
      box &= c.masked ? space.where_masked(c.field, c.masked->first, c.masked->second) : space.where(c.field, c.values);
    }
    all |= box;
  }
  return all;
}

TEST_CASE("the smallest priority decides, for boxes and for sets") {
  Random random(test::seed());
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (int round = 0; round < 60; ++round) {
      const auto count = 1 + test::below(random, 25);
      const std::vector<Rule> rules = random_rules(random, family, count);
      Space space(family);
      PriorityMap map(family, static_cast<PriorityMap::Priority>(count));
      const bool as_sets = test::below(random, 3) == 0;
      for (const Rule& rule : rules) {
        if (as_sets) {
          map.add(make_set(space, rule), rule.priority);
          continue;
        }
        for (const auto& box : rule.boxes)
          map.add(make_box(box), rule.priority);
        if (test::below(random, 8) == 0)
          static_cast<void>(map.is_total());  // questions in between are harmless
      }
      const auto occurring = map.occurring();
      CHECK(std::ranges::is_sorted(occurring));
      PacketSet rest = space.all();
      std::set<PriorityMap::Priority> expected;
      const auto even = map.collapse(space, [](PriorityMap::Priority p) { return p % 2 == 0; });
      PacketSet even_expected = space.none();
      std::vector<Rule> ordered = rules;
      std::ranges::sort(ordered, {}, &Rule::priority);
      for (const Rule& rule : ordered) {
        const PacketSet matched = make_set(space, rule);
        const PacketSet decided = rest & matched;
        CHECK(map.collapse(space, [&](PriorityMap::Priority p) { return p == rule.priority; }) == decided);
        if (!decided.is_empty())
          expected.insert(rule.priority);
        if (rule.priority % 2 == 0)
          even_expected |= decided;
        // Who decides what this rule matches?
        const auto deciders = map.occurring_in(matched);
        for (const Rule& other : rules) {
          const PacketSet there = map.collapse(space, [&](PriorityMap::Priority p) { return p == other.priority; });
          CHECK(std::ranges::binary_search(deciders, other.priority) == there.intersects(matched));
        }
        rest -= matched;
        for (const PacketSet& side : {matched, rest}) {
          const auto packet = side.pick();
          if (packet)
            CHECK(map.at(*packet) == first_match(rules, *packet));
        }
      }
      CHECK(std::ranges::equal(occurring, expected));
      CHECK(even == even_expected);
      CHECK(map.collapse(space, [](PriorityMap::Priority p) { return p == PriorityMap::unmatched; }) == rest);
      CHECK(map.is_total() == rest.is_empty());
      for (int k = 0; k < 200; ++k) {
        const Packet packet = test::random_packet(random, family);
        CHECK(map.at(packet) == first_match(rules, packet));
      }
    }
  }
}

TEST_CASE("an empty map, an empty box, an impossible box") {
  Space space(Family::ipv4);
  PriorityMap map(Family::ipv4, 3);
  const auto everything = [](PriorityMap::Priority p) { return p == PriorityMap::unmatched; };
  CHECK(map.occurring().empty());
  CHECK_FALSE(map.is_total());
  CHECK(map.at(Packet{}) == PriorityMap::unmatched);
  CHECK(map.collapse(space, everything).is_all());
  const IntervalSet low = IntervalSet::range(0, 5);
  const IntervalSet high = IntervalSet::range(6, 9);
  Box impossible;
  map.add(impossible.where(Field::protocol, low).where(Field::protocol, high), 0);
  map.add(space.none(), 1);
  CHECK(map.occurring().empty());
  map.add(Box{}, 2);
  CHECK(map.is_total());
  CHECK(map.occurring() == std::vector<PriorityMap::Priority>{2});
}

TEST_CASE("object groups stay whole") {
  Random random(test::seed() + 1);
  INFO("seed ", test::seed());
  // 200 rules between groups of about 100 addresses each would be two million flat rules.
  std::deque<IntervalSet> groups;
  for (int g = 0; g < 60; ++g) {
    std::vector<Interval> list;
    for (int k = 0; k < 100; ++k) {
      const Bits host = 0x0A000000 + test::below(random, 1U << 16U);
      list.push_back({host, host});
    }
    groups.push_back(IntervalSet::of(std::move(list)));
  }
  const IntervalSet tcp = IntervalSet::single(6);
  std::deque<IntervalSet> ports;
  std::vector<Rule> rules;
  PriorityMap map(Family::ipv4, 200);
  for (PriorityMap::Priority p = 0; p < 200; ++p) {
    const auto port = test::below(random, 1000);
    const IntervalSet& from = groups[test::below(random, groups.size())];
    const IntervalSet& to = groups[test::below(random, groups.size())];
    ports.push_back(IntervalSet::range(port, port + test::below(random, 50)));
    Box box;
    map.add(box.where(Field::source, from)
                .where(Field::destination, to)
                .where(Field::protocol, tcp)
                .where(Field::destination_port, ports.back()),
            p);
    rules.push_back({{{{Field::source, from, {}},
                       {Field::destination, to, {}},
                       {Field::protocol, tcp, {}},
                       {Field::destination_port, ports.back(), {}}}},
                     p});
  }
  int matched = 0;
  for (int k = 0; k < 3000; ++k) {
    const Rule& rule = rules[test::below(random, rules.size())];
    Packet packet;
    packet[Field::protocol] = 6;
    for (const Condition& condition : rule.boxes[0]) {
      const auto intervals = condition.values.intervals();
      packet[condition.field] = intervals[test::below(random, intervals.size())].high + test::below(random, 8) / 7;
    }
    const auto expected = first_match(rules, packet);
    matched += expected != PriorityMap::unmatched ? 1 : 0;
    CHECK(map.at(packet) == expected);
  }
  CHECK(matched > 500);
  CHECK(map.size().edges < 2000000);
}

TEST_CASE("a window of destinations gives the part of the answer that lies in it") {
  Random random(test::seed());
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (int round = 0; round < 40; ++round) {
      const auto count = 1 + test::below(random, 25);
      const std::vector<Rule> rules = random_rules(random, family, count);
      Space space(family);
      const Bits cut = test::random_value(random, Field::destination, family);
      const Bits max = field_max(Field::destination, family);
      const Interval window = cut < max / 2 ? Interval{cut, max} : Interval{0, cut};
      PriorityMap whole(family, static_cast<PriorityMap::Priority>(count));
      PriorityMap part(family, static_cast<PriorityMap::Priority>(count), {}, window);
      for (const Rule& rule : rules) {
        const bool as_set = test::below(random, 3) == 0;
        for (PriorityMap* map : {&whole, &part}) {
          if (as_set) {
            map->add(make_set(space, rule), rule.priority);
          } else {
            for (const auto& box : rule.boxes)
              map->add(make_box(box), rule.priority);
          }
        }
      }
      const PacketSet inside = space.where(Field::destination, IntervalSet{window});
      for (const bool unmatched_too : {false, true}) {
        const auto chosen = [&](PriorityMap::Priority priority) {
          return priority == PriorityMap::unmatched ? unmatched_too : priority % 2 == 0;
        };
        CHECK(part.collapse(space, chosen) == (whole.collapse(space, chosen) & inside));
      }
    }
  }
}

TEST_CASE("a layer counts where it is asked for and nowhere else") {
  Random random(test::seed());
  INFO("seed ", test::seed());
  for (int round = 0; round < 60; ++round) {
    const auto count = 1 + test::below(random, 25);
    const std::vector<Rule> rules = random_rules(random, Family::ipv4, count);
    Space space(Family::ipv4);
    const auto priorities = static_cast<PriorityMap::Priority>(count);
    PriorityMap layered(Family::ipv4, priorities);
    std::vector<PriorityMap> apart;
    for (int layer = 0; layer < 3; ++layer)
      apart.emplace_back(Family::ipv4, priorities);
    for (const Rule& rule : rules) {
      const std::size_t layer = test::below(random, 3);
      for (const auto& box : rule.boxes) {
        layered.add(make_box(box), rule.priority, layer);
        for (std::size_t other = 0; other < apart.size(); ++other) {
          if (layer == PriorityMap::list || layer == other)
            apart[other].add(make_box(box), rule.priority);
        }
      }
      if (test::below(random, 10) == 0)  // questions in between change nothing
        static_cast<void>(layered.collapse(
            space, [](PriorityMap::Priority) { return true; }, layer));
    }
    const auto chosen = [](PriorityMap::Priority priority) { return priority % 3 == 1; };
    for (std::size_t layer = 0; layer < apart.size(); ++layer)
      CHECK(layered.collapse(space, chosen, layer) == apart[layer].collapse(space, chosen));
  }
}

}  // namespace
}  // namespace segproof
