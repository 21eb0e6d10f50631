// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/routing.h"

#include <algorithm>

namespace segproof::naive {

using model::InterfaceId;
using model::NodeId;

InterfaceId RouteLookup::connected_to(NodeId node, Bits address) const {
  InterfaceId best;
  unsigned best_length = 0;
  for (const InterfaceId id : wiring_.interfaces_of(node)) {
    for (const auto& own : wiring_.network().interface(id).addresses) {
      const bool inside =
          own.prefix.contains(Address{wiring_.family(), address}) && own.prefix.address.family == wiring_.family();
      if (inside && (!best.valid() || own.prefix.length > best_length)) {
        best = id;
        best_length = own.prefix.length;
      }
    }
  }
  return best;
}

std::optional<Way> RouteLookup::ask(NodeId node, const model::RouteTable& table, bool with_connected,
                                    const Traveller& traveller, Choices& choices) const {
  const Address destination{wiring_.family(), traveller.header.destination};
  const model::Route* best = nullptr;
  for (const auto& route : table.routes) {
    const bool inside =
        route.destination.address.family == destination.family && route.destination.contains(destination);
    const bool better = best == nullptr || route.destination.length > best->destination.length ||
                        (route.destination.length == best->destination.length && route.metric < best->metric);
    if (inside && better) {
      best = &route;
    }
  }
  if (with_connected) {
    const InterfaceId link = connected_to(node, destination.bits);
    if (link.valid()) {
      unsigned length = 0;
      for (const auto& own : wiring_.network().interface(link).addresses) {
        if (own.prefix.address.family == destination.family && own.prefix.contains(destination)) {
          length = std::max(length, own.prefix.length);
        }
      }
      if (best == nullptr || length >= best->destination.length) {
        return Out{link, std::nullopt};
      }
    }
  }
  if (best == nullptr) {
    return std::nullopt;
  }
  switch (best->kind) {
    case model::RouteKind::local:
      return Here{};
    case model::RouteKind::blackhole:
    case model::RouteKind::unreachable:
    case model::RouteKind::prohibit:
      return Nowhere{};
    case model::RouteKind::unicast:
      break;
  }
  if (best->hops.empty()) {
    return Nowhere{};
  }
  const auto key = ProbeHash{}(tuple_of(traveller.header)) + node.index();
  const auto& hop = best->hops[world_.settle(choices, best->hops.size(), key)];
  Out out{hop.interface, std::nullopt};
  if (hop.gateway) {
    out.gateway = hop.gateway->bits;
    if (!out.interface.valid()) {
      out.interface = connected_to(node, hop.gateway->bits);
    }
  }
  if (!out.interface.valid() || !wiring_.network().interface(out.interface).is_up) {
    return Nowhere{};
  }
  return out;
}

Way RouteLookup::way(NodeId node, const Traveller& traveller, Choices& choices) const {
  const auto& routing = wiring_.network().node(node).routing[model::index_of(wiring_.family())];
  if (routing.rules.empty()) {
    const model::RouteTable none;
    const auto& table = routing.tables.empty() ? none : routing.tables.front();
    return ask(node, table, true, traveller, choices).value_or(Nowhere{});
  }
  std::vector<const model::RouteRule*> rules;
  for (const auto& rule : routing.rules) {
    rules.push_back(&rule);
  }
  std::stable_sort(rules.begin(), rules.end(),
                   [](const model::RouteRule* a, const model::RouteRule* b) { return a->priority < b->priority; });
  for (const auto* rule : rules) {
    if (!rules_.holds(node, rule->condition, traveller, choices)) {
      continue;
    }
    const auto& table = routing.tables[rule->table];
    if (auto answer = ask(node, table, table.name == "main", traveller, choices)) {
      return *answer;
    }
  }
  return Nowhere{};
}

}  // namespace segproof::naive
