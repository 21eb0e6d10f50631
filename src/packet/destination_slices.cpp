// SPDX-License-Identifier: Apache-2.0
#include "packet/destination_slices.h"

#include <algorithm>

namespace segproof {
namespace {

constexpr std::size_t rules_of_a_slice = 2048;
constexpr std::size_t most_slices = 64;

}  // namespace

std::vector<Interval> destination_slices(Family family, std::span<const Interval> destinations) {
  const Bits max = field_max(Field::destination, family);
  const std::size_t wanted = std::min(destinations.size() / rules_of_a_slice, most_slices);
  if (wanted < 2) {
    return {{0, max}};
  }
  // Between networks: a cut inside of one would draw it twice.
  const Bits network = low_ones(family == Family::ipv4 ? 8 : 64);
  std::vector<Bits> lows;
  lows.reserve(destinations.size());
  for (const Interval& interval : destinations) {
    lows.push_back(interval.low & ~network);
  }
  std::sort(lows.begin(), lows.end());
  std::vector<Interval> slices;
  Bits low = 0;
  for (std::size_t i = 1; i < wanted; ++i) {
    const Bits cut = lows[i * lows.size() / wanted];
    if (cut > low) {
      slices.push_back({low, cut - 1});
      low = cut;
    }
  }
  slices.push_back({low, max});
  // How often rules would be drawn.
  std::size_t drawn = 0;
  for (const Interval& interval : destinations) {
    const auto first = std::partition_point(slices.begin(), slices.end(),
                                            [&](const Interval& slice) { return slice.high < interval.low; });
    const auto last =
        std::partition_point(first, slices.end(), [&](const Interval& slice) { return slice.low <= interval.high; });
    drawn += static_cast<std::size_t>(last - first);
  }
  return drawn > 3 * destinations.size() ? std::vector<Interval>{{0, max}} : slices;
}

}  // namespace segproof
