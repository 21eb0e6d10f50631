// SPDX-License-Identifier: Apache-2.0
#include "claim/places.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/spelling.h"
#include "reach/compiled_network.h"

namespace segproof::claim {
namespace {

using model::InterfaceId;
using model::Network;
using model::NodeId;
using model::NodeKind;
using model::SegmentId;
using model::ZoneId;

constexpr std::array<Family, 2> families{Family::ipv4, Family::ipv6};

IntervalSet of_prefixes(const std::vector<Prefix>& prefixes, Family family) {
  std::vector<Interval> result;
  for (const Prefix& prefix : prefixes) {
    if (prefix.address.family == family) {
      result.push_back(prefix.interval());
    }
  }
  return IntervalSet::of(std::move(result));
}

// Collects parts; the same place from two names becomes one part.
class Collector {
 public:
  explicit Collector(const Network& network) : network_(&network) {}

  void add_whole(const Place& place) { parts_[place] = {place, true, addresses_of(place, *network_)}; }
  // The part of the place within the sets; nothing when no address is.
  void add_part(const Place& place, const model::PerFamily<IntervalSet>& within) {
    if (!may_be_within(place, within)) {  // most places of a large network are not
      return;
    }
    const model::PerFamily<IntervalSet> all = addresses_of(place, *network_);
    PlacePart part{place, true, {}};
    bool any = false;
    for (const Family family : families) {
      const std::size_t f = model::index_of(family);
      part.addresses[f] = all[f] & within[f];
      part.whole = part.whole && part.addresses[f] == all[f];
      any = any || !part.addresses[f].is_empty();
    }
    if (any) {
      add(part);
    }
  }
  // What the other one collected, too.
  void add_all(const Collector& other) {
    for (const auto& [place, part] : other.parts_) {
      add(part);
    }
  }
  [[nodiscard]] std::vector<PlacePart> parts() const {
    std::vector<PlacePart> result;
    for (const auto& [place, part] : parts_) {
      result.push_back(part);
    }
    return result;
  }
  [[nodiscard]] std::size_t size() const { return parts_.size(); }

 private:
  void add(const PlacePart& part) {
    const auto [known, inserted] = parts_.emplace(part.place, part);
    if (inserted || known->second.whole) {
      return;
    }
    for (const Family family : families) {
      const std::size_t f = model::index_of(family);
      known->second.addresses[f] = known->second.addresses[f] | part.addresses[f];
    }
    known->second.whole = part.whole || known->second.addresses == addresses_of(part.place, *network_);
  }

  // False only when no address of the place is in the sets.
  [[nodiscard]] bool may_be_within(const Place& place, const model::PerFamily<IntervalSet>& within) const {
    switch (place.kind) {
      case PlaceKind::interface: {
        const std::vector<InterfaceAddress>& own = network_->interface(place.interface).addresses;
        return std::any_of(own.begin(), own.end(), [&](const InterfaceAddress& address) {
          return within[model::index_of(address.address.family)].contains(address.address.bits);
        });
      }
      case PlaceKind::unlisted: {
        const model::Segment& segment = network_->segment(place.segment);
        return segment.internet ||
               std::any_of(segment.prefixes.begin(), segment.prefixes.end(), [&](const Prefix& prefix) {
                 return within[model::index_of(prefix.address.family)].intersects(IntervalSet{prefix.interval()});
               });
      }
      case PlaceKind::device:
      case PlaceKind::unknown:
        return true;
    }
    return true;
  }

  const Network* network_;
  std::map<Place, PlacePart> parts_;
};

Place at_interface(const Network& network, InterfaceId id) {
  return {PlaceKind::interface, id, network.interface(id).segment, network.interface(id).node};
}
Place unlisted_at(SegmentId segment) {
  return {PlaceKind::unlisted, {}, segment, {}};
}
Place device_itself(NodeId node) {
  return {PlaceKind::device, {}, {}, node};
}

bool has_unlisted(const Network& network, SegmentId id) {
  return network.segment(id).external || !network.segment(id).complete;
}

void add_node(const Network& network, NodeId id, Collector& into) {
  if (network.node(id).kind == NodeKind::device) {
    into.add_whole(device_itself(id));
    return;
  }
  for (const InterfaceId interface : network.node(id).interfaces) {
    into.add_whole(at_interface(network, interface));
  }
}

void add_segment(const Network& network, SegmentId id, Collector& into) {
  for (const InterfaceId interface : network.segment(id).attached) {
    if (network.node(network.interface(interface).node).kind == NodeKind::host) {
      into.add_whole(at_interface(network, interface));
    }
  }
  if (has_unlisted(network, id)) {
    into.add_whole(unlisted_at(id));
  }
}

// Hosts and unlisted hosts with an address in the sets; external zones only when they declare it.
void add_addresses(const Network& network, const model::PerFamily<IntervalSet>& within, Collector& into) {
  for (std::size_t i = 0; i < network.interfaces.size(); ++i) {
    const InterfaceId id(i);
    if (network.node(network.interface(id).node).kind == NodeKind::host) {
      into.add_part(at_interface(network, id), within);
    }
  }
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    if (has_unlisted(network, SegmentId(s))) {
      into.add_part(unlisted_at(SegmentId(s)), within);
    }
  }
}

bool within_zone(const Network& network, ZoneId zone, ZoneId outer) {
  for (ZoneId at = zone; at.valid(); at = network.zone(at).parent) {
    if (at == outer) {
      return true;
    }
  }
  return false;
}

void add_zone(const Network& network, ZoneId id, Collector& into) {
  for (std::size_t z = 0; z < network.zones.size(); ++z) {
    if (!within_zone(network, ZoneId(z), id)) {
      continue;
    }
    const model::Zone& zone = network.zones[z];
    add_addresses(network, {of_prefixes(zone.prefixes, Family::ipv4), of_prefixes(zone.prefixes, Family::ipv6)}, into);
    for (const NodeId node : zone.nodes) {
      add_node(network, node, into);
    }
    for (const InterfaceId interface : zone.interfaces) {
      into.add_whole(at_interface(network, interface));
    }
    for (const SegmentId segment : zone.segments) {
      add_segment(network, segment, into);
    }
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
      const auto& tags = network.nodes[n].tags;
      const bool tagged = std::any_of(zone.tags.begin(), zone.tags.end(), [&](const std::string& tag) {
        return std::find(tags.begin(), tags.end(), tag) != tags.end();
      });
      if (tagged && network.nodes[n].kind == NodeKind::host) {
        add_node(network, NodeId(n), into);
      }
    }
  }
}

bool is_translated_address(const Network& network, const Prefix& prefix) {
  for (const model::Node& node : network.nodes) {
    for (const model::Chain& chain : node.rules.chains) {
      for (const model::Rule& rule : chain.rules) {
        if (!std::holds_alternative<model::Translate>(rule.action)) {
          continue;
        }
        for (const model::Test& test : rule.condition.tests) {
          const auto* field = std::get_if<model::FieldTest>(&test);
          if (field != nullptr && field->field == Field::destination &&
              field->values.intersects(IntervalSet{prefix.interval()})) {
            return true;
          }
        }
      }
    }
  }
  return false;
}

std::string why_nothing(const Network& network, const std::string& name) {
  if (const auto prefix = parse_prefix(name)) {
    return is_translated_address(network, *prefix)
               ? fmt::format(
                     "`{}` is a translated address that no location owns; name the host behind it, or use "
                     "`as-sent`",
                     name)
               : fmt::format("no location owns an address in `{}`", name);
  }
  if (network.find_zone(name).valid()) {
    return fmt::format("zone `{}` has no host and no segment in it", name);
  }
  std::vector<std::string> known;
  for (const auto& zone : network.zones) {
    known.push_back(zone.name);
  }
  for (const auto& node : network.nodes) {
    known.push_back(node.kind == NodeKind::device ? "device:" + node.name : node.name);
  }
  for (const auto& segment : network.segments) {
    known.push_back(segment.name);
  }
  const std::string hint = did_you_mean_hint(name, known);
  return fmt::format("nothing is called `{}`{}{}", name, hint.empty() ? "" : ", ", hint);
}

void add_name(const Network& network, const std::string& name, Collector& into) {
  if (const ZoneId zone = network.find_zone(name); zone.valid()) {
    add_zone(network, zone, into);
  } else if (const NodeId node = network.find_node(name); node.valid() && network.node(node).kind == NodeKind::host) {
    add_node(network, node, into);
  } else if (const SegmentId segment = network.find_segment(name); segment.valid()) {
    add_segment(network, segment, into);
  } else if (name.starts_with("device:")) {
    if (const NodeId device = network.find_node(name.substr(7)); device.valid()) {
      into.add_whole(device_itself(device));
    }
  } else if (name.starts_with("unlisted@")) {
    const SegmentId holder = network.find_segment(name.substr(9));
    if (holder.valid() && has_unlisted(network, holder)) {
      into.add_whole(unlisted_at(holder));
    }
  } else if (name == "unknown") {
    into.add_whole(Place{});
  } else if (const auto prefix = parse_prefix(name)) {
    model::PerFamily<IntervalSet> within;
    within[model::index_of(prefix->address.family)] = IntervalSet{prefix->interval()};
    add_addresses(network, within, into);
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
      if (network.nodes[n].kind == NodeKind::device) {
        into.add_part(device_itself(NodeId(n)), within);
      }
    }
  }
}

}  // namespace

bool Resolved::covers(Family family) const {
  return std::any_of(parts.begin(), parts.end(), [&](const PlacePart& part) {
    return part.place.kind == PlaceKind::unknown || !part.addresses[model::index_of(family)].is_empty();
  });
}

Resolved resolve(const std::vector<Name>& names, const Network& network) {
  Resolved result;
  Collector all(network);
  for (const Name& name : names) {
    Collector one(network);
    add_name(network, name.text, one);
    if (one.size() == 0) {
      result.empty.push_back(why_nothing(network, name.text));
    }
    all.add_all(one);
  }
  result.parts = all.parts();
  return result;
}

bool is_only_translated(const Name& name, const Network& network) {
  const auto prefix = parse_prefix(name.text);
  return prefix && resolve({name}, network).parts.empty() && is_translated_address(network, *prefix);
}

Resolved locations_of(const Prefix& prefix, const Network& network) {
  return resolve({Name{to_string(prefix), {}}}, network);
}

Resolved external_places(const Network& network) {
  Collector all(network);
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    if (network.segments[s].external) {
      add_segment(network, SegmentId(s), all);
    }
  }
  return {all.parts(), {}};
}

Resolved all_places(const Network& network) {
  Collector all(network);
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    add_segment(network, SegmentId(s), all);
  }
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    add_node(network, NodeId(n), all);
  }
  return {all.parts(), {}};
}

Resolved others(const Resolved& all, const Resolved& some) {
  Resolved result;
  for (const PlacePart& part : all.parts) {
    const bool listed = std::any_of(some.parts.begin(), some.parts.end(), [&](const PlacePart& other) {
      return other.place == part.place ||
             (part.place.kind == PlaceKind::interface && other.place.kind == PlaceKind::interface &&
              other.place.node == part.place.node);
    });
    if (!listed) {
      result.parts.push_back(part);
    }
  }
  return result;
}

std::vector<Place> places_in(const Resolved& resolved) {
  std::vector<Place> result;
  for (const PlacePart& part : resolved.parts) {
    result.push_back(part.place);
  }
  return result;
}

const PlacePart* overlap(const Resolved& a, const Resolved& b) {
  for (const PlacePart& part : a.parts) {
    for (const PlacePart& other : b.parts) {
      if (part.place == other.place && (part.whole || other.whole || part.addresses[0].intersects(other.addresses[0]) ||
                                        part.addresses[1].intersects(other.addresses[1]))) {
        return &part;
      }
    }
  }
  return nullptr;
}

std::string place_name(const Place& place, const Network& network) {
  switch (place.kind) {
    case PlaceKind::interface: {
      const model::Node& node = network.node(place.node);
      return node.interfaces.size() > 1 ? node.name + ":" + network.interface(place.interface).name : node.name;
    }
    case PlaceKind::unlisted: {
      const model::Segment& segment = network.segment(place.segment);
      return segment.external ? segment.name : "unlisted@" + segment.name;
    }
    case PlaceKind::device:
      return "device:" + network.node(place.node).name;
    case PlaceKind::unknown:
      return "unknown";
  }
  return {};
}

model::PerFamily<IntervalSet> addresses_of(const Place& place, const Network& network) {
  model::PerFamily<IntervalSet> result;
  const auto add_interface = [&](const model::Interface& interface) {
    for (const InterfaceAddress& address : interface.addresses) {
      IntervalSet& set = result[model::index_of(address.address.family)];
      set = set | IntervalSet::single(address.address.bits);
    }
  };
  switch (place.kind) {
    case PlaceKind::interface:
      add_interface(network.interface(place.interface));
      break;
    case PlaceKind::device:
      for (const InterfaceId interface : network.node(place.node).interfaces) {
        add_interface(network.interface(interface));
      }
      break;
    case PlaceKind::unlisted:
      for (const Family family : families) {
        result[model::index_of(family)] = reach::unlisted_addresses(network, place.segment, family);
      }
      break;
    case PlaceKind::unknown:
      break;
  }
  return result;
}

std::string joined(const std::vector<Name>& names) {
  std::string result;
  for (const Name& name : names) {
    result += (result.empty() ? "" : ", ") + name.text;
  }
  return result;
}

}  // namespace segproof::claim
