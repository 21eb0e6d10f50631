// SPDX-License-Identifier: Apache-2.0
// Chance that every compiler and library draws alike: one number from a generator of the standard at a time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "packet/interval_set.h"

namespace segproof::confirm {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // 0 .. count-1; precondition: count > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t count) { return engine_() % count; }
  [[nodiscard]] std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  [[nodiscard]] bool percent(unsigned chance) { return below(100) < chance; }

  template <class T>
  [[nodiscard]] const T& pick(const std::vector<T>& values) {
    return values[below(values.size())];
  }
  template <class T>
  [[nodiscard]] T pick(std::initializer_list<T> values) {
    return *(values.begin() + static_cast<std::ptrdiff_t>(below(values.size())));
  }
  [[nodiscard]] std::string word(std::initializer_list<const char*> values) { return pick(values); }

  // A value on or beside a bound of the interval, or anywhere in it.
  [[nodiscard]] Bits near(const Interval& interval, Bits max) {
    switch (below(10)) {
      case 0:
      case 1:
        return interval.low;
      case 2:
      case 3:
        return interval.high;
      case 4:
        return interval.low == 0 ? interval.low : interval.low - 1;
      case 5:
        return interval.high >= max ? interval.high : interval.high + 1;
      default:
        return inside(interval);
    }
  }
  [[nodiscard]] Bits inside(const Interval& interval) {
    const Bits width = interval.high - interval.low;
    if (width == 0)
      return interval.low;
    const Bits draw = Bits{engine_()} << 64U | engine_();
    return interval.low + (width + 1 == 0 ? draw : draw % (width + 1));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace segproof::confirm
