// SPDX-License-Identifier: Apache-2.0
#include "reach/node_facts.h"

#include <algorithm>

#include "base/assert.h"

namespace segproof::reach {
namespace {

using model::AddressType;
using model::RouteKind;

IntervalSet of_prefix(std::string_view text) {
  return IntervalSet{parse_prefix(text)->interval()};
}

IntervalSet directed_broadcast_of(const model::Network& network, model::NodeId node, Family family) {
  std::vector<Interval> result;
  for (const model::InterfaceId id : network.node(node).interfaces) {
    for (const InterfaceAddress& address : network.interface(id).addresses) {
      if (family == Family::ipv4 && address.address.family == family && address.prefix.length < 31) {
        result.push_back({address.prefix.last(), address.prefix.last()});
      }
    }
  }
  return IntervalSet::of(std::move(result));
}

IntervalSet own_addresses(const model::Network& network, model::NodeId node, Family family) {
  std::vector<Interval> result;
  for (const model::InterfaceId id : network.node(node).interfaces) {
    for (const InterfaceAddress& address : network.interface(id).addresses) {
      if (address.address.family == family) {
        result.push_back({address.address.bits, address.address.bits});
      }
    }
  }
  for (const model::RouteTable& table : network.node(node).routing[model::index_of(family)].tables) {
    for (const model::Route& route : table.routes) {
      if (route.kind == RouteKind::local && route.destination.address.family == family) {
        result.push_back(route.destination.interval());
      }
    }
  }
  return IntervalSet::of(std::move(result));
}

IntervalSet routed_as(const NodeFacts& facts, RouteKind kind) {
  const model::Routing& routing = facts.node().routing[model::index_of(facts.family)];
  std::vector<Interval> result;
  if (!routing.tables.empty()) {
    const auto routes = with_connected(*facts.network, facts.id, facts.family, routing.tables.front().routes);
    for (const TableEntry& entry : longest_prefix_match(routes)) {
      if (entry.routes.front().kind == kind) {
        result.push_back(entry.destinations);
      }
    }
  }
  return IntervalSet::of(std::move(result));
}

}  // namespace

NodeFacts::NodeFacts(const model::Network& the_network, model::NodeId node_id, Family the_family)
    : network(&the_network),
      id(node_id),
      family(the_family),
      hops(hops_of(the_network, node_id, the_family)),
      own(own_addresses(the_network, node_id, the_family)),
      directed_broadcast(directed_broadcast_of(the_network, node_id, the_family)),
      marks(the_network.node(node_id).rules, model::MarkKind::packet),
      connection_marks(the_network.node(node_id).rules, model::MarkKind::connection),
      copies_unsure(connection_marks_matter(the_network.node(node_id).rules)) {}

Bits NodeFacts::ingress_of(model::InterfaceId interface) const {
  const auto& interfaces = node().interfaces;
  const auto found = std::find(interfaces.begin(), interfaces.end(), interface);
  SEGPROOF_ASSERT(found != interfaces.end());
  return static_cast<Bits>(found - interfaces.begin()) + 1;
}

IntervalSet NodeFacts::addresses_on(model::InterfaceId interface) const {
  std::vector<Interval> result;
  for (const InterfaceAddress& address : network->interface(interface).addresses) {
    if (address.address.family == family) {
      result.push_back({address.address.bits, address.address.bits});
    }
  }
  return IntervalSet::of(std::move(result));
}

IntervalSet NodeFacts::of_type(AddressType type, const std::vector<model::InterfaceId>* limit) const {
  const bool v4 = family == Family::ipv4;
  const Bits max = low_ones(address_width(family));
  const IntervalSet loopback = of_prefix(v4 ? "127.0.0.0/8" : "::1");
  const IntervalSet multicast = of_prefix(v4 ? "224.0.0.0/4" : "ff00::/8");
  const IntervalSet broadcast =
      v4 ? directed_broadcast | of_prefix("255.255.255.255") | of_prefix("0.0.0.0") : IntervalSet{};
  switch (type) {
    case AddressType::local: {
      if (limit == nullptr) {
        return own | loopback;
      }
      IntervalSet result;
      for (const model::InterfaceId interface : *limit) {
        result = result | addresses_on(interface);
      }
      return result;
    }
    case AddressType::broadcast:
      return broadcast;
    case AddressType::multicast:
      return multicast;
    case AddressType::unspecified:
      return v4 ? IntervalSet{} : of_prefix("::");
    case AddressType::anycast:
      return {};
    case AddressType::unreachable:
      return routed_as(*this, RouteKind::unreachable);
    case AddressType::blackhole:
      return routed_as(*this, RouteKind::blackhole);
    case AddressType::prohibit:
      return routed_as(*this, RouteKind::prohibit);
    case AddressType::unicast:
      return ((own | loopback | multicast | broadcast) | routed_as(*this, RouteKind::unreachable) |
              routed_as(*this, RouteKind::blackhole) | routed_as(*this, RouteKind::prohibit))
          .complement(max);
  }
  SEGPROOF_UNREACHABLE();
}

}  // namespace segproof::reach
