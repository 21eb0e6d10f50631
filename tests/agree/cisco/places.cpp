// SPDX-License-Identifier: Apache-2.0
#include "agree/cisco/places.h"

#include <algorithm>

namespace segproof::agree {

std::optional<std::vector<Range>> runs(const Places& places) {
  if (places.unclear)
    return std::nullopt;
  if (places.any)
    return std::vector<Range>{{0, 0xffffffffU}};
  std::vector<Range> all = places.ranges;
  for (const Masked& mask : places.masks) {
    if (((~mask.care) & (~mask.care + 1)) != 0)
      return std::nullopt;
    all.push_back({mask.value, mask.value | ~mask.care});
  }
  std::ranges::sort(all, {}, &Range::low);
  std::vector<Range> merged;
  for (const Range& range : all) {
    if (!merged.empty() && range.low <= merged.back().high) {
      merged.back().high = std::max(merged.back().high, range.high);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::uint64_t size_of(const Places& places) {
  std::uint64_t size = 0;
  for (const Range& range : runs(places).value_or(std::vector<Range>{{0, 0xffffffffU}}))
    size += std::uint64_t{range.high} - range.low + 1;
  return size;
}

Places only(std::uint32_t address) {
  Places places;
  places.ranges = {{address, address}};
  return places;
}
Places everywhere() {
  Places places;
  places.any = true;
  return places;
}

std::optional<std::uint32_t> mapped(const Places& from, const Places& to, std::uint32_t address) {
  if (from.any && to.any)
    return address;
  const auto left = runs(from);
  const auto right = runs(to);
  if (!left || !right || right->size() != 1)
    return std::nullopt;
  if (right->front().low == right->front().high)
    return right->front().low;
  if (left->size() != 1 || size_of(from) != size_of(to))
    return std::nullopt;
  return right->front().low + (address - left->front().low);
}

}  // namespace segproof::agree
