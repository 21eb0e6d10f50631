// SPDX-License-Identifier: Apache-2.0
// The keys under which operations keep their results in an OperationCache. One cache serves one store.
#pragma once

#include <cstdint>

#include "packet/field.h"

namespace segproof::operation_code {

// Of sets.
inline constexpr std::uint32_t unite = 1, intersect = 2, subtract = 3, overlaps = 4, exceeds = 5, support = 6;
// Of priorities.
inline constexpr std::uint32_t smaller = 7, larger = 8;
// One for each set of fields.
[[nodiscard]] constexpr std::uint32_t forget(FieldSet fields) {
  return 1U << field_count | fields.bits();
}

}  // namespace segproof::operation_code
