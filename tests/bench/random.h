// SPDX-License-Identifier: Apache-2.0
// Seeded choices for workload generators: the same on every machine, unlike the standard distributions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace segproof::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }
  [[nodiscard]] bool per_mille(unsigned chance) { return below(1000) < chance; }
  // Mostly small: a few things are used again and again.
  [[nodiscard]] std::size_t skewed(std::size_t bound) {
    const double x = static_cast<double>(engine_() >> 11U) * 0x1p-53;
    return static_cast<std::size_t>(static_cast<double>(bound) * x * x);
  }
  template <class T>
  [[nodiscard]] const T& one_of(std::span<const T> choices) {
    return choices[below(static_cast<std::uint32_t>(choices.size()))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace segproof::bench
