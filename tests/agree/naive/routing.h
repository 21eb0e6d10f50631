// SPDX-License-Identifier: Apache-2.0
// Where a node sends one packet: route rules, tables, longest prefix, smallest metric, connected prefixes, equal cost.
#pragma once

#include <optional>
#include <variant>

#include "agree/naive/rules.h"

namespace segproof::naive {

struct Out {
  model::InterfaceId interface;
  std::optional<Bits> gateway;  // nothing: the destination itself is on the link
};
struct Here {};
struct Nowhere {};
using Way = std::variant<Nowhere, Here, Out>;

class RouteLookup {
 public:
  RouteLookup(const Wiring& wiring, const RuleWalk& rules, const World& world)
      : wiring_(wiring), rules_(rules), world_(world) {}

  // Precondition: the node's routes are given. Own addresses are not considered here: they are asked before.
  [[nodiscard]] Way way(model::NodeId node, const Traveller& traveller, Choices& choices) const;

 private:
  [[nodiscard]] std::optional<Way> ask(model::NodeId node, const model::RouteTable& table, bool with_connected,
                                       const Traveller& traveller, Choices& choices) const;
  [[nodiscard]] model::InterfaceId connected_to(model::NodeId node, Bits address) const;

  const Wiring& wiring_;
  const RuleWalk& rules_;
  World world_;
};

}  // namespace segproof::naive
