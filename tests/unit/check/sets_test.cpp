// SPDX-License-Identifier: Apache-2.0
#include "check/core/sets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

namespace check {
namespace {

// A set of flags drawn at random, and the same as plain numbers.
struct Drawn {
  SetId set;
  std::set<unsigned> values;
};

Drawn draw(Sets& sets, std::mt19937& random) {
  Drawn result{no_value, {}};
  Ranges ranges;
  for (unsigned i = 0, n = static_cast<unsigned>(random() % 4); i < n; ++i) {
    const auto low = static_cast<unsigned>(random() % 256);
    const unsigned high = std::min(255U, low + (random() % 3 == 0 ? 200U : static_cast<unsigned>(random() % 8)));
    ranges.push_back({low, high});
    for (unsigned value = low; value <= high; ++value) {
      result.values.insert(value);
    }
  }
  result.set = sets.of(flags, ranges);
  return result;
}

std::set<unsigned> values_of(const Sets& sets, SetId set) {
  std::set<unsigned> result;
  for (const Range& range : sets.ranges(flags, set)) {
    for (Value value = range.low; value <= range.high; ++value) {
      result.insert(static_cast<unsigned>(value));
    }
  }
  return result;
}

}  // namespace

TEST_CASE("sets of numbers are sets") {
  const char* given = std::getenv("SEGPROOF_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 1U;
  CAPTURE(seed);
  std::mt19937 random(seed);
  Sets sets(Family::ipv4);
  for (int round = 0; round < 500; ++round) {
    const Drawn a = draw(sets, random);
    const Drawn b = draw(sets, random);
    std::set<unsigned> both;
    std::set<unsigned> either = a.values;
    std::set<unsigned> rest;
    either.insert(b.values.begin(), b.values.end());
    for (const unsigned value : a.values) {
      (b.values.contains(value) ? both : rest).insert(value);
    }
    CHECK(values_of(sets, sets.meet(a.set, b.set)) == both);
    CHECK(values_of(sets, sets.join(flags, a.set, b.set)) == either);
    CHECK(values_of(sets, sets.without(flags, a.set, b.set)) == rest);
    CHECK(sets.within(a.set, b.set) == rest.empty());
    CHECK((a.set == b.set) == (a.values == b.values));
    CHECK(values_of(sets, sets.without(flags, any_value, a.set)).size() == 256 - a.values.size());
  }
}

TEST_CASE("whole fields have one name, up to the last value of each width") {
  Sets four(Family::ipv4);
  Sets six(Family::ipv6);
  CHECK(four.of(source, {{0, 0xffffffffU}}) == any_value);
  CHECK(six.of(source, {{0, 0xffffffffU}}) != any_value);
  CHECK(six.of(source, {{0, ~Value{0}}}) == any_value);
  CHECK(six.without(source, any_value, six.of(source, {{0, ~Value{0} - 1}})) == six.single(source, ~Value{0}));
  CHECK(four.without(source, any_value, any_value) == no_value);
  CHECK(four.of(dport, {{65535, 70000}}) == four.single(dport, 65535));
}

TEST_CASE("cutting a box out of a box leaves disjoint pieces of the rest") {
  Sets sets(Family::ipv4);
  Box box{};
  box[dport] = sets.of(dport, {{10, 20}});
  Box hole{};
  hole[dport] = sets.of(dport, {{15, 30}});
  hole[protocol] = sets.single(protocol, 6);
  std::vector<Box> pieces;
  sets.cut(box, hole, pieces);
  REQUIRE(pieces.size() == 2);
  CHECK(Sets::is_empty(sets.meet(pieces[0], pieces[1])));
  for (const Box& piece : pieces) {
    CHECK(sets.within(piece, box));
    CHECK(Sets::is_empty(sets.meet(piece, hole)));
  }
}

}  // namespace check
