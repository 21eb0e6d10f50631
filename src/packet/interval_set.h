// SPDX-License-Identifier: Apache-2.0
// A set of numbers as sorted, disjoint, non-adjacent intervals: the canonical form, so equal sets compare equal.
// It knows no universe; complement takes the largest value.
#pragma once

#include <compare>
#include <initializer_list>
#include <span>
#include <vector>

#include "packet/bits.h"

namespace segproof {

struct Interval {
  Bits low = 0;
  Bits high = 0;  // inclusive; low <= high
  friend constexpr auto operator<=>(const Interval&, const Interval&) = default;
};

class IntervalSet {
 public:
  IntervalSet() = default;
  IntervalSet(std::initializer_list<Interval> intervals);
  // In any order, overlapping or not. O(n log n).
  [[nodiscard]] static IntervalSet of(std::vector<Interval> intervals);
  [[nodiscard]] static IntervalSet single(Bits value) { return IntervalSet{{value, value}}; }
  [[nodiscard]] static IntervalSet range(Bits low, Bits high) { return IntervalSet{{low, high}}; }

  [[nodiscard]] std::span<const Interval> intervals() const& { return intervals_; }
  std::span<const Interval> intervals() const&& = delete;  // would dangle in a range-for
  [[nodiscard]] bool is_empty() const { return intervals_.empty(); }
  [[nodiscard]] bool contains(Bits value) const;  // O(log n)
  [[nodiscard]] bool contains(const IntervalSet& other) const;
  [[nodiscard]] bool intersects(const IntervalSet& other) const;
  // The number of values; saturates at the largest Bits (the full 128-bit universe has one more).
  [[nodiscard]] Bits size() const;
  [[nodiscard]] Bits min() const;  // precondition: not empty

  [[nodiscard]] IntervalSet complement(Bits max) const;
  friend IntervalSet operator|(const IntervalSet& a, const IntervalSet& b);
  friend IntervalSet operator&(const IntervalSet& a, const IntervalSet& b);
  friend IntervalSet operator-(const IntervalSet& a, const IntervalSet& b);
  friend bool operator==(const IntervalSet&, const IntervalSet&) = default;
  friend auto operator<=>(const IntervalSet&, const IntervalSet&) = default;

 private:
  std::vector<Interval> intervals_;
};

}  // namespace segproof
