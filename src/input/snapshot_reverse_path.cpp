// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_reverse_path.h"

#include <algorithm>
#include <map>
#include <utility>

#include "model/device_configuration.h"

namespace segproof::input {

std::optional<IntervalSet> ReversePath::expected_at(model::InterfaceId interface, bool strict) {
  const model::Node& node = assembly_->network.node(node_);
  const std::size_t index = model::index_of(family_);
  const model::Routing& routing = node.routing[index];
  if (node.routes[index] != model::Known::given || !routing.rules.empty() || routing.tables.size() != 1)
    return std::nullopt;
  std::vector<Interval> expected;
  for (const ipset::Region& region : regions()) {
    const model::Route& best = routes_[region.group];
    const bool here = std::ranges::find(hops_[region.group], interface) != hops_[region.group].end();
    if (best.kind == model::RouteKind::unicast && (here || !strict))
      expected.insert(expected.end(), region.addresses.intervals().begin(), region.addresses.intervals().end());
  }
  return IntervalSet::of(std::move(expected));
}

// Where each prefix of the main table decides; of routes for one prefix those with the smallest metric.
const std::vector<ipset::Region>& ReversePath::regions() {
  if (!regions_.empty())
    return regions_;
  const model::Network& network = assembly_->network;
  std::vector<model::Route> all = network.node(node_).routing[model::index_of(family_)].tables.front().routes;
  const std::vector<model::InterfaceId>& interfaces = network.node(node_).interfaces;
  for (const model::InterfaceId id : interfaces) {
    const model::Interface& interface = network.interface(id);
    for (const InterfaceAddress& address : interface.addresses) {
      if (interface.is_up && address.address.family == family_)
        all.push_back({address.prefix, model::RouteKind::unicast, {{std::nullopt, id}}, 0, interface.origin});
    }
  }
  // A hop without an interface leaves by the one whose connected prefix holds the gateway.
  const auto interfaces_of = [&](const model::NextHop& hop) {
    std::vector<model::InterfaceId> found;
    if (hop.interface.valid())
      return std::vector{hop.interface};
    for (const model::InterfaceId id : interfaces) {
      const std::vector<InterfaceAddress>& addresses = network.interface(id).addresses;
      if (hop.gateway && std::ranges::any_of(addresses, [&](const InterfaceAddress& address) {
            return address.prefix.contains(*hop.gateway);
          }))
        found.push_back(id);
    }
    return found;
  };
  std::map<Prefix, std::size_t> place;
  for (const model::Route& route : all) {
    const auto [entry, added] = place.emplace(route.destination, routes_.size());
    if (added) {
      routes_.push_back(route);
      hops_.emplace_back();
    } else if (route.metric < routes_[entry->second].metric) {
      routes_[entry->second] = route;
      hops_[entry->second].clear();
    }
    if (route.metric == routes_[entry->second].metric) {
      for (const model::NextHop& hop : route.hops) {
        const std::vector<model::InterfaceId> found = interfaces_of(hop);
        hops_[entry->second].insert(hops_[entry->second].end(), found.begin(), found.end());
      }
    }
  }
  std::vector<ipset::AddressPart> parts;
  for (const model::Route& route : routes_)
    parts.push_back({route.destination.interval(), route.destination.length});
  regions_ = ipset::regions_of(parts);
  return regions_;
}

namespace {

// Comes in by an interface, with a source that is not expected there.
std::vector<model::Condition> unexpected(model::NodeId node, Family family, const model::UnknownTest& asked,
                                         const Assembly& assembly) {
  ReversePath ways(node, family, assembly);
  std::vector<model::Condition> alternatives;
  const IntervalSet everything = IntervalSet::range(0, field_max(Field::source, family));
  for (const model::InterfaceId id : assembly.network.node(node).interfaces) {
    const model::Interface& interface = assembly.network.interface(id);
    const std::optional<IntervalSet> expected = ways.expected_at(id, true);
    if (!expected)  // as undecided as before, for this family
      return {{{model::FieldTest{Field::source, everything, family}, asked}}};
    const IntervalSet foreign = expected->complement(field_max(Field::source, family));
    if (interface.name.empty() || foreign.is_empty())
      continue;
    alternatives.push_back({{model::InterfaceTest{.direction = model::Direction::ingress, .name = interface.name},
                             model::FieldTest{Field::source, foreign, family}}});
  }
  return alternatives;
}

void resolve(model::Condition& condition, model::NodeId node, const Assembly& assembly,
             std::optional<std::vector<model::Condition>>& known) {
  for (model::Test& test : condition.tests) {
    if (auto* any = std::get_if<model::AnyTest>(&test)) {
      for (model::Condition& alternative : any->alternatives)
        resolve(alternative, node, assembly, known);
      continue;
    }
    const auto* asked = std::get_if<model::UnknownTest>(&test);
    if (asked == nullptr || asked->kind != model::Unknown::reverse_path || asked->text != model::no_way_back)
      continue;
    if (!known) {
      known.emplace();
      for (const Family family : {Family::ipv4, Family::ipv6}) {
        const model::UnknownTest unresolved = *asked;
        std::vector<model::Condition> found = unexpected(node, family, unresolved, assembly);
        known->insert(known->end(), found.begin(), found.end());
      }
    }
    test = model::AnyTest{.alternatives = *known};
  }
}

}  // namespace

void resolve_ways_back(model::RuleSet& rules, model::NodeId node, const Assembly& assembly) {
  std::optional<std::vector<model::Condition>> known;
  for (model::Chain& chain : rules.chains) {
    for (model::Rule& rule : chain.rules)
      resolve(rule.condition, node, assembly, known);
  }
}

}  // namespace segproof::input
