// SPDX-License-Identifier: Apache-2.0
// Painting against the definition: for every pair of values, the layer with the longest first and then second decides.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "input/ipset/painting.h"

namespace segproof::test {
namespace {

using ipset::AddressPart;
using ipset::Layer;

// Prefixes of a universe of 4 bits.
AddressPart prefix(unsigned value, unsigned length) {
  const Bits free = low_ones(4 - length);
  const Bits low = Bits{value} & low_ones(4) & ~free;
  return {{low, low | free}, length};
}

bool holds(const AddressPart& part, Bits value) {
  return part.addresses.low <= value && value <= part.addresses.high;
}

bool by_definition(const std::vector<Layer>& layers, Bits first, Bits second) {
  const Layer* best = nullptr;
  for (const Layer& layer : layers) {
    const bool here = holds(layer.first, first) && holds(layer.second, second);
    const auto rank = [](const Layer& l) { return std::tuple(l.first.length, l.second.length); };
    if (here && (best == nullptr || rank(layer) > rank(*best))) {
      best = &layer;
    }
  }
  return best != nullptr && best->hit;
}

}  // namespace

TEST_CASE("painting agrees with its definition") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < 3000; ++round) {
    std::vector<Layer> layers;
    const bool exceptions = below(4) != 0;
    const bool plane = below(2) != 0;
    for (unsigned i = below(10); i > 0; --i) {
      const Layer layer{prefix(below(16), below(5)), plane ? prefix(below(16), below(5)) : prefix(0, 0),
                        !exceptions || below(2) == 0};
      const bool known = std::any_of(layers.begin(), layers.end(), [&](const Layer& other) {
        return other.first == layer.first && other.second == layer.second;
      });
      if (!known) {
        layers.push_back(layer);
      }
    }
    const auto painted = ipset::paint(layers);
    REQUIRE(painted.has_value());
    for (Bits first = 0; first < 16; ++first) {
      for (Bits second = 0; second < 16; ++second) {
        bool found = false;
        for (const ipset::Rectangle& rectangle : *painted) {
          found = found || (rectangle.first.contains(first) && rectangle.second.contains(second));
        }
        REQUIRE(found == by_definition(layers, first, second));
      }
    }
  }
}

TEST_CASE("regions are cut by the most specific part") {
  const std::vector<AddressPart> parts{prefix(0, 0), prefix(4, 2), prefix(5, 4), prefix(4, 2)};
  const auto regions = ipset::regions_of(parts);
  REQUIRE(regions.size() == 3);
  CHECK(regions[0].addresses == IntervalSet{{0, 3}, {8, 15}});
  CHECK(regions[0].group == 0);
  CHECK(regions[1].addresses == IntervalSet{{4, 4}, {6, 7}});
  CHECK(regions[1].group == 1);
  CHECK(regions[2].addresses == IntervalSet{{5, 5}});
  CHECK(regions[2].group == 2);
}

}  // namespace segproof::test
