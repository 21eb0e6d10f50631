// SPDX-License-Identifier: Apache-2.0
#include "packet/interval_set.h"

#include <doctest/doctest.h>

#include <vector>

#include "unit/packet/naive_set.h"

namespace segproof {
namespace {

constexpr unsigned universe = 7;  // values 0..6, all 128 sets

IntervalSet from_bits(unsigned bits) {
  std::vector<Interval> list;
  for (unsigned v = universe; v-- > 0;) {
    if ((bits >> v & 1U) != 0)
      list.push_back({v, v});
  }
  return IntervalSet::of(std::move(list));
}

TEST_CASE("all pairs of small sets obey the algebra and stay canonical") {
  constexpr unsigned count = 1U << universe;
  for (unsigned a = 0; a < count; ++a) {
    const IntervalSet set = from_bits(a);
    CHECK(set.complement(universe - 1) == from_bits(~a & (count - 1)));
    CHECK(set.is_empty() == (a == 0));
    CHECK(set.size() == static_cast<unsigned>(__builtin_popcount(a)));
    for (unsigned v = 0; v < universe + 2; ++v)
      CHECK(set.contains(v) == ((a >> v & 1U) != 0));
    for (std::size_t i = 1; i < set.intervals().size(); ++i) {
      CHECK(set.intervals()[i - 1].high + 1 < set.intervals()[i].low);
    }
    for (unsigned b = 0; b < count; ++b) {
      const IntervalSet other = from_bits(b);
      const bool agree = (set | other) == from_bits(a | b) && (set & other) == from_bits(a & b) &&
                         (set - other) == from_bits(a & ~b) && set.contains(other) == ((b & ~a) == 0) &&
                         set.intersects(other) == ((a & b) != 0) && (set == other) == (a == b);
      CAPTURE(a);
      CAPTURE(b);
      CHECK(agree);
    }
  }
}

TEST_CASE("the ends of the 128-bit universe") {
  const Bits top = ~Bits{0};
  const IntervalSet full = IntervalSet::range(0, top);
  CHECK(full.size() == top);
  CHECK(full.complement(top).is_empty());
  CHECK(IntervalSet{}.complement(top) == full);
  CHECK((full - IntervalSet::single(top)) == IntervalSet::range(0, top - 1));
  CHECK((full - IntervalSet::single(0)) == IntervalSet::range(1, top));
  CHECK((IntervalSet::single(top) | IntervalSet::range(0, top - 1)) == full);
  CHECK(IntervalSet{{5, top}, {7, 9}, {top, top}} == IntervalSet::range(5, top));
  CHECK(IntervalSet{{0, 3}, {4, 6}} == IntervalSet::range(0, 6));
  CHECK(IntervalSet::range(3, 9).complement(5) == IntervalSet::range(0, 2));
  CHECK(IntervalSet::range(3, 9).min() == 3);
}

TEST_CASE("random wide sets agree with membership") {
  test::Random random(test::seed());
  INFO("seed ", test::seed());
  for (int i = 0; i < 3000; ++i) {
    const IntervalSet a = test::random_values(random, Field::source, Family::ipv6);
    const IntervalSet b = test::random_values(random, Field::source, Family::ipv6);
    for (int k = 0; k < 20; ++k) {
      const Bits v = test::random_value(random, Field::source, Family::ipv6);
      CHECK((a | b).contains(v) == (a.contains(v) || b.contains(v)));
      CHECK((a & b).contains(v) == (a.contains(v) && b.contains(v)));
      CHECK((a - b).contains(v) == (a.contains(v) && !b.contains(v)));
    }
    CHECK(((a - b) | (a & b)) == a);
    CHECK(a.contains(a & b));
    CHECK(a.intersects(b) == !(a & b).is_empty());
  }
}

}  // namespace
}  // namespace segproof
