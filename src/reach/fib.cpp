// SPDX-License-Identifier: Apache-2.0
#include "reach/fib.h"

#include <algorithm>
#include <map>

#include "base/assert.h"

namespace segproof::reach {
namespace {

using model::InterfaceId;
using model::Network;
using model::NodeId;
using model::Route;
using model::RouteKind;

const std::vector<Route>& main_routes(const model::Routing& routing) {
  static const std::vector<Route> none;
  return routing.tables.empty() ? none : routing.tables.front().routes;
}

std::vector<Hop> hops_of_routes(const Network& network, NodeId node, const std::vector<Route>& routes) {
  std::vector<Hop> hops;
  for (const Route& route : routes) {
    if (route.kind != RouteKind::unicast) {
      continue;
    }
    for (const model::NextHop& next : route.hops) {
      hops.push_back({leaving_interface(network, node, next), next.gateway});
    }
  }
  return hops;
}

}  // namespace

InterfaceId leaving_interface(const Network& network, NodeId node, const model::NextHop& hop) {
  if (hop.interface.valid() || !hop.gateway) {
    return hop.interface;
  }
  for (const InterfaceId id : network.node(node).interfaces) {
    for (const InterfaceAddress& address : network.interface(id).addresses) {
      if (network.interface(id).is_up && address.prefix.contains(*hop.gateway)) {
        return id;
      }
    }
  }
  return InterfaceId{};
}

std::vector<Route> with_connected(const Network& network, NodeId node, Family family,
                                  const std::vector<Route>& routes) {
  std::vector<Route> all;
  for (const InterfaceId id : network.node(node).interfaces) {
    const model::Interface& interface = network.interface(id);
    for (const InterfaceAddress& address : interface.addresses) {
      if (interface.is_up && address.address.family == family) {
        all.push_back({address.prefix, RouteKind::unicast, {{std::nullopt, id}}, 0, interface.origin});
      }
    }
  }
  for (const Route& route : routes) {
    if (route.destination.address.family == family) {
      all.push_back(route);
    }
  }
  return all;
}

std::vector<TableEntry> longest_prefix_match(std::vector<Route> routes) {
  // Routes for one prefix: the smallest metric stays, equal ones together.
  std::map<Prefix, std::vector<Route>> by_prefix;
  for (Route& route : routes) {
    std::vector<Route>& best = by_prefix[route.destination];
    if (!best.empty() && route.metric < best.front().metric) {
      best.clear();
    }
    if (best.empty() || route.metric == best.front().metric) {
      best.push_back(std::move(route));
    }
  }
  std::vector<TableEntry> result;
  std::vector<const std::pair<const Prefix, std::vector<Route>>*> open;  // nested prefixes, the longest last
  Bits position = 0;
  bool finished = false;  // the last address of the universe was given away
  const auto emit_until = [&](Bits end) {
    if (!finished && !open.empty() && position <= end) {
      result.push_back({{position, end}, open.back()->second});
    }
  };
  const auto close_top = [&] {
    const Bits last = open.back()->first.last();
    emit_until(last);
    open.pop_back();
    if (last == ~Bits{0}) {
      finished = true;
    } else {
      position = std::max(position, last + 1);
    }
  };
  for (const auto& entry : by_prefix) {  // ascending by address, then shorter first
    while (!open.empty() && open.back()->first.last() < entry.first.first()) {
      close_top();
    }
    if (entry.first.first() > 0 && !open.empty() && position < entry.first.first()) {
      emit_until(entry.first.first() - 1);
    }
    position = entry.first.first();
    open.push_back(&entry);
  }
  while (!open.empty()) {
    close_top();
  }
  return result;
}

std::vector<Hop> hops_of(const Network& network, NodeId node, Family family) {
  std::vector<Hop> hops;
  const model::Routing& routing = network.node(node).routing[model::index_of(family)];
  std::vector<Route> routes = with_connected(network, node, family, main_routes(routing));
  for (std::size_t table = 1; table < routing.tables.size(); ++table) {
    routes.insert(routes.end(), routing.tables[table].routes.begin(), routing.tables[table].routes.end());
  }
  for (const Hop& hop : hops_of_routes(network, node, routes)) {
    if (std::find(hops.begin(), hops.end(), hop) == hops.end()) {
      hops.push_back(hop);
    }
  }
  return hops;
}

namespace {

// Adds what one table does with the packets of `asked` and returns the packets for which it surely has a route.
PacketSet add_table(const Network& network, NodeId node, const std::vector<Hop>& hops, const std::vector<Route>& routes,
                    PacketSet asked, Fib& fib) {
  Space& space = asked.space();
  std::map<std::vector<std::uint16_t>, std::vector<Interval>> by_hops;
  std::map<SourceSpan, std::vector<Interval>> ended;
  std::vector<Interval> covered;
  for (const TableEntry& entry : longest_prefix_match(routes)) {
    std::vector<std::uint16_t> chosen;
    for (const Hop& hop : hops_of_routes(network, node, entry.routes)) {
      chosen.push_back(static_cast<std::uint16_t>(std::find(hops.begin(), hops.end(), hop) - hops.begin()));
    }
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    covered.push_back(entry.destinations);
    if (chosen.empty()) {
      ended[entry.routes.front().origin].push_back(entry.destinations);
    } else {
      by_hops[chosen].push_back(entry.destinations);
    }
  }
  for (auto& [chosen, intervals] : by_hops) {
    const PacketSet packets = asked & space.where(Field::destination, IntervalSet::of(std::move(intervals)));
    if (!packets.is_empty()) {
      fib.choices.push_back({packets, chosen});
    }
  }
  for (auto& [origin, intervals] : ended) {
    const PacketSet packets = asked & space.where(Field::destination, IntervalSet::of(std::move(intervals)));
    if (!packets.is_empty()) {
      fib.ends.push_back({packets, origin});
    }
  }
  return space.where(Field::destination, IntervalSet::of(std::move(covered)));
}

// All ways out as one relation, so that a set of packets is routed by one intersection.
void join_choices(Space& space, Fib& fib) {
  PacketSet ended = space.none();
  for (const RouteEnd& end : fib.ends) {
    ended |= end.packets;
  }
  PacketSet seen = space.none();
  PacketSet twice = space.none();
  for (const RouteChoice& choice : fib.choices) {
    // The way out is not known when a route is chosen.
    SEGPROOF_ASSERT(choice.packets == choice.packets.forget(Field::egress));
    twice |= seen & choice.packets;
    seen |= choice.packets;
  }
  std::vector<PacketSet> may;
  std::vector<PacketSet> surely;
  for (const RouteChoice& choice : fib.choices) {
    std::vector<Interval> hops;
    for (const std::uint16_t hop : choice.hops) {
      hops.push_back({Bits{hop} + 1, Bits{hop} + 1});
    }
    const PacketSet leaving = space.where(Field::egress, IntervalSet::of(std::move(hops)));
    may.push_back(choice.packets & leaving);
    if (choice.hops.size() == 1) {
      surely.push_back((choice.packets - ended - twice) & leaving);
    }
  }
  fib.may_leave = space.any_of(may);
  fib.surely_leaves = space.any_of(surely);
}

}  // namespace

Fib build_fib(const Network& network, NodeId node, const std::vector<Hop>& hops, Space& space,
              const std::function<MayMust(const model::Condition&)>& sets) {
  Fib fib;
  const Family family = space.family();
  const model::Routing& routing = network.node(node).routing[model::index_of(family)];
  PacketSet remaining = space.all();
  std::vector<model::RouteRule> rules = routing.rules;
  std::stable_sort(rules.begin(), rules.end(),
                   [](const model::RouteRule& a, const model::RouteRule& b) { return a.priority < b.priority; });
  const bool asks_main = std::any_of(rules.begin(), rules.end(), [](const auto& rule) { return rule.table == 0; });
  if (!asks_main) {
    rules.push_back({32766, {}, 0, {}});
  }
  for (const model::RouteRule& rule : rules) {
    SEGPROOF_ASSERT(rule.table < std::max<std::size_t>(routing.tables.size(), 1));
    const std::vector<Route> routes = rule.table == 0 ? with_connected(network, node, family, main_routes(routing))
                                                      : routing.tables[rule.table].routes;
    const MayMust asked = sets(rule.condition);
    const PacketSet routed = add_table(network, node, hops, routes, remaining & asked.may, fib);
    remaining -= routed & asked.must;
  }
  if (!remaining.is_empty()) {
    fib.ends.push_back({remaining, {}});
  }
  join_choices(space, fib);
  return fib;
}

}  // namespace segproof::reach
