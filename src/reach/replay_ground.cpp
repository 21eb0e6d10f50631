// SPDX-License-Identifier: Apache-2.0
#include "reach/replay_ground.h"

#include <algorithm>

#include "reach/compiled_network.h"
#include "reach/fib.h"

namespace segproof::reach {

using model::InterfaceId;
using model::NodeId;
using model::Route;
using model::SegmentId;

ReplayGround::ReplayGround(const model::Network& network, Family family) : network_(&network), family_(family) {}

const std::vector<const model::Stage*>& ReplayGround::stages(NodeId node, model::Hook hook) {
  const auto [known, is_new] = nodes_[node].stages.try_emplace(hook);
  if (is_new) {
    known->second = network_->node(node).rules.at(hook, family_);
  }
  return known->second;
}

const model::RuleIndex& ReplayGround::rules(NodeId node) {
  std::optional<model::RuleIndex>& known = nodes_[node].rules;
  return known ? *known : known.emplace(network_->node(node).rules);
}

const NodeFacts& ReplayGround::facts(NodeId node) {
  std::unique_ptr<NodeFacts>& known = nodes_[node].facts;
  if (!known) {
    known = std::make_unique<NodeFacts>(*network_, node, family_);
  }
  return *known;
}

const std::vector<model::RouteRule>& ReplayGround::route_rules(NodeId node) {
  std::optional<std::vector<model::RouteRule>>& known = nodes_[node].route_rules;
  if (!known) {
    known = network_->node(node).routing[model::index_of(family_)].rules;
    std::stable_sort(known->begin(), known->end(),
                     [](const auto& a, const auto& b) { return a.priority < b.priority; });
    if (std::none_of(known->begin(), known->end(), [](const auto& rule) { return rule.table == 0; })) {
      known->push_back({32766, {}, 0, {}});
    }
  }
  return *known;
}

ReplayGround::Table& ReplayGround::table(NodeId node, std::size_t number) {
  const auto [known, is_new] = nodes_[node].tables.try_emplace(number);
  Table& result = known->second;
  if (!is_new) {
    return result;
  }
  const model::Routing& routing = network_->node(node).routing[model::index_of(family_)];
  if (number < routing.tables.size()) {
    result.routes = routing.tables[number].routes;
  }
  if (number == 0) {
    result.routes = with_connected(*network_, node, family_, result.routes);
  }
  for (const Route& route : result.routes) {
    if (route.destination.address.family == family_) {
      result.by_prefix[route.destination].push_back(&route);
      result.lengths.push_back(route.destination.length);
    }
  }
  std::sort(result.lengths.rbegin(), result.lengths.rend());
  result.lengths.erase(std::unique(result.lengths.begin(), result.lengths.end()), result.lengths.end());
  for (auto& [prefix, routes] : result.by_prefix) {
    const auto smaller = [](const Route* a, const Route* b) { return a->metric < b->metric; };
    const std::uint32_t metric = (*std::min_element(routes.begin(), routes.end(), smaller))->metric;
    std::erase_if(routes, [&](const Route* route) { return route->metric != metric; });
  }
  return result;
}

std::vector<const Route*> ReplayGround::best_routes(NodeId node, std::size_t number, const Address& destination) {
  const Table& asked = table(node, number);
  for (const unsigned length : asked.lengths) {
    const auto found = asked.by_prefix.find(make_prefix(destination, length));
    if (found != asked.by_prefix.end()) {
      return found->second;
    }
  }
  return {};
}

ReplayGround::OnSegment& ReplayGround::on(SegmentId segment) {
  const auto [known, is_new] = segments_.try_emplace(segment);
  if (is_new) {
    for (const InterfaceId id : network_->segment(segment).attached) {
      for (const InterfaceAddress& own : network_->interface(id).addresses) {
        std::vector<InterfaceId>& owners = known->second.owners[own.address];
        if (std::find(owners.begin(), owners.end(), id) == owners.end()) {
          owners.push_back(id);
        }
      }
    }
  }
  return known->second;
}

std::span<const InterfaceId> ReplayGround::owners(SegmentId segment, const Address& address) {
  const OnSegment& there = on(segment);
  const auto found = there.owners.find(address);
  return found == there.owners.end() ? std::span<const InterfaceId>() : found->second;
}

const IntervalSet& ReplayGround::unlisted(SegmentId segment) {
  std::optional<IntervalSet>& known = on(segment).unlisted;
  return known ? *known : known.emplace(unlisted_addresses(*network_, segment, family_));
}

}  // namespace segproof::reach
