// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/wiring.h"

#include <algorithm>
#include <array>

namespace segproof::naive {

using model::InterfaceId;
using model::NodeId;
using model::SegmentId;

namespace {

bool is_broadcast(const Prefix& prefix, Family family, Bits address) {
  return family == Family::ipv4 && prefix.address.family == family && prefix.length <= 30 && address == prefix.last();
}

// 10/8, 172.16/12, 192.168/16, 100.64/10, 169.254/16, fc00::/7, fe80::/10: never the Internet's.
bool is_private(Family family, Bits a) {
  if (family == Family::ipv6) {
    return (a >> 121U) == 0x7eU || (a >> 118U) == 0x3faU;
  }
  return (a >> 24U) == 10U || (a >> 20U) == 0xac1U || (a >> 16U) == 0xc0a8U || (a >> 22U) == 0x191U ||
         (a >> 16U) == 0xa9feU;
}

}  // namespace

Wiring::Wiring(const model::Network& network, Family family)
    : network_(network), family_(family), on_segment_(network.segments.size()) {
  for (std::size_t i = 0; i < network.interfaces.size(); ++i) {
    const auto& interface = network.interfaces[i];
    if (interface.is_up && interface.segment.valid()) {
      on_segment_[interface.segment.index()].push_back(InterfaceId(i));
    }
  }
}

SegmentId Wiring::segment_of_unlisted(Place place) const {
  return SegmentId(place - network_.nodes.size());
}

bool Wiring::exists(Place place) const {
  if (!is_unlisted(place)) {
    return true;
  }
  const auto& segment = network_.segment(segment_of_unlisted(place));
  const bool has_family = std::any_of(segment.prefixes.begin(), segment.prefixes.end(),
                                      [this](const Prefix& p) { return p.address.family == family_; });
  return segment.external || (!segment.complete && has_family);
}

bool Wiring::is_external(Place place) const {
  return is_unlisted(place) && network_.segment(segment_of_unlisted(place)).external;
}

bool Wiring::is_device(Place place) const {
  return is_node(place) && network_.nodes[place].kind == model::NodeKind::device;
}

std::string Wiring::name_of(Place place) const {
  if (is_node(place)) {
    return network_.nodes[place].name;
  }
  return place == unknown() ? "unknown" : "unlisted@" + network_.segment(segment_of_unlisted(place)).name;
}

std::vector<SegmentId> Wiring::segments_of(Place place) const {
  std::vector<SegmentId> found;
  if (is_node(place)) {
    for (const InterfaceId id : interfaces_of(NodeId(place))) {
      if (network_.interface(id).segment.valid()) {
        found.push_back(network_.interface(id).segment);
      }
    }
  } else if (is_unlisted(place)) {
    found.push_back(segment_of_unlisted(place));
  } else {
    for (std::size_t i = 0; i < network_.segments.size(); ++i) {
      if (!network_.segments[i].complete) {
        found.emplace_back(i);
      }
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

const std::vector<InterfaceId>& Wiring::interfaces_on(SegmentId segment) const {
  return on_segment_[segment.index()];
}

std::vector<InterfaceId> Wiring::interfaces_of(NodeId node) const {
  std::vector<InterfaceId> found;
  for (const InterfaceId id : network_.node(node).interfaces) {
    if (network_.interface(id).is_up) {
      found.push_back(id);
    }
  }
  return found;
}

std::vector<InterfaceId> Wiring::owners_on(SegmentId segment, Bits address) const {
  std::vector<InterfaceId> found;
  for (const InterfaceId id : interfaces_on(segment)) {
    const auto& own = network_.interface(id).addresses;
    if (std::any_of(own.begin(), own.end(), [&](const InterfaceAddress& a) {
          return a.address == Address{family_, address};
        })) {
      found.push_back(id);
    }
  }
  return found;
}

InterfaceId Wiring::owner_on(SegmentId segment, Bits address) const {
  const auto owners = owners_on(segment, address);
  return owners.empty() ? InterfaceId() : owners.front();
}

InterfaceId Wiring::owner(Bits address) const {
  for (std::size_t i = 0; i < network_.segments.size(); ++i) {
    if (const auto id = owner_on(SegmentId(i), address); id.valid()) {
      return id;
    }
  }
  return {};
}

bool Wiring::is_declared(Bits address) const {
  const Address a{family_, address};
  const auto holds = [&a](const Prefix& p) { return p.address.family == a.family && p.contains(a); };
  for (const auto& segment : network_.segments) {
    if (std::any_of(segment.prefixes.begin(), segment.prefixes.end(), holds)) {
      return true;
    }
  }
  for (const auto& zone : network_.zones) {
    if (std::any_of(zone.prefixes.begin(), zone.prefixes.end(), holds)) {
      return true;
    }
  }
  return owner(address).valid();
}

bool Wiring::on_link(SegmentId segment, Bits address) const {
  const auto& prefixes = network_.segment(segment).prefixes;
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const Prefix& p) {
    return p.address.family == family_ && p.contains(Address{family_, address});
  });
}

bool Wiring::unlisted_owns(SegmentId segment, Bits address) const {
  if (!exists(unlisted_on(segment)) || stays_on_segment(address) || owner_on(segment, address).valid()) {
    return false;
  }
  if (on_link(segment, address)) {
    return !is_broadcast_of(segment, address);
  }
  return network_.segment(segment).internet && !is_private(family_, address) && !is_declared(address) && address != 0;
}

bool Wiring::owns(Place place, Bits address) const {
  if (is_node(place)) {
    return is_own(NodeId(place), address);
  }
  return is_unlisted(place) && unlisted_owns(segment_of_unlisted(place), address);
}

bool Wiring::is_own(NodeId node, Bits address) const {
  for (const InterfaceId id : interfaces_of(node)) {
    for (const auto& own : network_.interface(id).addresses) {
      if (own.address == Address{family_, address}) {
        return true;
      }
    }
  }
  return false;
}

bool Wiring::is_own_broadcast(NodeId node, Bits address) const {
  for (const InterfaceId id : interfaces_of(node)) {
    for (const auto& own : network_.interface(id).addresses) {
      if (is_broadcast(own.prefix, family_, address)) {
        return true;
      }
    }
  }
  return false;
}

bool Wiring::is_broadcast_of(SegmentId segment, Bits address) const {
  const auto& prefixes = network_.segment(segment).prefixes;
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const Prefix& p) { return is_broadcast(p, family_, address); });
}

bool Wiring::is_multicast(Bits address) const {
  return family_ == Family::ipv4 ? (address >> 28U) == 0xeU : (address >> 120U) == 0xffU;
}

bool Wiring::stays_on_segment(Bits address) const {
  return is_multicast(address) || (family_ == Family::ipv4 ? address == 0xffffffffU : (address >> 118U) == 0x3faU);
}

}  // namespace segproof::naive
