// SPDX-License-Identifier: Apache-2.0
// The levels of a diagram: every field cut into digits, top first. A level is one digit.
// Address digits end on octets (docs/decisions/0001): IPv4 16,8,8 bits, IPv6 16,16,16,8,8,16,16,16,16.
#pragma once

#include <array>
#include <cstdint>

#include "packet/field.h"

namespace segproof {

struct Level {
  Field field{};
  unsigned shift = 0;     // of the digit within the field
  unsigned width = 0;     // of the digit, in bits
  std::uint32_t max = 0;  // the largest digit; all ones except in enumerated fields
};

class LevelPlan {
 public:
  static constexpr unsigned max_levels = 30;

  explicit LevelPlan(Family family);

  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] unsigned size() const { return size_; }
  [[nodiscard]] const Level& operator[](unsigned level) const { return levels_[level]; }
  [[nodiscard]] unsigned first(Field field) const { return first_[static_cast<std::size_t>(field)]; }
  [[nodiscard]] unsigned last(Field field) const { return last_[static_cast<std::size_t>(field)]; }

 private:
  Family family_;
  unsigned size_ = 0;
  std::array<Level, max_levels> levels_{};
  std::array<unsigned, field_count> first_{};
  std::array<unsigned, field_count> last_{};
};

}  // namespace segproof
