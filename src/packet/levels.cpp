// SPDX-License-Identifier: Apache-2.0
#include "packet/levels.h"

#include <span>

namespace segproof {
namespace {

constexpr std::array<unsigned, 3> ipv4_digits{16, 8, 8};
constexpr std::array<unsigned, 9> ipv6_digits{16, 16, 16, 8, 8, 16, 16, 16, 16};
constexpr std::array<unsigned, 1> wide_digit{16};
constexpr std::array<unsigned, 1> narrow_digit{8};

std::span<const unsigned> digits_of(unsigned width) {
  if (width == 128)
    return ipv6_digits;
  if (width == 32)
    return ipv4_digits;
  return width == 16 ? std::span<const unsigned>(wide_digit) : std::span<const unsigned>(narrow_digit);
}

}  // namespace

LevelPlan::LevelPlan(Family family) : family_(family) {
  for (std::size_t index = 0; index < field_count; ++index) {
    const auto field = static_cast<Field>(index);
    unsigned rest = field_width(field, family);
    const Bits max = field_max(field, family);
    first_[index] = size_;
    for (const unsigned width : digits_of(rest)) {
      rest -= width;
      levels_[size_++] = {field, rest, width, static_cast<std::uint32_t>(max >> rest & low_ones(width))};
    }
    last_[index] = size_ - 1;
  }
}

}  // namespace segproof
