// SPDX-License-Identifier: Apache-2.0
// What a certificate claims about packets: rows of headers at the places of the network, and flows that devices know.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "check/core/sets.h"

namespace check {

// Packets that a device passes as the first of a flow: headers as they arrive, and what they become.
struct FlowRow {
  Box arrived{};
  std::array<std::optional<SetId>, field_count> left;  // source, destination, sport, dport
  bool is_helped = false;
};

// Where packets are: at an interface of a node that passes packets on, or on a segment for whoever takes them there, or
// outside the model.
struct Spot {
  enum class Kind : std::uint8_t { interface, segment, outside } kind = Kind::outside;
  std::size_t node = 0;    // interface
  std::size_t number = 0;  // interface of the node, or segment
  friend auto operator<=>(const Spot&, const Spot&) = default;
};

struct Rows {
  std::map<Spot, std::vector<Box>> at;
  std::map<std::size_t, std::vector<FlowRow>> flows;  // by node
};

}  // namespace check
