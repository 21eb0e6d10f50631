// SPDX-License-Identifier: Apache-2.0
#include "input/ipset/painting.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace segproof::ipset {
namespace {

// How many intervals may be touched while exceptions are painted.
constexpr std::size_t most_work = 20'000'000;

bool outer_first(const AddressPart& a, const AddressPart& b) {
  // Wider first where two begin together; of equal intervals the less specific length first.
  return std::tuple(a.addresses.low, ~a.addresses.high, a.length) <
         std::tuple(b.addresses.low, ~b.addresses.high, b.length);
}

// Calls visit(index of the innermost part, interval) for the pieces into which nested parts cut the line; `parts` are
// in the order of outer_first. Parts may be equal: the last of them is the innermost.
template <class Visit>
void for_each_piece(std::span<const AddressPart> parts, Visit visit) {
  std::vector<std::size_t> open;
  Bits at = 0;
  const auto close_until = [&](Bits low, bool all) {
    while (!open.empty()) {
      const Bits high = parts[open.back()].addresses.high;
      if (!all && high >= low) {
        break;
      }
      if (at <= high) {
        visit(open.back(), Interval{at, high});
        if (high == ~Bits{0}) {
          open.clear();
          return;
        }
        at = high + 1;
      }
      open.pop_back();
    }
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Bits low = parts[i].addresses.low;
    close_until(low, false);
    if (!open.empty() && at < low) {
      visit(open.back(), Interval{at, low - 1});
    }
    at = low;
    open.push_back(i);
  }
  close_until(0, true);
}

// What one group of layers with the same `first` says of the second dimension.
struct Coat {
  IntervalSet covered;
  IntervalSet hits;
};

Coat coat_of(std::span<const Layer> layers) {
  std::vector<Interval> covered;
  covered.reserve(layers.size());
  for (const Layer& layer : layers) {
    covered.push_back(layer.second.addresses);
  }
  Coat coat{IntervalSet::of(std::move(covered)), {}};
  if (std::ranges::all_of(layers, &Layer::hit)) {
    coat.hits = coat.covered;
    return coat;
  }
  std::vector<Layer> sorted(layers.begin(), layers.end());
  std::ranges::stable_sort(sorted, outer_first, &Layer::second);
  std::vector<AddressPart> parts;
  parts.reserve(sorted.size());
  std::ranges::transform(sorted, std::back_inserter(parts), &Layer::second);
  std::vector<Interval> hits;
  for_each_piece(parts, [&](std::size_t innermost, const Interval& piece) {
    if (sorted[innermost].hit) {
      hits.push_back(piece);
    }
  });
  coat.hits = IntervalSet::of(std::move(hits));
  return coat;
}

using BySecond = std::map<IntervalSet, std::vector<Interval>>;

std::vector<Rectangle> rectangles_of(BySecond by_second) {
  std::vector<Rectangle> result;
  for (auto& [second, first] : by_second) {
    if (!second.is_empty()) {
      result.push_back({IntervalSet::of(std::move(first)), second});
    }
  }
  return result;
}

// Layers in runs with the same `first`; calls visit(first layer, run).
template <class Visit>
void for_each_run(std::span<const Layer> layers, Visit visit) {
  while (!layers.empty()) {
    std::size_t end = 1;
    while (end < layers.size() && layers[end].first == layers.front().first) {
      ++end;
    }
    visit(layers.first(end));
    layers = layers.subspan(end);
  }
}

// All layers are hits: overlapping firsts simply add up.
std::vector<Rectangle> add_up(std::span<const Layer> layers) {
  BySecond by_second;
  for_each_run(
      layers, [&](std::span<const Layer> run) { by_second[coat_of(run).hits].push_back(run.front().first.addresses); });
  return rectangles_of(std::move(by_second));
}

}  // namespace

std::optional<std::vector<Rectangle>> paint(std::vector<Layer> layers) {
  std::ranges::stable_sort(layers, outer_first, &Layer::first);
  if (std::ranges::all_of(layers, &Layer::hit)) {
    return add_up(layers);
  }
  std::vector<AddressPart> parts;
  std::vector<Coat> coats;
  for_each_run(layers, [&](std::span<const Layer> run) {
    parts.push_back(run.front().first);
    coats.push_back(coat_of(run));
  });
  // The coats of all parts around a part lie below its own: what is seen through them, from the outside in.
  std::vector<IntervalSet> seen(parts.size());
  std::vector<std::size_t> open;
  std::size_t work = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    while (!open.empty() && parts[open.back()].addresses.high < parts[i].addresses.low) {
      open.pop_back();
    }
    seen[i] = open.empty() ? coats[i].hits : (seen[open.back()] - coats[i].covered) | coats[i].hits;
    work += seen[i].intervals().size() + 1;
    if (work > most_work) {
      return std::nullopt;
    }
    open.push_back(i);
  }
  BySecond by_second;
  for_each_piece(parts,
                 [&](std::size_t innermost, const Interval& piece) { by_second[seen[innermost]].push_back(piece); });
  return rectangles_of(std::move(by_second));
}

std::vector<Region> regions_of(std::span<const AddressPart> parts) {
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return outer_first(parts[a], parts[b]); });
  std::vector<AddressPart> sorted;
  std::vector<std::size_t> group_of;
  for (const std::size_t index : order) {
    const bool same = !sorted.empty() && sorted.back() == parts[index];
    const std::size_t group = same ? group_of.back() : index;
    sorted.push_back(parts[index]);
    group_of.push_back(group);
  }
  std::map<std::size_t, std::vector<Interval>> pieces;
  for_each_piece(sorted,
                 [&](std::size_t innermost, const Interval& piece) { pieces[group_of[innermost]].push_back(piece); });
  std::vector<Region> regions;
  for (auto& [group, intervals] : pieces) {
    regions.push_back({IntervalSet::of(std::move(intervals)), group});
  }
  return regions;
}

}  // namespace segproof::ipset
