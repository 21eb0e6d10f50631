// SPDX-License-Identifier: Apache-2.0
// Certificates with one thing changed, as somebody would who wants one for a claim that does not hold.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check/core/network.h"

namespace segproof::test {

enum class Change : std::uint8_t {
  row_dropped,
  row_widened,
  row_narrowed,
  port_shifted,
  role_changed,
  node_renamed,
  places_swapped,
  interface_changed,
  fallen_removed,
  sender_removed,
  state_emptied,
  part_dropped,
  family_changed,
  claim_exchanged,
  hash_changed,
};
inline constexpr std::size_t change_count = 15;
[[nodiscard]] std::string_view name_of(Change change);

// The certificate with that change somewhere, drawn by `random`; nothing where it has no such thing. The result
// differs from `certificate`.
[[nodiscard]] std::optional<std::string> mutant_of(const std::string& certificate, const check::Network& network,
                                                   Change change, std::mt19937_64& random);

}  // namespace segproof::test
