// SPDX-License-Identifier: Apache-2.0
// Unsigned 128-bit numbers: wide enough for every field of a packet.
#pragma once

#include <cstdint>

namespace segproof {

__extension__ typedef unsigned __int128 Bits;

// The number whose lowest `width` bits are ones. Precondition: width <= 128.
[[nodiscard]] constexpr Bits low_ones(unsigned width) {
  return width == 0 ? Bits{0} : ~Bits{0} >> (128U - width);
}

}  // namespace segproof
