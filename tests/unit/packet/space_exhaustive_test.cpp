// SPDX-License-Identifier: Apache-2.0
// Every set of a tiny world: `translated` (4 values) and `fragment` (2) make 8 packets and 256 sets. A set is a byte
// here.
#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "packet/priority.h"
#include "packet/rows.h"

namespace segproof {
namespace {

constexpr unsigned worlds = 256;
constexpr unsigned packet_count = 8;  // packet = translated * 2 + fragment

PacketSet make(Space& space, unsigned byte) {
  PacketSet set = space.none();
  for (unsigned p = 0; p < packet_count; ++p) {
    if ((byte >> p & 1U) != 0)
      set |= space.where(Field::translated, p >> 1U) & space.where(Field::fragment, p & 1U);
  }
  return set;
}

unsigned read(PacketSet set) {
  unsigned byte = 0;
  for (unsigned p = 0; p < packet_count; ++p) {
    Packet packet{set.space().family(), {}};
    packet[Field::translated] = p >> 1U;
    packet[Field::fragment] = p & 1U;
    byte |= set.contains(packet) ? 1U << p : 0U;
  }
  return byte;
}

// Each packet of the byte goes where `step` says.
template <class Step>
unsigned mapped(unsigned byte, const Step& step) {
  unsigned result = 0;
  for (unsigned p = 0; p < packet_count; ++p) {
    if ((byte >> p & 1U) != 0)
      result |= step(p);
  }
  return result;
}

TEST_CASE("all pairs of all sets of a tiny world") {
  Space space(Family::ipv6);
  std::vector<PacketSet> sets;
  for (unsigned a = 0; a < worlds; ++a)
    sets.push_back(make(space, a));
  for (unsigned a = 0; a < worlds; ++a) {
    CHECK(read(sets[a]) == a);
    CHECK(sets[a].complement() == sets[a ^ 255U]);
    for (unsigned b = 0; b < worlds; ++b) {
      const bool agree = (sets[a] | sets[b]) == sets[a | b] && (sets[a] & sets[b]) == sets[a & b] &&
                         (sets[a] - sets[b]) == sets[a & ~b] && sets[a].subset_of(sets[b]) == ((a & ~b) == 0) &&
                         sets[a].intersects(sets[b]) == ((a & b) != 0) && (sets[a] == sets[b]) == (a == b);
      CAPTURE(a);
      CAPTURE(b);
      CHECK(agree);
    }
  }
}

TEST_CASE("all rewritings of all sets of a tiny world") {
  Space space(Family::ipv4);
  for (unsigned a = 0; a < worlds; ++a) {
    const PacketSet set = make(space, a);
    CAPTURE(a);
    CHECK(read(set.forget(Field::fragment)) == mapped(a, [](unsigned p) { return 3U << (p & ~1U); }));
    CHECK(read(set.forget(Field::translated)) == mapped(a, [](unsigned p) { return 0x55U << (p & 1U); }));
    unsigned fragments = 0;
    unsigned translations = 0;
    for (unsigned v = 0; v < 4; ++v) {
      translations |= set.values(Field::translated).contains(v) ? 1U << v : 0U;
      fragments |= set.values(Field::fragment).contains(v) ? 1U << v : 0U;
      CHECK(read(set.cofactor(Field::translated, v)) ==
            mapped(a, [&](unsigned p) { return p >> 1U == v ? 0x55U << (p & 1U) : 0U; }));
    }
    CHECK(translations == mapped(a, [](unsigned p) { return 1U << (p >> 1U); }));
    CHECK(fragments == mapped(a, [](unsigned p) { return 1U << (p & 1U); }));
    for (unsigned mask = 0; mask < 4; ++mask) {
      for (unsigned value = 0; value < 4; ++value) {
        const auto step = [&](unsigned p) { return 1U << ((((p >> 1U) & ~mask) | (value & mask)) << 1U | (p & 1U)); };
        CHECK(read(set.assign_bits(Field::translated, value, mask)) == mapped(a, step));
      }
    }
    // All tables that rename the first three values.
    for (unsigned code = 0; code < 64; ++code) {
      const std::array<std::uint16_t, 3> table{static_cast<std::uint16_t>(code & 3U),
                                               static_cast<std::uint16_t>(code >> 2U & 3U),
                                               static_cast<std::uint16_t>(code >> 4U)};
      const auto step = [&](unsigned p) {
        const unsigned old = p >> 1U;
        return 1U << ((old < 3 ? table[old] : old) << 1U | (p & 1U));
      };
      CHECK(read(set.relabel(Field::translated, table)) == mapped(a, step));
    }
  }
}

TEST_CASE("all covers of all pairs of sets of a tiny world") {
  Space space(Family::ipv4);
  for (unsigned must = 0; must < worlds; ++must) {
    const PacketSet low = make(space, must);
    for (unsigned may = must; may < worlds; may = (may + 1) | must) {
      const PacketSet high = make(space, may);
      const auto rows = cover(low, high);
      REQUIRE(rows);
      const unsigned covered = read(to_set(space, *rows));
      CHECK((must & ~covered) == 0);
      CHECK((covered & ~may) == 0);
      CHECK(rows->size() <= 4);
    }
  }
}

TEST_CASE("all lists of three rules of a tiny world") {
  // Rules are the boxes: every set of translations times every set of fragments.
  const auto values = [](unsigned bits) {
    std::vector<Interval> list;
    for (unsigned v = 0; v < 4; ++v) {
      if ((bits >> v & 1U) != 0)
        list.push_back({v, v});
    }
    return IntervalSet::of(std::move(list));
  };
  std::vector<IntervalSet> translations;
  for (unsigned bits = 0; bits < 16; ++bits)
    translations.push_back(values(bits));
  const std::array<IntervalSet, 3> fragments{values(1), values(2), values(3)};
  for (unsigned code = 0; code < 48 * 48; ++code) {
    const std::array<unsigned, 2> rules{code % 48, code / 48};
    PriorityMap map(Family::ipv4, 3);
    for (PriorityMap::Priority p = 0; p < 2; ++p) {
      Box box;
      map.add(box.where(Field::translated, translations[rules[p] / 3]).where(Field::fragment, fragments[rules[p] % 3]),
              p);
    }
    Box last;
    map.add(last.where(Field::fragment, fragments[0]), 2);
    for (unsigned packet = 0; packet < packet_count; ++packet) {
      PriorityMap::Priority expected = (packet & 1U) == 0 ? 2 : PriorityMap::unmatched;
      for (PriorityMap::Priority p = 2; p-- > 0;) {
        const bool hit = (rules[p] / 3 >> (packet >> 1U) & 1U) != 0 && ((rules[p] % 3 + 1) >> (packet & 1U) & 1U) != 0;
        if (hit)
          expected = p;
      }
      Packet concrete;
      concrete[Field::translated] = packet >> 1U;
      concrete[Field::fragment] = packet & 1U;
      CHECK(map.at(concrete) == expected);
    }
  }
}

}  // namespace
}  // namespace segproof
