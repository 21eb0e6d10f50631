// SPDX-License-Identifier: Apache-2.0
#include "unit/packet/naive_set.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace segproof::test {
namespace {

// A small world, so that random sets overlap: few bases per field, and offsets around them.
Bits base_value(Random& random, Field field, Family family) {
  if (field == Field::destination || field == Field::source) {
    static constexpr std::array<std::uint64_t, 6> bases{0, 0x0A000000, 0x0A0000FF, 0x0A010000, 0xC0A80100, 0xFFFFFF00};
    Bits base = bases[below(random, bases.size())];
    if (family == Family::ipv6) {
      if (below(random, 2) == 0)
        base <<= 96U;
      if (below(random, 2) == 0)
        base |= Bits{0x20010DB8} << 96U;
      if (below(random, 3) == 0)
        base |= Bits{below(random, 3)} << 60U;
    }
    return base;
  }
  static constexpr std::array<std::uint64_t, 10> bases{0, 1, 2, 6, 17, 58, 80, 443, 1024, 65535};
  return bases[below(random, bases.size())];
}

}  // namespace

std::uint64_t seed() {
  const char* text = std::getenv("SEGPROOF_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 20260101;
}

std::uint64_t below(Random& random, std::uint64_t bound) {
  return random() % bound;
}

Bits random_value(Random& random, Field field, Family family) {
  const Bits max = field_max(field, family);
  if (below(random, 8) == 0)
    return max - std::min<Bits>(max, below(random, 3));
  if (below(random, 8) == 0)
    return (Bits{random()} << 64U | random()) & max;
  const Bits value = base_value(random, field, family) + below(random, 4);
  return max == ~Bits{0} ? value : value % (max + 1);
}

IntervalSet random_values(Random& random, Field field, Family family) {
  std::vector<Interval> list;
  const std::uint64_t count = 1 + below(random, 4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Bits a = random_value(random, field, family);
    const Bits b = below(random, 3) == 0 ? a : random_value(random, field, family);
    list.push_back({std::min(a, b), std::max(a, b)});
  }
  return IntervalSet::of(std::move(list));
}

Bits random_mask(Random& random, Field field, Family family) {
  const unsigned width = field_width(field, family);
  if (width == 8)
    return below(random, 256);
  Bits mask = low_ones(width) & ~low_ones(static_cast<unsigned>(below(random, width)));
  for (int hole = 0; hole < 3; ++hole)
    mask &= ~(Bits{1} << below(random, width));
  return mask;
}

Packet random_packet(Random& random, Family family) {
  Packet packet{family, {}};
  for (std::size_t i = 0; i < field_count; ++i) {
    packet.values[i] = random_value(random, static_cast<Field>(i), family);
  }
  return packet;
}

Twin random_set(Random& random, Space& space, int depth) {
  const Family family = space.family();
  if (depth > 0 && below(random, 4) != 0) {
    Twin a = random_set(random, space, depth - 1);
    Twin b = random_set(random, space, depth - 1);
    switch (below(random, 3)) {
      case 0:
        return {a.set | b.set, [a, b](const Packet& p) { return a.naive(p) || b.naive(p); }};
      case 1:
        return {a.set & b.set, [a, b](const Packet& p) { return a.naive(p) && b.naive(p); }};
      default:
        return {a.set - b.set, [a, b](const Packet& p) { return a.naive(p) && !b.naive(p); }};
    }
  }
  Twin box{space.all(), [](const Packet&) { return true; }};
  const std::uint64_t conditions = 1 + below(random, 4);
  for (std::uint64_t i = 0; i < conditions; ++i) {
    const auto field = static_cast<Field>(below(random, field_count));
    if (below(random, 4) == 0) {
      const Bits value = random_value(random, field, family);
      const Bits mask = random_mask(random, field, family);
      box = {box.set & space.where_masked(field, value, mask), [box, field, value, mask](const Packet& p) {
               return box.naive(p) && (p[field] & mask) == (value & mask);
             }};
    } else {
      const IntervalSet values = random_values(random, field, family);
      box = {box.set & space.where(field, values), [box, field, values](const Packet& p) {
               const auto within = [&](const Interval& x) { return x.low <= p[field] && p[field] <= x.high; };
               return box.naive(p) && std::ranges::any_of(values.intervals(), within);
             }};
    }
  }
  return box;
}

}  // namespace segproof::test
