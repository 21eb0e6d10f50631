// SPDX-License-Identifier: Apache-2.0
// What a walk has done to a packet so far, beside deciding about it: marks and tracking. Effects are functions of the
// packet as it entered the stage, so the guards of a walk can all be sets over that packet.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace segproof::reach {

struct Effect {
  // Index of the old mark -> index of the new one; empty: unchanged. Unsure: any value.
  std::vector<std::uint16_t> mark;
  std::vector<std::uint16_t> connection_mark;
  bool mark_unsure = false;
  bool connection_mark_unsure = false;
  bool untracked = false;
  bool helped = false;  // a protocol helper was attached

  friend auto operator<=>(const Effect&, const Effect&) = default;
  [[nodiscard]] bool is_none() const { return *this == Effect{}; }
  [[nodiscard]] bool changes_marks() const {
    return !mark.empty() || !connection_mark.empty() || mark_unsure || connection_mark_unsure;
  }
};

// First `first`, then `second`.
[[nodiscard]] Effect operator*(const Effect& first, const Effect& second);

}  // namespace segproof::reach
