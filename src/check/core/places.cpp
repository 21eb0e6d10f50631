// SPDX-License-Identifier: Apache-2.0
#include "check/core/places.h"

#include <algorithm>

namespace check {
namespace {

class Collector {
 public:
  explicit Collector(const Surroundings& world) : world_(&world), network_(&world.network()) {}

  Places places;

  void add_name(const std::string& name);
  void add_segment(std::size_t segment);
  void add_node(std::size_t node);
  [[nodiscard]] SetId addresses_of(const Place& place) const;

 private:
  void add(const Place& place, SetId within, bool is_whole);
  void add_whole(const Place& place) { add(place, any_value, true); }
  void add_addresses(const std::vector<Prefix>& prefixes, bool devices);
  void add_zone(const Zone& zone);
  [[nodiscard]] bool has_unlisted(std::size_t segment) const {
    return network_->segments[segment].is_external || !network_->segments[segment].is_complete;
  }
  [[nodiscard]] bool is_within(const Zone& zone, const Zone& outer) const;

  const Surroundings* world_;
  const Network* network_;
};

SetId Collector::addresses_of(const Place& place) const {
  switch (place.kind) {
    case Place::Kind::interface:
      return world_->facts(place.node).on_interface[place.number];
    case Place::Kind::device:
      return world_->facts(place.node).own;
    case Place::Kind::unlisted:
      return world_->unlisted(place.number);
    case Place::Kind::outside:
      break;
  }
  return no_value;
}

void Collector::add(const Place& place, SetId within, bool is_whole) {
  Sets& sets = world_->sets();
  const SetId all = addresses_of(place);
  const Part part{is_whole || sets.within(all, within), sets.meet(all, within)};
  if (!is_whole && part.addresses == no_value) {
    return;
  }
  const auto [known, is_new] = places.emplace(place, part);
  if (!is_new) {
    known->second.addresses = sets.join(destination, known->second.addresses, part.addresses);
    known->second.is_whole = known->second.is_whole || part.is_whole || known->second.addresses == all;
  }
}

void Collector::add_node(std::size_t node) {
  if (network_->nodes[node].is_device) {
    add_whole({Place::Kind::device, node, 0});
    return;
  }
  for (std::size_t i = 0; i < network_->nodes[node].interfaces.size(); ++i) {
    add_whole({Place::Kind::interface, node, i});
  }
}

void Collector::add_segment(std::size_t segment) {
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    for (std::size_t i = 0; i < network_->nodes[n].interfaces.size(); ++i) {
      if (!network_->nodes[n].is_device && network_->nodes[n].interfaces[i].segment == segment) {
        add_whole({Place::Kind::interface, n, i});
      }
    }
  }
  if (has_unlisted(segment)) {
    add_whole({Place::Kind::unlisted, 0, segment});
  }
}

void Collector::add_addresses(const std::vector<Prefix>& prefixes, bool devices) {
  const SetId within = world_->of_prefixes(prefixes);
  for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
    for (std::size_t i = 0; i < network_->nodes[n].interfaces.size() && !network_->nodes[n].is_device; ++i) {
      add({Place::Kind::interface, n, i}, within, false);
    }
    if (devices && network_->nodes[n].is_device) {
      add({Place::Kind::device, n, 0}, within, false);
    }
  }
  for (std::size_t s = 0; s < network_->segments.size(); ++s) {
    if (has_unlisted(s)) {
      add({Place::Kind::unlisted, 0, s}, within, false);
    }
  }
}

bool Collector::is_within(const Zone& zone, const Zone& outer) const {
  const Zone* at = &zone;
  for (std::size_t steps = 0; at != nullptr && steps <= network_->zones.size(); ++steps) {
    if (at == &outer) {
      return true;
    }
    const auto parent = std::find_if(network_->zones.begin(), network_->zones.end(),
                                     [&](const Zone& other) { return other.name == at->parent; });
    at = parent == network_->zones.end() ? nullptr : &*parent;
  }
  return false;
}

void Collector::add_zone(const Zone& outer) {
  for (const Zone& zone : network_->zones) {
    if (!is_within(zone, outer)) {
      continue;
    }
    add_addresses(zone.prefixes, false);
    for (const std::string& member : zone.members) {
      if (const auto node = network_->node(member)) {
        add_node(*node);
      }
    }
    for (const auto& [name, number] : zone.ports) {
      if (const auto node = network_->node(name); node && number < network_->nodes[*node].interfaces.size()) {
        add_whole({Place::Kind::interface, *node, number});
      }
    }
    for (const std::string& wire : zone.wires) {
      if (const auto segment = network_->segment(wire)) {
        add_segment(*segment);
      }
    }
    for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
      const auto& tags = network_->nodes[n].tags;
      if (!network_->nodes[n].is_device && std::any_of(zone.tags.begin(), zone.tags.end(), [&](const auto& tag) {
            return std::find(tags.begin(), tags.end(), tag) != tags.end();
          })) {
        add_node(n);
      }
    }
  }
}

void Collector::add_name(const std::string& name) {
  const auto zone = std::find_if(network_->zones.begin(), network_->zones.end(),
                                 [&](const Zone& other) { return other.name == name; });
  const auto node = network_->node_or_alias(name);
  if (zone != network_->zones.end()) {
    add_zone(*zone);
  } else if (node && !network_->nodes[*node].is_device) {
    add_node(*node);
  } else if (const auto segment = network_->segment(name)) {
    add_segment(*segment);
  } else if (name.starts_with("device:")) {
    if (const auto device = network_->node_or_alias(name.substr(7))) {
      add_whole({Place::Kind::device, *device, 0});
    }
  } else if (name.starts_with("unlisted@")) {
    if (const auto holder = network_->segment(name.substr(9)); holder && has_unlisted(*holder)) {
      add_whole({Place::Kind::unlisted, 0, *holder});
    }
  } else if (name == "unknown") {
    add_whole({});
  } else {
    const bool has_length = name.find('/') != std::string::npos;
    const std::string word = has_length ? name : name + (name.find(':') != std::string::npos ? "/128" : "/32");
    const Line line{0, {word}, {}};
    try {
      add_addresses({Words(line).prefix()}, true);
    } catch (const Malformed&) {  // it is the name of nothing
    }
  }
}

}  // namespace

// A place is meant when one of its addresses is, of whichever family; as a whole when all of them are.
Places places_of(const Surroundings& world, const std::vector<std::string>& names) {
  Collector here(world);
  Collector there(world.other_family());
  for (const std::string& name : names) {
    here.add_name(name);
    there.add_name(name);
  }
  for (const auto& [place, part] : there.places) {
    here.places.emplace(place, Part{here.addresses_of(place) == no_value && part.is_whole, no_value});
  }
  for (auto& [place, part] : here.places) {
    const auto other = there.places.find(place);
    part.is_whole =
        part.is_whole && (other == there.places.end() ? there.addresses_of(place) == no_value : other->second.is_whole);
  }
  return here.places;
}

Places all_places(const Surroundings& world) {
  Collector collector(world);
  for (std::size_t s = 0; s < world.network().segments.size(); ++s) {
    collector.add_segment(s);
  }
  for (std::size_t n = 0; n < world.network().nodes.size(); ++n) {
    collector.add_node(n);
  }
  return collector.places;
}

Places external_places(const Surroundings& world) {
  Collector collector(world);
  for (std::size_t s = 0; s < world.network().segments.size(); ++s) {
    if (world.network().segments[s].is_external) {
      collector.add_segment(s);
    }
  }
  return collector.places;
}

Places others(const Places& all, const Places& some) {
  Places result;
  for (const auto& [place, part] : all) {
    const bool is_listed = std::any_of(some.begin(), some.end(), [&, here = place](const auto& entry) {
      const bool same_host =
          here.kind == Place::Kind::interface && entry.first.kind == here.kind && entry.first.node == here.node;
      return entry.first == here || same_host;
    });
    if (!is_listed) {
      result.emplace(place, part);
    }
  }
  return result;
}

std::string name_of(const Network& network, const Place& place) {
  switch (place.kind) {
    case Place::Kind::interface:
      return network.nodes[place.node].name;
    case Place::Kind::device:
      return "device:" + network.nodes[place.node].name;
    case Place::Kind::unlisted:
      return "unlisted@" + network.segments[place.number].name;
    case Place::Kind::outside:
      break;
  }
  return "unknown";
}

std::vector<std::size_t> segments_of(const Place& place, const Network& network) {
  std::vector<std::size_t> result;
  if (place.kind == Place::Kind::unlisted) {
    return {place.number};
  }
  if (place.kind == Place::Kind::outside) {
    return {};
  }
  const auto& interfaces = network.nodes[place.node].interfaces;
  for (std::size_t i = 0; i < interfaces.size(); ++i) {
    if (interfaces[i].segment && (place.kind == Place::Kind::device || place.number == i)) {
      result.push_back(*interfaces[i].segment);
    }
  }
  return result;
}

}  // namespace check
