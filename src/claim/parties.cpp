// SPDX-License-Identifier: Apache-2.0
#include "claim/parties.h"

#include <algorithm>
#include <optional>
#include <set>

namespace segproof::claim {
namespace {

using model::Network;
using model::NodeId;
using model::SegmentId;

void note_empty(const Resolved& resolved, Prohibition& into) {
  into.empty.insert(into.empty.end(), resolved.empty.begin(), resolved.empty.end());
}

PacketSet any_service(const std::vector<Allowed>& services, Space& space) {
  PacketSet result = space.none();
  for (const Allowed& entry : services) {
    result |= packets_of(entry.service, space);
  }
  return result;
}

// The parts of `all` that are not in `some`.
Resolved without(const Resolved& all, const Resolved& some) {
  Resolved result;
  for (const PlacePart& part : all.parts) {
    const bool listed = std::any_of(some.parts.begin(), some.parts.end(), [&](const PlacePart& other) {
      return other.place == part.place && (other.whole || other.addresses == part.addresses);
    });
    if (!listed) {
      result.parts.push_back(part);
    }
  }
  return result;
}

// What the allow-list lets through to one place, from whichever origins it names. An origin that also stands for
// senders whom the entry does not name (they share a segment) is not let through: they could send the same.
PacketSet allowed_at(const std::vector<Allowed>& list, const Resolved& senders, const PlacePart& target,
                     const std::string& date, World& world, Spoofing spoofing) {
  Space& space = world.space();
  PacketSet result = space.none();
  for (const Allowed& entry : list) {
    if (has_expired(entry, date)) {
      continue;
    }
    PacketSet packets = packets_of(entry.service, space);
    if (!entry.to.empty()) {
      const Resolved to = resolve(entry.to, world.network());
      const auto listed = std::find_if(to.parts.begin(), to.parts.end(),
                                       [&](const PlacePart& part) { return part.place == target.place; });
      if (listed == to.parts.end()) {
        continue;
      }
      if (!listed->whole) {
        packets &= space.where(Field::destination, listed->addresses[model::index_of(world.family())]);
      }
    }
    if (!entry.from.empty()) {
      const Resolved from = resolve(entry.from, world.network());
      packets &= space.where(Field::origin,
                             world.origins_of(from, spoofing) - world.origins_of(without(senders, from), spoofing));
    }
    result |= packets;
  }
  return result;
}

bool speaks_of_sent_headers(const Claim& claim) {
  return claim.as_sent_to || claim.as_sent_service;
}

bool only_pairs_of_one_host(const Resolved& from, const Resolved& to) {
  const NodeId node = from.parts.empty() ? NodeId{} : from.parts.front().place.node;
  const auto same = [&](const PlacePart& part) { return part.place.node == node; };
  return node.valid() && !to.parts.empty() && std::all_of(from.parts.begin(), from.parts.end(), same) &&
         std::all_of(to.parts.begin(), to.parts.end(), same);
}

// All interfaces of the node are among the parts.
bool names_all_of(const Resolved& resolved, NodeId node, const Network& network) {
  const auto& interfaces = network.node(node).interfaces;
  return std::all_of(interfaces.begin(), interfaces.end(), [&](model::InterfaceId interface) {
    return std::any_of(resolved.parts.begin(), resolved.parts.end(),
                       [&](const PlacePart& part) { return part.place.interface == interface; });
  });
}

}  // namespace

Removed removed_for(const Resolved& through, const Network& network, Approximation approximation) {
  Removed removed{std::vector<bool>(network.nodes.size(), false), std::vector<bool>(network.segments.size(), false)};
  const bool over = approximation == Approximation::over;
  for (const PlacePart& part : through.parts) {
    const NodeId node = part.place.node;
    if (part.place.kind == PlaceKind::unlisted) {
      removed.segments[part.place.segment.index()] = part.whole || !over;
    } else if (part.place.kind == PlaceKind::device ||
               (node.valid() && (!over || names_all_of(through, node, network)))) {
      removed.nodes[node.index()] = true;
    }
  }
  return removed;
}

PacketSet packets_of(const ServiceSpec& service, Space& space) {
  PacketSet result = space.all();
  if (service.protocol) {
    result &= space.where(Field::protocol, *service.protocol);
  }
  if (!service.ports.is_empty()) {
    result &= space.where(Field::destination_port, service.ports) & space.where(Field::fragment, 0);
  }
  return result;
}

std::optional<model::PerFamily<IntervalSet>> sent_to(const Claim& claim, const Network& network,
                                                     std::vector<std::string>& empty) {
  if (!claim.as_sent_to) {
    return std::nullopt;
  }
  model::PerFamily<IntervalSet> result;
  if (const auto prefix = parse_prefix(claim.as_sent_to->text)) {
    result[model::index_of(prefix->address.family)] = IntervalSet{prefix->interval()};
    return result;
  }
  const Resolved named = resolve({*claim.as_sent_to}, network);
  for (const PlacePart& part : named.parts) {
    for (std::size_t f = 0; f < result.size(); ++f) {
      result[f] = result[f] | part.addresses[f];
    }
  }
  empty.insert(empty.end(), named.empty.begin(), named.empty.end());
  return result;
}

PacketSet named_as_sent(const Claim& claim, const std::optional<model::PerFamily<IntervalSet>>& to, Space& space) {
  PacketSet result = space.all();
  if (to) {
    result &= space.where(Field::destination, (*to)[model::index_of(space.family())]);
  }
  if (claim.as_sent_service) {
    result &= packets_of(*claim.as_sent_service, space);
  }
  return result;
}

bool has_expired(const Allowed& entry, const std::string& date) {
  return !entry.expires.empty() && !date.empty() && entry.expires < date;
}

bool is_packet_kind(Kind kind) {
  switch (kind) {
    case Kind::isolated:
    case Kind::isolated_both_ways:
    case Kind::no_new_sessions:
    case Kind::only:
    case Kind::via:
    case Kind::detached:
    case Kind::no_direct_exfiltration:
      return true;
    case Kind::contained:
    case Kind::reachable:
    case Kind::unreferenced:
    case Kind::anti_spoofed:
    case Kind::no_exfiltration:
    case Kind::withstands:
    case Kind::at_no_time:
    case Kind::approved_change:
      return false;
  }
  return false;
}

bool Prohibition::covers(Family family) const {
  if (sent_to && !all_headers && (*sent_to)[model::index_of(family)].is_empty()) {
    return false;
  }
  return std::any_of(directions.begin(), directions.end(), [&](const Forbidden& direction) {
    return direction.party.from.covers(family) && direction.party.to.covers(family);
  });
}

Prohibition prohibition_of(const Claim& claim, const Network& network) {
  Prohibition result;
  const bool about_hosts = claim.kind == Kind::detached;
  const Resolved from = resolve(about_hosts ? claim.hosts : claim.from, network);
  note_empty(from, result);
  Resolved to;
  if (about_hosts) {
    to = others(all_places(network), from);
    to.parts.push_back({Place{}, true, {}});  // what lies outside the model is something else, too
  } else if (claim.kind == Kind::no_direct_exfiltration) {
    to = external_places(network);
    if (to.parts.empty()) {
      result.empty.emplace_back("the network has no external zone");
    }
  } else {
    to = resolve(claim.to, network);
    note_empty(to, result);
  }
  if (const PlacePart* both = overlap(from, to)) {
    result.overlap = place_name(both->place, network);
  } else if (only_pairs_of_one_host(from, to)) {
    result.overlap = network.node(from.parts.front().place.node).name;
  }
  if (claim.kind == Kind::via) {
    result.through = resolve(claim.through, network);
    note_empty(result.through, result);
  }
  result.sent_to = sent_to(claim, network, result.empty);
  result.all_headers = claim.kind == Kind::only;
  const bool sessions =
      claim.kind == Kind::no_new_sessions || claim.kind == Kind::only || claim.kind == Kind::no_direct_exfiltration;
  const bool both_ways =
      claim.kind == Kind::isolated_both_ways || about_hosts || claim.kind == Kind::no_direct_exfiltration;
  const Traffic traffic = sessions ? Traffic::sessions : Traffic::any;
  result.directions.push_back({{from, to}, traffic});
  if (both_ways) {
    result.directions.push_back({{to, from}, traffic});
  }
  return result;
}

std::vector<Arrival> violations(const Claim& claim, const Prohibition& prohibition, const Forbidden& direction,
                                World& world, Approximation approximation, const std::string& date) {
  return violations_with(claim, prohibition, direction, world, approximation, date, claim.spoofing);
}

namespace {

// A way in which packets break a claim: sent with such a header, and not allowed by a list as they are delivered.
struct Breach {
  std::optional<PacketSet> sent;  // nothing: however it was sent
  bool list_counts = true;        // the claim's list of services
  bool own_sessions = false;      // what belongs to sessions that nodes opened themselves counts
};

std::vector<Breach> breaches(const Claim& claim, const Prohibition& prohibition, Space& space) {
  if (!speaks_of_sent_headers(claim)) {
    return {{}};
  }
  const PacketSet named = named_as_sent(claim, prohibition.sent_to, space);
  if (claim.kind == Kind::only) {  // allowed is what has the right header both as sent and as delivered
    return {{named.complement(), false}, {named, true}};
  }
  return {{named, true}};
}

// Packets that one flood of a question delivers, and how to know in them what the senders sent.
class Deliveries {
 public:
  Deliveries(const Claim& claim, const Prohibition& prohibition, const Forbidden& direction, World& world,
             Approximation approximation, Spoofing spoofing, const Breach& breach)
      : direction_(&direction), world_(&world), spoofing_(spoofing), senders_(world.space().all()) {
    // A device that the claim names as a sender sends like any other place; as one of "everything else" it is itself.
    const auto& named = direction.party.from.parts;
    const bool from_device = spoofing != Spoofing::own && claim.kind != Kind::detached &&
                             std::any_of(named.begin(), named.end(),
                                         [](const PlacePart& part) { return part.place.kind == PlaceKind::device; });
    World::Special asked;
    if (claim.kind == Kind::via || claim.trust_source_host || breach.sent || from_device) {
      asked.members = places_in(direction.party.from);
      asked.spoofing = spoofing;
      asked.through_own_rules = claim.trust_source_host;
      asked.known_origins = true;
      asked.only = breach.sent;
      asked.own_sessions = breach.own_sessions;
      asked.honest_devices = breach.own_sessions && !from_device;
      if (claim.kind == Kind::via) {
        asked.removed = removed_for(prohibition.through, world.network(), approximation);
      }
      special_ = world.especially(asked, approximation);
    } else {
      senders_ = world.space().where(Field::origin, world.origins_of(direction.party.from, spoofing));
    }
    reachability_ = special_ ? special_.get() : &world.everybody(approximation, spoofing);
    if (approximation == Approximation::over && direction.traffic != Traffic::any && spoofing != Spoofing::own) {
      add_hosts_between_segments(claim.trust_source_host, breach);
    }
  }

  [[nodiscard]] PacketSet at(const PlacePart& target) {
    PacketSet result = world_->at(*reachability_, target, direction_->traffic) & senders_;
    for (const Whole& host : hosts_) {
      result |= world_->at(*host.reachability, target, direction_->traffic).assign(Field::origin, host.origins);
    }
    return result;
  }

 private:
  // A host with several interfaces makes state on one side and uses it on the other.
  struct Whole {
    const reach::Reachability* reachability;
    IntervalSet origins;
  };

  void add_hosts_between_segments(bool through_own_rules, const Breach& breach) {
    const Network& network = world_->network();
    std::set<NodeId> seen;
    for (const PlacePart& part : direction_->party.from.parts) {
      const NodeId node = part.place.node;
      if (part.place.kind != PlaceKind::interface || network.node(node).interfaces.size() < 2 ||
          !seen.insert(node).second) {
        continue;
      }
      std::vector<Place> places;
      for (const model::InterfaceId interface : network.node(node).interfaces) {
        places.push_back({PlaceKind::interface, interface, network.interface(interface).segment, node});
      }
      const IntervalSet origins = world_->origins_of({{part}, {}}, spoofing_);
      if (!special_) {
        hosts_.push_back({&world_->jointly({places, Approximation::over}), origins});
        continue;
      }
      World::Special asked;
      asked.members = places;
      asked.spoofing = spoofing_;
      asked.through_own_rules = through_own_rules;
      asked.together = true;
      asked.only = breach.sent;
      kept_.push_back(world_->especially(asked, Approximation::over));
      hosts_.push_back({kept_.back().get(), origins});
    }
  }

  const Forbidden* direction_;
  World* world_;
  Spoofing spoofing_;
  PacketSet senders_;
  std::unique_ptr<reach::Reachability> special_;
  const reach::Reachability* reachability_ = nullptr;
  std::vector<std::unique_ptr<reach::Reachability>> kept_;
  std::vector<Whole> hosts_;
};

// What is left of packets to one place when the claim's lists have let through what they name.
PacketSet forbidden_of(PacketSet packets, const Claim& claim, const Forbidden& direction, const PlacePart& target,
                       World& world, const std::string& date, Spoofing spoofing) {
  if (claim.kind == Kind::only) {
    return packets - allowed_at(claim.services, direction.party.from, target, date, world, spoofing);
  }
  if (claim.kind == Kind::no_new_sessions && !claim.services.empty()) {
    return packets & any_service(claim.services, world.space());
  }
  if (claim.kind == Kind::detached) {
    return packets - allowed_at(claim.except, direction.party.from, target, date, world, spoofing);
  }
  return packets;
}

std::vector<Arrival> violations_by(const std::vector<Breach>& breaches, const Claim& claim,
                                   const Prohibition& prohibition, const Forbidden& direction, World& world,
                                   Approximation approximation, const std::string& date, Spoofing spoofing) {
  std::vector<Arrival> result;
  for (const Breach& breach : breaches) {
    Deliveries deliveries(claim, prohibition, direction, world, approximation, spoofing, breach);
    for (const PlacePart& target : direction.party.to.parts) {
      PacketSet packets = deliveries.at(target);
      if (!packets.is_empty() && breach.list_counts) {
        packets = forbidden_of(packets, claim, direction, target, world, date, spoofing);
      }
      if (!packets.is_empty()) {
        result.push_back({target, packets, breach.sent});
      }
    }
  }
  return result;
}

}  // namespace

std::vector<Arrival> violations_with(const Claim& claim, const Prohibition& prohibition, const Forbidden& direction,
                                     World& world, Approximation approximation, const std::string& date,
                                     Spoofing spoofing) {
  return violations_by(breaches(claim, prohibition, world.space()), claim, prohibition, direction, world, approximation,
                       date, spoofing);
}

std::vector<Arrival> violations_by_own_sessions(const Claim& claim, const Prohibition& prohibition,
                                                const Forbidden& direction, World& world, const std::string& date) {
  if (direction.traffic == Traffic::sessions) {
    return {};  // these packets open none
  }
  std::vector<Breach> all = breaches(claim, prohibition, world.space());
  for (Breach& breach : all) {
    const PacketSet packets = world.perhaps_of_own_sessions();
    breach.sent = breach.sent ? *breach.sent & packets : packets;
    breach.own_sessions = true;
  }
  return violations_by(all, claim, prohibition, direction, world, Approximation::over, date, claim.spoofing);
}

}  // namespace segproof::claim
