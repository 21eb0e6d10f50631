// SPDX-License-Identifier: Apache-2.0
#include "check/core/anti_spoofed.h"

#include <algorithm>
#include <set>

#include "check/core/closure.h"

namespace check {
namespace {

// Devices, and hosts that pass packets on or may do so, in either family.
bool leads_on(const Surroundings& world, std::size_t node) {
  const auto passes = [&](const Facts& facts) { return facts.forwards || facts.passes_freely; };
  return world.network().nodes[node].is_device || passes(world.facts(node)) || passes(world.other_family().facts(node));
}

std::vector<Spot> ingresses_of(const std::set<std::size_t>& segments, const Surroundings& world) {
  std::vector<Spot> result;
  const auto& nodes = world.network().nodes;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    for (std::size_t i = 0; i < nodes[n].interfaces.size() && leads_on(world, n); ++i) {
      const Interface& interface = nodes[n].interfaces[i];
      if (interface.segment && segments.contains(*interface.segment)) {
        result.push_back({Spot::Kind::interface, n, i});
      }
    }
  }
  return result;
}

// The addresses of the segments where the zone is, and those of its places.
SetId legitimate_sources(const Places& zone, const std::set<std::size_t>& segments, const Surroundings& world) {
  Sets& sets = world.sets();
  SetId result = no_value;
  for (const std::size_t segment : segments) {
    result = sets.join(source, result, world.of_prefixes(world.network().segments[segment].prefixes));
  }
  for (const auto& [place, part] : zone) {
    result = sets.join(source, result, part.addresses);
  }
  return result;
}

void refuse(const std::vector<Passage>& packets, SetId destinations, const Asker& asker, const Surroundings& world,
            const std::string& where) {
  for (Passage passage : packets) {
    const bool is_left = asker.keep(passage, destination, destinations);
    const std::vector<Passage> left = is_left ? escaping(world.sets(), passage, {}) : std::vector<Passage>{};
    if (!left.empty()) {
      throw Rejected(where + " lets a packet in whose source is outside the zone: " +
                     describe(header_of(left.front()), world.sets()));
    }
  }
}

void check_ingress(const Spot& ingress, SetId legitimate, const std::vector<FlowRow>& known, const Surroundings& world,
                   std::size_t& steps) {
  const Node& node = world.network().nodes[ingress.node];
  const Facts& facts = world.facts(ingress.node);
  const std::string where = node.name + ":" + node.interfaces[ingress.number].name;
  if (facts.behaviour == Behaviour::closed || facts.behaviour == Behaviour::leaf ||
      !node.interfaces[ingress.number].is_up) {
    return;
  }
  if (facts.behaviour == Behaviour::open || facts.passes_freely) {
    throw Rejected(where + " lets everything in");
  }
  Sets& sets = world.sets();
  Box foreign{};
  foreign[source] = sets.without(source, any_value, legitimate);
  foreign[role] = sets.single(role, own_role);
  if (Sets::is_empty(foreign)) {
    return;
  }
  const std::vector<FlowRow> none;
  NodeWalk walk(world, ingress.node, none, known, steps);
  const Walked walked = walk.walk(foreign, ingress.number);
  const Asker asker(world, ingress.node);
  refuse(walked.leaving, any_value, asker, world, where);
  for (const auto& [gateway, packets] : walked.copies) {
    refuse({packets}, any_value, asker, world, where);
  }
  if (node.is_device) {  // a host is no way in for what it takes itself, nor anybody for what is for all
    refuse(walked.delivered, sets.without(destination, any_value, world.link_only()), asker, world, where);
  }
}

}  // namespace

Entries entries_of(const Claim& claim, const Surroundings& world) {
  const Places zone = places_of(world, claim.zones);
  std::set<std::size_t> segments;
  for (const auto& [place, part] : zone) {
    if (place.kind != Place::Kind::device) {
      for (const std::size_t segment : segments_of(place, world.network())) {
        segments.insert(segment);
      }
    }
  }
  return {ingresses_of(segments, world), legitimate_sources(zone, segments, world)};
}

void check_anti_spoofed(const Claim& claim, const Layers& anyone, const Surroundings& world, std::size_t& steps) {
  const Entries entries = entries_of(claim, world);
  if (entries.spots.empty()) {
    throw Rejected("the zone meets no device");
  }
  for (const Spot& ingress : entries.spots) {
    check_ingress(ingress, entries.legitimate, known_flows(anyone, 0, ingress.node), world, steps);
  }
}

}  // namespace check
