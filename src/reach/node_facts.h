// SPDX-License-Identifier: Apache-2.0
// What one node knows about itself when it looks at a packet of one family: its interfaces and ways out by number, its
// addresses, the types it gives to addresses, the marks that its rules can set.
#pragma once

#include <string>
#include <vector>

#include "model/network.h"
#include "reach/fib.h"
#include "reach/mark_values.h"

namespace segproof::reach {

struct NodeFacts {
  NodeFacts(const model::Network& network, model::NodeId node, Family family);

  const model::Network* network;
  model::NodeId id;
  Family family;
  std::vector<Hop> hops;           // Field::egress = index + 1
  IntervalSet own;                 // its addresses, on whatever interface
  IntervalSet directed_broadcast;  // of its connected prefixes
  MarkValues marks;
  MarkValues connection_marks;
  bool copies_unsure = false;  // copied marks cannot be followed exactly

  [[nodiscard]] const model::Node& node() const { return network->node(id); }
  // Field::ingress = position among the node's interfaces + 1.
  [[nodiscard]] Bits ingress_of(model::InterfaceId interface) const;
  [[nodiscard]] IntervalSet addresses_on(model::InterfaceId interface) const;
  // The addresses of one type, as far as addresses, routes and the family say it.
  [[nodiscard]] IntervalSet of_type(model::AddressType type, const std::vector<model::InterfaceId>* limit) const;
};

}  // namespace segproof::reach
