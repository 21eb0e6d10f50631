// SPDX-License-Identifier: Apache-2.0
// Names of claims to locations (claims.md section 2).
#include <algorithm>

#include "agree/naive/judge.h"

namespace segproof::naive {

using model::InterfaceId;
using model::NodeId;
using model::SegmentId;
using model::ZoneId;

namespace {

// Whether the unlisted host of the segment has an address of the prefix; of a large one it has.
bool owns_some(const Wiring& wiring, SegmentId segment, const Prefix& prefix) {
  constexpr Bits most = 1024;
  if (prefix.last() - prefix.first() >= most) {
    return true;
  }
  for (Bits address = prefix.first(); address <= prefix.last(); ++address) {
    if (wiring.unlisted_owns(segment, address)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Judge::Locations Judge::on_segment(SegmentId id) const {
  Locations found;
  const auto& wiring = lab_.wiring();
  for (const InterfaceId interface : wiring.interfaces_on(id)) {
    const NodeId node = wiring.network().interface(interface).node;
    if (!wiring.is_device(node.index())) {
      found.insert({node.index(), interface});
    }
  }
  if (wiring.exists(wiring.unlisted_on(id))) {
    found.insert({wiring.unlisted_on(id), {}});
  }
  return found;
}

// "the locations that own those addresses"; a device's own addresses belong to no zone.
Judge::Locations Judge::owning(const Prefix& prefix, Devices devices) const {
  Locations found;
  const auto& wiring = lab_.wiring();
  if (prefix.address.family != lab_.family()) {
    return found;
  }
  for (std::size_t i = 0; i < wiring.network().interfaces.size(); ++i) {
    const auto& interface = wiring.network().interfaces[i];
    const bool owns = std::any_of(interface.addresses.begin(), interface.addresses.end(),
                                  [&](const InterfaceAddress& a) { return prefix.contains(a.address); });
    if (owns && interface.is_up && !wiring.is_device(interface.node.index())) {
      found.insert({interface.node.index(), InterfaceId(i), prefix});
    } else if (owns && interface.is_up && devices == Devices::included) {
      found.insert({interface.node.index(), {}, prefix});
    }
  }
  for (std::size_t i = 0; i < wiring.network().segments.size(); ++i) {
    const auto& own = wiring.network().segments[i].prefixes;
    const bool overlaps =
        std::any_of(own.begin(), own.end(), [&](const Prefix& p) { return p.contains(prefix) || prefix.contains(p); });
    const Place unlisted = wiring.unlisted_on(SegmentId(i));
    if (overlaps && wiring.exists(unlisted) && owns_some(wiring, SegmentId(i), prefix)) {
      found.insert({unlisted, {}, prefix});
    }
  }
  return found;
}

Judge::Locations Judge::zone(ZoneId id) const {
  const auto& wiring = lab_.wiring();
  const auto& network = wiring.network();
  const auto& zone = network.zone(id);
  Locations found;
  for (const auto& prefix : zone.prefixes) {
    found.merge(owning(prefix, Devices::left_out));
  }
  const auto add_node = [&](NodeId node) {
    for (const InterfaceId interface : wiring.interfaces_of(node)) {
      found.insert({node.index(), interface});
    }
  };
  for (const NodeId node : zone.nodes) {
    add_node(node);
  }
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const auto& tags = network.nodes[i].tags;
    if (std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
          return std::find(zone.tags.begin(), zone.tags.end(), tag) != zone.tags.end();
        })) {
      add_node(NodeId(i));
    }
  }
  for (const InterfaceId interface : zone.interfaces) {
    found.insert({network.interface(interface).node.index(), interface});
  }
  for (const SegmentId segment : zone.segments) {
    found.merge(on_segment(segment));
  }
  for (std::size_t i = 0; i < network.zones.size(); ++i) {
    if (network.zones[i].parent == id) {
      found.merge(this->zone(ZoneId(i)));
    }
  }
  return found;
}

// The outside itself, and listed hosts on its segment.
Judge::Locations Judge::externals() const {
  Locations found;
  for (std::size_t i = 0; i < lab_.wiring().network().segments.size(); ++i) {
    if (lab_.wiring().network().segments[i].external) {
      found.merge(on_segment(SegmentId(i)));
    }
  }
  return found;
}

std::set<Location> Judge::resolve(const std::vector<claim::Name>& names) const {
  const auto& wiring = lab_.wiring();
  const auto& network = wiring.network();
  Locations found;
  for (const auto& name : names) {
    const std::string& text = name.text;
    const bool is_device = text.starts_with("device:");
    const auto node = network.find_node(is_device ? text.substr(7) : text);
    if (const auto id = network.find_zone(text); id.valid()) {
      found.merge(zone(id));
    } else if (node.valid() && is_device == wiring.is_device(node.index())) {
      if (is_device) {
        found.insert({node.index(), {}});
      } else {
        for (const InterfaceId interface : wiring.interfaces_of(node)) {
          found.insert({node.index(), interface});
        }
      }
    } else if (text.starts_with("unlisted@")) {
      const auto segment = network.find_segment(text.substr(9));
      if (segment.valid() && wiring.exists(wiring.unlisted_on(segment))) {
        found.insert({wiring.unlisted_on(segment), {}});
      }
    } else if (text == "unknown") {
      found.insert({wiring.unknown(), {}});
    } else if (const auto segment = network.find_segment(text); segment.valid()) {
      found.merge(on_segment(segment));
    } else if (const auto prefix = parse_prefix(text)) {
      found.merge(owning(*prefix, Devices::included));
    }
  }
  return found;
}

}  // namespace segproof::naive
