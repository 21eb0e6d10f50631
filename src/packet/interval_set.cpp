// SPDX-License-Identifier: Apache-2.0
#include "packet/interval_set.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace segproof {
namespace {

// Appends to a sorted list, merging what overlaps or touches. Precondition: next.low >= the low of the last one.
void append(std::vector<Interval>& list, const Interval& next) {
  if (!list.empty() && (list.back().high == ~Bits{0} || next.low <= list.back().high + 1)) {
    list.back().high = std::max(list.back().high, next.high);
  } else {
    list.push_back(next);
  }
}

}  // namespace

IntervalSet::IntervalSet(std::initializer_list<Interval> intervals)
    : IntervalSet(of(std::vector<Interval>(intervals))) {}

IntervalSet IntervalSet::of(std::vector<Interval> intervals) {
  for (const Interval& interval : intervals)
    SEGPROOF_ASSERT(interval.low <= interval.high);
  std::ranges::sort(intervals);
  IntervalSet result;
  result.intervals_.reserve(intervals.size());
  for (const Interval& interval : intervals)
    append(result.intervals_, interval);
  return result;
}

bool IntervalSet::contains(Bits value) const {
  if (intervals_.size() == 1)  // most sets of rules
    return intervals_.front().low <= value && value <= intervals_.front().high;
  const auto after = std::ranges::upper_bound(intervals_, value, {}, &Interval::low);
  return after != intervals_.begin() && std::prev(after)->high >= value;
}

bool IntervalSet::contains(const IntervalSet& other) const {
  auto mine = intervals_.begin();
  for (const Interval& theirs : other.intervals_) {
    while (mine != intervals_.end() && mine->high < theirs.low)
      ++mine;
    if (mine == intervals_.end() || mine->low > theirs.low || mine->high < theirs.high)
      return false;
  }
  return true;
}

bool IntervalSet::intersects(const IntervalSet& other) const {
  auto a = intervals_.begin();
  auto b = other.intervals_.begin();
  while (a != intervals_.end() && b != other.intervals_.end()) {
    if (a->high < b->low) {
      ++a;
    } else if (b->high < a->low) {
      ++b;
    } else {
      return true;
    }
  }
  return false;
}

Bits IntervalSet::size() const {
  Bits sum = 0;
  for (const Interval& interval : intervals_) {
    const Bits steps = interval.high - interval.low;
    if (steps >= ~Bits{0} - sum)
      return ~Bits{0};
    sum += steps + 1;
  }
  return sum;
}

Bits IntervalSet::min() const {
  SEGPROOF_ASSERT(!intervals_.empty());
  return intervals_.front().low;
}

IntervalSet IntervalSet::complement(Bits max) const {
  IntervalSet result;
  Bits next = 0;
  for (const Interval& interval : intervals_) {
    if (interval.low > max)
      break;
    if (interval.low > next)
      result.intervals_.push_back({next, interval.low - 1});
    if (interval.high >= max)
      return result;
    next = interval.high + 1;
  }
  result.intervals_.push_back({next, max});
  return result;
}

IntervalSet operator|(const IntervalSet& a, const IntervalSet& b) {
  IntervalSet result;
  result.intervals_.reserve(a.intervals_.size() + b.intervals_.size());
  auto i = a.intervals_.begin();
  auto j = b.intervals_.begin();
  while (i != a.intervals_.end() || j != b.intervals_.end()) {
    const bool left = j == b.intervals_.end() || (i != a.intervals_.end() && i->low <= j->low);
    append(result.intervals_, left ? *i++ : *j++);
  }
  return result;
}

IntervalSet operator&(const IntervalSet& a, const IntervalSet& b) {
  IntervalSet result;
  auto i = a.intervals_.begin();
  auto j = b.intervals_.begin();
  while (i != a.intervals_.end() && j != b.intervals_.end()) {
    const Bits low = std::max(i->low, j->low);
    const Bits high = std::min(i->high, j->high);
    if (low <= high)
      append(result.intervals_, {low, high});
    if (i->high < j->high) {
      ++i;
    } else {
      ++j;
    }
  }
  return result;
}

IntervalSet operator-(const IntervalSet& a, const IntervalSet& b) {
  return a & b.complement(~Bits{0});
}

}  // namespace segproof
