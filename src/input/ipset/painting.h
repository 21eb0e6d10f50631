// SPDX-License-Identifier: Apache-2.0
// From elements of which the most specific one decides to the plain set of addresses that match.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "input/ipset/element.h"
#include "packet/interval_set.h"

namespace segproof::ipset {

struct Layer {
  AddressPart first;
  AddressPart second;
  bool hit = true;  // false: an exception, which matches nothing
};

// Pairs of addresses; rectangles of one list do not overlap in `first` unless their `second` are equal.
struct Rectangle {
  IntervalSet first;
  IntervalSet second;
  friend auto operator<=>(const Rectangle&, const Rectangle&) = default;
};

// The pairs for which the deciding layer is a hit. Of the layers that hold a pair, the one with the longest `first`
// decides, and among those the one with the longest `second`; parts of different lengths are nested or disjoint. Where
// every layer is a hit, parts may overlap as they like. Nothing when exceptions make the work too large. The result
// is canonical: equal functions with equal `second` sets are one rectangle, in order.
[[nodiscard]] std::optional<std::vector<Rectangle>> paint(std::vector<Layer> layers);

// A part of the first dimension where one group of layers decides alone.
struct Region {
  IntervalSet addresses;
  std::size_t group = 0;
};
// The addresses at which each part is the most specific of all, by the index of the part. Equal parts are one group
// with the index of the first of them.
[[nodiscard]] std::vector<Region> regions_of(std::span<const AddressPart> parts);

}  // namespace segproof::ipset
