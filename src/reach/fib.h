// SPDX-License-Identifier: Apache-2.0
// Where a node sends what it forwards: for every next hop the packets that go there, policy routing included.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "model/network.h"
#include "packet/space.h"
#include "reach/may_must.h"

namespace segproof::reach {

// A way out of a node. Its place in Fib::hops plus one is the value of Field::egress; 0 means "delivered here".
struct Hop {
  model::InterfaceId interface;    // invalid: no interface of the node holds the gateway
  std::optional<Address> gateway;  // nothing: the destination itself is on the link
  friend bool operator==(const Hop&, const Hop&) = default;
};

struct RouteChoice {
  PacketSet packets;                // may take this route
  std::vector<std::uint16_t> hops;  // indices; any of them may be chosen
};

// A route that ends packets (blackhole, unreachable, prohibit), or no route at all (no origin).
struct RouteEnd {
  PacketSet packets;
  SourceSpan origin;
};

struct Fib {
  std::vector<RouteChoice> choices;
  std::vector<RouteEnd> ends;
  // Packets with the hop that they may take in Field::egress; and those that take it whatever happens. None before the
  // table was built.
  std::optional<PacketSet> may_leave = {};
  std::optional<PacketSet> surely_leaves = {};
};

// The hops that a node's routes name, connected ones first, each once. Stable.
[[nodiscard]] std::vector<Hop> hops_of(const model::Network& network, model::NodeId node, Family family);

// `sets` compiles the condition of a route rule.
[[nodiscard]] Fib build_fib(const model::Network& network, model::NodeId node, const std::vector<Hop>& hops,
                            Space& space, const std::function<MayMust(const model::Condition&)>& sets);

// One table by longest prefix match, connected prefixes included: disjoint intervals of destinations, ascending, each
// with the routes that are equally best. Addresses without a route are left out. O(n log n).
struct TableEntry {
  Interval destinations;
  std::vector<model::Route> routes;
};
[[nodiscard]] std::vector<TableEntry> longest_prefix_match(std::vector<model::Route> routes);
[[nodiscard]] std::vector<model::Route> with_connected(const model::Network& network, model::NodeId node, Family family,
                                                       const std::vector<model::Route>& routes);
// The interface that a next hop leaves by: the named one, else the one whose connected prefix holds the gateway.
[[nodiscard]] model::InterfaceId leaving_interface(const model::Network& network, model::NodeId node,
                                                   const model::NextHop& hop);

}  // namespace segproof::reach
