// SPDX-License-Identifier: Apache-2.0
// The diagrams against the naive sets, packet by packet.
#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "unit/packet/naive_set.h"

namespace segproof {
namespace {

using test::Random;

// A packet of the set that random wishes lead to.
Packet random_member(Random& random, PacketSet set) {
  std::vector<PacketSet::Preference> wishes;
  for (int i = 0; i < 4; ++i) {
    const auto field = static_cast<Field>(test::below(random, field_count));
    const Bits value = test::random_value(random, field, set.space().family());
    wishes.push_back({field, {{value, value}, {value, ~Bits{0}}}});
  }
  const auto packet = set.pick(wishes);
  REQUIRE(packet.has_value());
  return *packet;
}

// Packets inside, outside, and one field away from those.
std::vector<Packet> samples(Random& random, PacketSet set) {
  std::vector<Packet> packets;
  for (int i = 0; i < 8; ++i)
    packets.push_back(test::random_packet(random, set.space().family()));
  for (const PacketSet& side : {set, set.complement()}) {
    for (int i = 0; i < 4 && !side.is_empty(); ++i) {
      Packet packet = random_member(random, side);
      packets.push_back(packet);
      const auto field = static_cast<Field>(test::below(random, field_count));
      const Bits max = field_max(field, packet.family);
      if (packet[field] < max)
        ++packet[field];
      packets.push_back(packet);
      packet[field] = packet[field] >= 2 ? packet[field] - 2 : 0;
      packets.push_back(packet);
    }
  }
  return packets;
}

TEST_CASE("membership agrees with the naive sets") {
  Random random(test::seed());
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    int inside = 0;
    int outside = 0;
    for (int i = 0; i < 1000; ++i) {
      const test::Twin twin = test::random_set(random, space, 4);
      for (const Packet& packet : samples(random, twin.set)) {
        const bool expected = twin.naive(packet);
        CAPTURE(to_string(packet));
        CHECK(twin.set.contains(packet) == expected);
        ++(expected ? inside : outside);
      }
    }
    CHECK(inside > 3000);
    CHECK(outside > 3000);
  }
}

TEST_CASE("forget agrees with the naive meaning") {
  Random random(test::seed() + 1);
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    for (int i = 0; i < 300; ++i) {
      const test::Twin twin = test::random_set(random, space);
      const auto field = static_cast<Field>(test::below(random, field_count));
      const PacketSet result = twin.set.forget(field);
      for (Packet packet : samples(random, twin.set)) {
        if (twin.naive(packet)) {
          packet[field] = test::random_value(random, field, family);
          CHECK(result.contains(packet));
        }
      }
      if (result.is_empty())
        continue;
      for (int k = 0; k < 5; ++k) {  // every packet of the result comes from one of the set
        Packet packet = random_member(random, result);
        const auto origin = (space.only(packet).forget(field) & twin.set).pick();
        REQUIRE(origin);
        CHECK(twin.naive(*origin));
        packet[field] = (*origin)[field];
        CHECK(packet == *origin);
      }
    }
  }
}

TEST_CASE("assign_bits agrees with the naive meaning") {
  Random random(test::seed() + 2);
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    for (int i = 0; i < 300; ++i) {
      const test::Twin twin = test::random_set(random, space);
      constexpr std::array<Field, 6> fields{Field::destination, Field::source, Field::source_port,
                                            Field::translated,  Field::mark,   Field::tcp_flags};
      const Field field = fields[test::below(random, fields.size())];
      const Bits max = field_max(field, family);
      const unsigned width = field_width(field, family);
      const Bits value = test::random_value(random, field, family);
      // Mostly prefix masks, but not only.
      const Bits mask = test::below(random, 4) == 0
                            ? test::random_value(random, field, family) & 0xffff
                            : max & ~low_ones(static_cast<unsigned>(test::below(random, width + 1)));
      const PacketSet result = twin.set.assign_bits(field, value, mask);
      const auto rewritten = [&](Packet packet) {
        packet[field] = (packet[field] & ~mask) | (value & mask);
        return packet;
      };
      for (const Packet& packet : samples(random, twin.set)) {
        if (twin.naive(packet))
          CHECK(result.contains(rewritten(packet)));
      }
      CHECK(result.is_empty() == twin.set.is_empty());
      if (result.is_empty())
        continue;
      for (int k = 0; k < 5; ++k) {
        const Packet packet = random_member(random, result);
        const PacketSet origins =
            space.only(packet).forget(field) & twin.set & space.where_masked(field, packet[field], ~mask);
        const auto origin = origins.pick();
        REQUIRE(origin);
        CHECK(rewritten(*origin) == packet);
        CHECK(twin.naive(*origin));
      }
      CHECK(result.assign_bits(field, value, mask) == result);
      CHECK(twin.set.assign_bits(field, value, max) == twin.set.assign(field, IntervalSet::single(value)));
      CHECK(twin.set.assign_bits(field, value, 0) == twin.set);
    }
  }
}

TEST_CASE("relabel agrees with the naive meaning") {
  Random random(test::seed() + 3);
  INFO("seed ", test::seed());
  Space space(Family::ipv4);
  for (int i = 0; i < 300; ++i) {
    const test::Twin twin = test::random_set(random, space);
    constexpr std::array<Field, 5> fields{Field::ingress, Field::mark, Field::connection_mark, Field::state,
                                          Field::origin};
    const Field field = fields[test::below(random, fields.size())];
    const auto max = static_cast<std::uint64_t>(field_max(field, Family::ipv4));
    std::vector<std::uint16_t> table(
        test::below(random, 20) == 0 ? max + 1 : test::below(random, std::min<std::uint64_t>(max + 1, 100)));
    for (std::uint16_t& target : table)
      target = static_cast<std::uint16_t>(test::below(random, std::min<std::uint64_t>(max + 1, 12)));
    const PacketSet result = twin.set.relabel(field, table);
    const auto target = [&](Bits v) { return v < table.size() ? Bits{table[static_cast<std::size_t>(v)]} : v; };
    for (Packet packet : samples(random, twin.set)) {
      if (!twin.naive(packet))
        continue;
      packet[field] = target(packet[field]);
      CHECK(result.contains(packet));
    }
    CHECK(result.is_empty() == twin.set.is_empty());
    if (result.is_empty())
      continue;
    for (int k = 0; k < 5; ++k) {
      const Packet packet = random_member(random, result);
      std::vector<Interval> sources;
      for (Bits v = 0; v < table.size(); ++v) {
        if (target(v) == packet[field])
          sources.push_back({v, v});
      }
      if (packet[field] >= table.size())
        sources.push_back({packet[field], packet[field]});
      const auto origin =
          (space.only(packet).forget(field) & twin.set & space.where(field, IntervalSet::of(sources))).pick();
      REQUIRE(origin);
      CHECK(twin.naive(*origin));
    }
  }
}

TEST_CASE("swap_endpoints agrees with the naive meaning and undoes itself") {
  Random random(test::seed() + 4);
  INFO("seed ", test::seed());
  const auto swapped = [](Packet packet) {
    std::swap(packet[Field::source], packet[Field::destination]);
    if (has_ports(packet.protocol()))
      std::swap(packet[Field::source_port], packet[Field::destination_port]);
    return packet;
  };
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    for (int i = 0; i < 500; ++i) {
      const test::Twin twin = test::random_set(random, space, 4);
      const PacketSet result = twin.set.swap_endpoints();
      for (const Packet& packet : samples(random, twin.set)) {
        CHECK(result.contains(swapped(packet)) == twin.naive(packet));
        CHECK(result.contains(packet) == twin.naive(swapped(packet)));
      }
      CHECK(result.swap_endpoints() == twin.set);
    }
    CHECK(space.valid().swap_endpoints() == space.valid());
  }
}

TEST_CASE("a wish that begins behind all values of a digit goes on with the next digit of the same edge") {
  Space space(Family::ipv4);
  const PacketSet fives = space.where_masked(Field::destination, 5, 0xffff);
  const std::vector<PacketSet::Preference> wish{{Field::destination, {{0x0a000006, 0x0a01ffff}}}};
  const auto packet = fives.pick(wish);
  REQUIRE(packet);
  CHECK(packet->destination().bits == 0x0a010005);
}

TEST_CASE("pick takes the wishes in order and is the same for equal sets") {
  Random random(test::seed() + 5);
  INFO("seed ", test::seed());
  Space space(Family::ipv4);
  Space other(Family::ipv4);
  CHECK_FALSE(space.none().pick());
  CHECK(space.all().pick() == Packet{});
  for (int i = 0; i < 300; ++i) {
    const test::Twin twin = test::random_set(random, space);
    if (twin.set.is_empty())
      continue;
    std::vector<PacketSet::Preference> wishes;
    for (int k = 0; k < 3; ++k) {
      const auto field = static_cast<Field>(test::below(random, field_count));
      const IntervalSet values = test::random_values(random, field, Family::ipv4);
      wishes.push_back({field, {values.intervals().rbegin(), values.intervals().rend()}});
    }
    const auto packet = twin.set.pick(wishes);
    REQUIRE(packet);
    CHECK(twin.naive(*packet));
    CHECK(other.import(twin.set).pick(wishes) == packet);
    // The definition, by the algebra instead of the guided descent.
    PacketSet rest = twin.set;
    std::array<bool, field_count> decided{};
    for (std::size_t k = 0; k < wishes.size() + field_count; ++k) {
      const bool wished = k < wishes.size();
      const Field field = wished ? wishes[k].field : static_cast<Field>(k - wishes.size());
      if (std::exchange(decided[static_cast<std::size_t>(field)], true))
        continue;
      const IntervalSet possible = rest.values(field);
      Bits expected = possible.min();
      for (const Interval& wish : wished ? wishes[k].wanted : std::vector<Interval>{}) {
        const IntervalSet hit = possible & IntervalSet{wish};
        if (hit.is_empty())
          continue;
        expected = hit.min();
        break;
      }
      CHECK((*packet)[field] == expected);
      rest &= space.where(field, expected);
    }
  }
}

TEST_CASE("valid packets are exactly those that can exist") {
  Random random(test::seed() + 6);
  INFO("seed ", test::seed());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Space space(family);
    for (int i = 0; i < 50000; ++i) {
      Packet packet = test::random_packet(random, family);
      if (test::below(random, 2) == 0)
        packet[Field::source_port] = 0;
      if (test::below(random, 2) == 0)
        packet[Field::destination_port] = 0;
      if (test::below(random, 2) == 0)
        packet[Field::tcp_flags] = 0;
      const std::uint8_t protocol = packet.protocol();
      const bool later = packet[Field::fragment] == 1;
      const bool ports = has_ports(protocol) && !later;
      const bool expected = (ports || packet[Field::source_port] == 0) &&
                            (ports || (is_icmp(protocol) && !later) || packet[Field::destination_port] == 0) &&
                            ((protocol == protocol_number::tcp && !later) || packet[Field::tcp_flags] == 0);
      CHECK(space.valid().contains(packet) == expected);
    }
  }
}

}  // namespace
}  // namespace segproof
