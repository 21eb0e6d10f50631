// SPDX-License-Identifier: Apache-2.0
#include "claim/parties.h"

#include <algorithm>
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

// Headers as sent that `as-sent` names.
PacketSet as_sent(const Claim& claim, Space& space) {
  PacketSet result = space.all();
  if (claim.as_sent_to) {
    const auto prefix = parse_prefix(claim.as_sent_to->text);
    result &= prefix && prefix->address.family == space.family()
                  ? space.where(Field::destination, IntervalSet{prefix->interval()})
                  : space.none();
  }
  if (claim.as_sent_service) {
    result &= packets_of(*claim.as_sent_service, space);
  }
  return result;
}

bool speaks_of_sent_headers(const Claim& claim) {
  return claim.as_sent_to || claim.as_sent_service;
}

std::vector<Place> places_in(const Resolved& resolved) {
  std::vector<Place> result;
  for (const PlacePart& part : resolved.parts) {
    result.push_back(part.place);
  }
  return result;
}

bool only_pairs_of_one_host(const Resolved& from, const Resolved& to) {
  const NodeId node = from.parts.empty() ? NodeId{} : from.parts.front().place.node;
  const auto same = [&](const PlacePart& part) { return part.place.node == node; };
  return node.valid() && !to.parts.empty() && std::all_of(from.parts.begin(), from.parts.end(), same) &&
         std::all_of(to.parts.begin(), to.parts.end(), same);
}

// Takes the nodes and segments of `through` out of the network.
void remove(const Resolved& through, const Network& network, World::Special& special) {
  special.removed_nodes.assign(network.nodes.size(), false);
  special.removed_segments.assign(network.segments.size(), false);
  for (const PlacePart& part : through.parts) {
    if (part.place.kind == PlaceKind::unlisted) {
      special.removed_segments[part.place.segment.index()] = true;
    } else if (part.place.node.valid()) {
      special.removed_nodes[part.place.node.index()] = true;
    }
  }
}

}  // namespace

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

// What hosts with several interfaces reach when they make state on one side and use it on the other.
PacketSet across_interfaces(const Forbidden& direction, const PlacePart& target, World& world, Spoofing spoofing) {
  Space& space = world.space();
  PacketSet result = space.none();
  std::set<NodeId> seen;
  for (const PlacePart& part : direction.party.from.parts) {
    const NodeId node = part.place.node;
    if (part.place.kind != PlaceKind::interface || world.network().node(node).interfaces.size() < 2 ||
        !seen.insert(node).second) {
      continue;
    }
    std::vector<Place> places;
    for (const model::InterfaceId interface : world.network().node(node).interfaces) {
      places.push_back({PlaceKind::interface, interface, world.network().interface(interface).segment, node});
    }
    const PacketSet packets = world.at(world.jointly({places, Approximation::over}), target, direction.traffic);
    result |= packets.assign(Field::origin, world.origins_of({{part}, {}}, spoofing));
  }
  return result;
}

}  // namespace

std::vector<Arrival> violations_with(const Claim& claim, const Prohibition& prohibition, const Forbidden& direction,
                                     World& world, Approximation approximation, const std::string& date,
                                     Spoofing spoofing) {
  Space& space = world.space();
  const bool sent_headers = speaks_of_sent_headers(claim);
  std::unique_ptr<reach::Reachability> special;
  PacketSet senders = space.all();
  // A device that the claim names as a sender sends like any other place; as one of "everything else" it is itself.
  const auto& senders_named = direction.party.from.parts;
  const bool from_device = spoofing != Spoofing::own && claim.kind != Kind::detached &&
                           std::any_of(senders_named.begin(), senders_named.end(),
                                       [](const PlacePart& part) { return part.place.kind == PlaceKind::device; });
  if (claim.kind == Kind::via || claim.trust_source_host || sent_headers || from_device) {
    World::Special asked;
    asked.members = places_in(direction.party.from);
    asked.spoofing = spoofing;
    asked.through_own_rules = claim.trust_source_host;
    asked.known_origins = true;
    if (sent_headers) {
      const PacketSet named = as_sent(claim, space);
      asked.only = claim.kind == Kind::only ? named.complement() : named;
    }
    if (claim.kind == Kind::via) {
      remove(prohibition.through, world.network(), asked);
    }
    special = world.especially(asked, approximation);
  } else {
    senders = space.where(Field::origin, world.origins_of(direction.party.from, spoofing));
  }
  const reach::Reachability& reachability = special ? *special : world.everybody(approximation, spoofing);
  std::vector<Arrival> result;
  for (const PlacePart& target : direction.party.to.parts) {
    PacketSet packets = world.at(reachability, target, direction.traffic) & senders;
    if (!special && approximation == Approximation::over && direction.traffic != Traffic::any &&
        spoofing != Spoofing::own) {
      packets |= across_interfaces(direction, target, world, spoofing);
    }
    if (packets.is_empty()) {
      continue;
    }
    if (claim.kind == Kind::only && !sent_headers) {
      packets -= allowed_at(claim.services, direction.party.from, target, date, world, spoofing);
    } else if (claim.kind == Kind::no_new_sessions && !claim.services.empty()) {
      packets &= any_service(claim.services, space);
    } else if (claim.kind == Kind::detached) {
      packets -= allowed_at(claim.except, direction.party.from, target, date, world, spoofing);
    }
    if (!packets.is_empty()) {
      result.push_back({target, packets});
    }
  }
  return result;
}

}  // namespace segproof::claim
