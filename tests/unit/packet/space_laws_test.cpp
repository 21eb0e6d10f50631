// SPDX-License-Identifier: Apache-2.0
// Laws of the set algebra: equal sets have equal roots, whatever way they were built.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "unit/packet/naive_set.h"

namespace segproof {
namespace {

using test::Random;

std::vector<PacketSet> some_sets(Random& random, Space& space) {
  return {test::random_set(random, space).set, test::random_set(random, space).set,
          test::random_set(random, space).set};
}

TEST_CASE("random sets obey the laws of the algebra") {
  Random random(test::seed());
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    for (int i = 0; i < 400; ++i) {
      const std::vector<PacketSet> sets = some_sets(random, space);
      const PacketSet a = sets[0];
      const PacketSet b = sets[1];
      const PacketSet c = sets[2];
      CHECK((a | b) == (b | a));
      CHECK((a & b) == (b & a));
      CHECK(((a | b) | c) == (a | (b | c)));
      CHECK(((a & b) & c) == (a & (b & c)));
      CHECK((a & (b | c)) == ((a & b) | (a & c)));
      CHECK((a | (b & c)) == ((a | b) & (a | c)));
      CHECK((a | (a & b)) == a);
      CHECK((a & (a | b)) == a);
      CHECK((a | a) == a);
      CHECK((a - a).is_empty());
      CHECK(a.complement().complement() == a);
      CHECK((a | b).complement() == (a.complement() & b.complement()));
      CHECK((a & b).complement() == (a.complement() | b.complement()));
      CHECK((a - b) == (a & b.complement()));
      CHECK(((a - b) | (a & b)) == a);
      CHECK((a | a.complement()).is_all());
      CHECK((a & a.complement()).is_empty());
      CHECK(a.subset_of(b) == (a - b).is_empty());
      CHECK(a.intersects(b) == !(a & b).is_empty());
      CHECK((a & b).subset_of(a));
      CHECK_FALSE((a - b).intersects(b));
      CHECK(space.any_of(sets) == (a | b | c));
      CHECK(space.all_of(sets) == (a & b & c));
    }
    CHECK(space.any_of({}).is_empty());
    CHECK(space.all_of({}).is_all());
  }
}

TEST_CASE("a set rebuilt in another space and another order is the same set") {
  Random random(test::seed() + 1);
  INFO("seed ", test::seed());
  Space space(Family::ipv4);
  Space other(Family::ipv4);
  static_cast<void>(test::random_set(random, other));  // so that ids differ
  for (int i = 0; i < 300; ++i) {
    const PacketSet a = test::random_set(random, space, 4).set;
    const PacketSet there = other.import(a);
    CHECK(space.import(there) == a);
    CHECK(space.import(a) == a);
    CHECK(other.size(there).edges == space.size(a).edges);
    CHECK(other.size(there).nodes == space.size(a).nodes);
    CHECK((there | other.import(a.complement())).is_all());
  }
}

TEST_CASE("fields: restriction, masks and their complements") {
  Random random(test::seed() + 2);
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    for (int i = 0; i < 600; ++i) {
      const auto field = static_cast<Field>(test::below(random, field_count));
      const Bits max = field_max(field, family);
      const IntervalSet values = test::random_values(random, field, family);
      const PacketSet set = space.where(field, values);
      CHECK(set.values(field) == values);
      CHECK(set.complement() == space.where(field, values.complement(max)));
      const IntervalSet more = test::random_values(random, field, family);
      CHECK((set | space.where(field, more)) == space.where(field, values | more));
      CHECK((set & space.where(field, more)) == space.where(field, values & more));
      CHECK(space.where(field, IntervalSet::range(0, max)).is_all());
      CHECK(space.where(field, values | IntervalSet::range(max, ~Bits{0})) ==
            space.where(field, values | IntervalSet::single(max)));
      // One bit decides between a masked set and its twin with that bit flipped.
      const Bits bit = Bits{1} << test::below(random, field_width(field, family));
      const Bits value = test::random_value(random, field, family);
      const Bits mask = test::random_value(random, field, family) | bit;
      CHECK((space.where_masked(field, value, mask) | space.where_masked(field, value ^ bit, mask)) ==
            space.where_masked(field, value, mask & ~bit));
      CHECK((space.where_masked(field, value, mask) & space.where_masked(field, value ^ bit, mask)).is_empty());
      CHECK(space.where_masked(field, value, ~Bits{0}) == space.where(field, value));
    }
  }
}

TEST_CASE("every set of a small field is one root") {
  Space space(Family::ipv4);
  std::vector<std::uint32_t> roots;
  for (unsigned bits = 0; bits < 16; ++bits) {
    std::vector<Interval> list;
    for (unsigned v = 0; v < 4; ++v) {
      if ((bits >> v & 1U) != 0)
        list.push_back({v, v});
    }
    PacketSet one_by_one = space.none();
    for (const Interval& value : list)
      one_by_one |= space.where(Field::translated, value.low);
    CHECK(space.where(Field::translated, IntervalSet::of(list)) == one_by_one);
    roots.push_back(one_by_one.root());
  }
  CHECK(roots.front() == 0);
  CHECK(roots.back() == 1);
  std::ranges::sort(roots);
  CHECK(std::unique(roots.begin(), roots.end()) == roots.end());
}

TEST_CASE("forgetting, assigning and fixing a field") {
  Random random(test::seed() + 3);
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    for (int i = 0; i < 400; ++i) {
      const PacketSet a = test::random_set(random, space).set;
      const PacketSet b = test::random_set(random, space).set;
      const auto field = static_cast<Field>(test::below(random, field_count));
      const auto second = static_cast<Field>(test::below(random, field_count));
      const IntervalSet values = test::random_values(random, field, family);
      CHECK(a.subset_of(a.forget(field)));
      CHECK(a.forget(field).forget(field) == a.forget(field));
      CHECK(a.forget(field).forget(second) == a.forget(second).forget(field));
      CHECK((a | b).forget(field) == (a.forget(field) | b.forget(field)));
      CHECK((a & b.forget(field)).forget(field) == (a.forget(field) & b.forget(field)));
      CHECK(a.assign(field, values) == (a.forget(field) & space.where(field, values)));
      if (!a.is_empty())
        CHECK(a.assign(field, values).values(field) == values);
      CHECK((a & space.where(field, a.values(field))) == a);
      const Bits value = test::random_value(random, field, family);
      CHECK((a.cofactor(field, value) & space.where(field, value)) == (a & space.where(field, value)));
      CHECK(a.cofactor(field, value).forget(field) == a.cofactor(field, value));
      CHECK(a.cofactor(field, value) == (a & space.where(field, value)).forget(field));
    }
  }
}

TEST_CASE("a space that would grow beyond its budget says so and stays usable") {
  Space space(Family::ipv4, Space::Budget{1});  // the smallest budget there is
  Random random(7);
  const auto fill = [&] {
    PacketSet all = space.none();
    for (int i = 0; i < 1000000; ++i) {
      all |=
          space.where(Field::source, random() & 0xffffffffU) & space.where(Field::destination, random() & 0xffffffffU);
    }
  };
  CHECK_THROWS_AS(fill(), SpaceExhausted);
  const PacketSet a = space.where(Field::protocol, 6);
  CHECK((a & a) == a);
  CHECK((a - a).is_empty());
}

TEST_CASE("many spaces live at once") {
  std::vector<std::unique_ptr<Space>> spaces;
  for (int i = 0; i < 200; ++i) {
    spaces.push_back(std::make_unique<Space>(i % 2 == 0 ? Family::ipv4 : Family::ipv6));
    const PacketSet tcp = spaces.back()->where(Field::protocol, 6);
    CHECK_FALSE(tcp.is_empty());
  }
}

}  // namespace
}  // namespace segproof
