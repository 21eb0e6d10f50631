// SPDX-License-Identifier: Apache-2.0
// Which sources a node expects at which of its interfaces: those that its routes would answer by the same interface.
#pragma once

#include <optional>
#include <vector>

#include "input/ipset/painting.h"
#include "input/snapshot_assembly.h"
#include "model/rule.h"

namespace segproof::input {

class ReversePath {
 public:
  ReversePath(model::NodeId node, Family family, const Assembly& assembly)
      : node_(node), family_(family), assembly_(&assembly) {}

  // Nothing where the routes do not tell: they are not given, or rules choose between tables.
  // `strict`: the best route of the source leads to this interface (equal ones count); otherwise there is any route.
  [[nodiscard]] std::optional<IntervalSet> expected_at(model::InterfaceId interface, bool strict);

 private:
  const std::vector<ipset::Region>& regions();
  model::NodeId node_;
  Family family_;
  const Assembly* assembly_;
  std::vector<model::Route> routes_;  // the best of each prefix
  std::vector<std::vector<model::InterfaceId>> hops_;
  std::vector<ipset::Region> regions_;
};

// Tests of `rules` whether the way back to a packet's source is another than the one it came by (model::no_way_back)
// become tests of addresses, where the routes of the node tell.
void resolve_ways_back(model::RuleSet& rules, model::NodeId node, const Assembly& assembly);

}  // namespace segproof::input
