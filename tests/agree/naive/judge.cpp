// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/judge.h"

#include <fmt/format.h>

#include <algorithm>

namespace segproof::naive {

using claim::Kind;
using model::InterfaceId;
using model::NodeId;
using model::SegmentId;
using model::ZoneId;

bool Judge::knows(Kind kind) {
  switch (kind) {
    case Kind::isolated:
    case Kind::isolated_both_ways:
    case Kind::no_new_sessions:
    case Kind::only:
    case Kind::contained:
    case Kind::via:
    case Kind::detached:
    case Kind::anti_spoofed:
    case Kind::no_exfiltration:
    case Kind::no_direct_exfiltration:
      return true;
    case Kind::reachable:
    case Kind::unreferenced:
    case Kind::withstands:
    case Kind::at_no_time:
    case Kind::approved_change:
      break;
  }
  return false;
}

std::unique_ptr<Judge::Before> Judge::sessions_of_before(const model::Network& network, Family family,
                                                         const std::vector<Probe>& universe, const Setting& setting) {
  if (network.state_flushed || (network.previous_rules.empty() && network.earlier_rules.empty())) {
    return nullptr;
  }
  model::Network old = network;
  for (auto& node : old.nodes) {
    const auto at = old.previous_rules.find(node.name);
    if (at != old.previous_rules.end()) {
      node.rules = at->second;
    }
  }
  // Its own past: the next list.
  old.previous_rules.clear();
  if (!old.earlier_rules.empty()) {
    old.previous_rules = old.earlier_rules.front();
    old.earlier_rules.erase(old.earlier_rules.begin());
  }
  return std::make_unique<Before>(std::move(old), family, universe, setting);
}

std::optional<Finding> Judge::forbidden(const claim::Claim& claim) {
  const Locations from = resolve(claim.from);
  const Locations to = resolve(claim.to);
  switch (claim.kind) {
    case Kind::isolated:
      return any_packet(from, to);
    case Kind::isolated_both_ways: {
      auto found = any_packet(from, to);
      return found ? found : any_packet(to, from);
    }
    case Kind::no_new_sessions:
    case Kind::only:
      return any_session(claim, from, to);
    case Kind::contained:
      return falls(claim);
    case Kind::via:
      return around(claim);
    case Kind::detached:
      return touched(claim);
    case Kind::anti_spoofed:
      return spoofed_in(claim);
    case Kind::no_exfiltration:
      return exfiltrated(claim);
    case Kind::no_direct_exfiltration: {
      auto found = any_session(claim, from, externals());
      return found ? found : any_session(claim, externals(), from);
    }
    case Kind::reachable:
    case Kind::unreferenced:
    case Kind::withstands:
    case Kind::at_no_time:
    case Kind::approved_change:
      break;
  }
  return std::nullopt;
}

// R(A,B): "all packets that can be sent at a location of A and delivered at one of B"; pairs (h,h) are left out.
std::optional<Finding> Judge::any_packet(const Locations& from, const Locations& to, const std::set<Place>& removed,
                                         const std::set<SegmentId>& cut) {
  for (const auto& location : from) {
    for (const auto& delivery : attack_.all_packets(sender(location), removed, cut)) {
      if (delivery.place != location.place && is_at(delivery, to)) {
        return Finding{tell(location, delivery, "packet")};
      }
    }
  }
  return std::nullopt;
}

std::optional<Finding> Judge::any_session(const claim::Claim& claim, const Locations& from, const Locations& to) {
  for (const auto& location : from) {
    const auto wanted = [&](const Delivery& delivery) {
      if (delivery.place == location.place || !is_at(delivery, to)) {
        return false;
      }
      const auto& probe = lab_.probe(delivery.packet);
      const auto is_of = [&](const claim::Allowed& one) { return is_of_service(one.service, probe); };
      if (claim.kind == Kind::no_new_sessions && !claim.services.empty()) {
        return std::any_of(claim.services.begin(), claim.services.end(), is_of);
      }
      return !(claim.kind == Kind::only && is_allowed(location, delivery, claim.services));
    };
    const auto found = attack_.new_sessions(sender(location), wanted, true);
    if (!found.empty()) {
      return Finding{tell(location, found.front(), "session")};
    }
  }
  return std::nullopt;
}

CompromiseRules Judge::rules_of(const claim::Claim& claim) const {
  CompromiseRules rules;
  rules.pivot = claim.pivot.value_or(claim::Pivot::worst_case);
  rules.initiators_fall = claim.responder == claim::Responder::include;
  rules.hops = claim.hops ? std::optional(*claim.hops + 1) : std::nullopt;  // pivots, and the packet after them
  const auto& network = lab_.wiring().network();
  for (const auto& assumption : network.assumptions) {
    for (const auto& text : assumption.harmless) {
      if (const auto service = claim::parse_service(text)) {
        rules.harmless.push_back(*service);
      }
    }
  }
  rules.devices_fall = std::none_of(network.assumptions.begin(), network.assumptions.end(),
                                    [](const model::Assumption& a) { return a.id == "A-FW"; });
  for (std::size_t i = 0; i < network.zones.size(); ++i) {
    if (network.zones[i].external && network.zones[i].external_falls) {
      for (const auto& location : zone(ZoneId(i))) {
        rules.external_falls.insert(location.place);
      }
    }
  }
  return rules;
}

// "Comp(S) and T disjoint"
std::optional<Finding> Judge::falls(const claim::Claim& claim) {
  std::set<Place> start;
  for (const auto& location : resolve(claim.from)) {
    start.insert(location.place);
  }
  const auto all = compromise(attack_, start, rules_of(claim));
  for (const auto& target : resolve(claim.to)) {
    if (!start.contains(target.place) && all.has(target.place)) {
      std::string story = fmt::format("{} falls:", lab_.wiring().name_of(target.place));
      for (const auto& [place, round] : all.fallen) {
        story += fmt::format(" {}@{}", lab_.wiring().name_of(place), round);
      }
      return Finding{story};
    }
  }
  return std::nullopt;
}

// "every path from A to B passes X": a packet that arrives although X passes nothing.
std::optional<Finding> Judge::around(const claim::Claim& claim) {
  std::set<Place> removed;
  std::set<SegmentId> cut;
  for (const auto& name : claim.through) {
    const auto segment = lab_.wiring().network().find_segment(name.text);
    const auto zone_id = lab_.wiring().network().find_zone(name.text);
    if (zone_id.valid() || segment.valid()) {
      for (const auto& location : resolve({name})) {
        for (const auto id : lab_.wiring().segments_of(location.place)) {
          cut.insert(id);
        }
      }
      continue;
    }
    for (const auto& location : resolve({name})) {
      removed.insert(location.place);
    }
  }
  return any_packet(resolve(claim.from), resolve(claim.to), removed, cut);
}

// "nothing to or from these hosts, minus listed exceptions"
std::optional<Finding> Judge::touched(const claim::Claim& claim) {
  const auto hosts = resolve(claim.hosts);
  Locations others;
  const auto& wiring = lab_.wiring();
  for (Place place = 0; place < wiring.place_count(); ++place) {
    const bool is_one = std::any_of(hosts.begin(), hosts.end(), [&](const Location& l) { return l.place == place; });
    if (is_one || !wiring.exists(place) || place == wiring.unknown()) {
      continue;
    }
    if (!wiring.is_node(place) || wiring.is_device(place)) {
      others.insert({place, {}});
      continue;
    }
    for (const InterfaceId interface : wiring.interfaces_of(NodeId(place))) {
      others.insert({place, interface});
    }
  }
  const auto look = [&](const Locations& from, const Locations& to) -> std::optional<Finding> {
    for (const auto& location : from) {
      for (const auto& delivery : attack_.all_packets(sender(location))) {
        if (is_at(delivery, to) && !is_allowed(location, delivery, claim.except)) {
          return Finding{tell(location, delivery, "packet")};
        }
      }
    }
    return std::nullopt;
  };
  auto found = look(hosts, others);
  return found ? found : look(others, hosts);
}

// Of a device, or of a host that passes packets on or may do so.
bool Judge::is_ingress(InterfaceId id) const {
  const NodeId node_id = lab_.wiring().network().interface(id).node;
  const auto& node = lab_.wiring().network().node(node_id);
  const auto f = model::index_of(lab_.family());
  const bool routes = node.forwarding[f] == model::Forwarding::on && node.routes[f] == model::Known::given;
  const bool may = node.interfaces.size() > 1 && lab_.pass().forwards(node_id);
  return node.kind == model::NodeKind::device || routes || may;
}

// "packets with a source outside the zone's prefixes die at its ingress interfaces"
std::optional<Finding> Judge::spoofed_in(const claim::Claim& claim) {
  const auto& wiring = lab_.wiring();
  for (const auto& name : claim.zones) {
    const auto id = wiring.network().find_zone(name.text);
    if (!id.valid()) {
      continue;
    }
    const auto& prefixes = wiring.network().zone(id).prefixes;
    std::set<SegmentId> segments;
    for (const auto& location : zone(id)) {
      for (const auto segment : wiring.segments_of(location.place)) {
        if (!location.interface.valid() || wiring.network().interface(location.interface).segment == segment) {
          segments.insert(segment);
        }
      }
    }
    for (const auto segment : segments) {
      for (const auto interface : wiring.interfaces_on(segment)) {
        if (!is_ingress(interface)) {
          continue;
        }
        for (ProbeId packet = 0; packet < lab_.universe_size(); ++packet) {
          const Address source{lab_.family(), lab_.probe(packet).source};
          const bool inside = std::any_of(prefixes.begin(), prefixes.end(), [&](const Prefix& p) {
            return p.address.family == source.family && p.contains(source);
          });
          if (!inside && attack_.gets_past(interface, packet)) {
            return Finding{fmt::format("{} passes {}", wiring.network().interface(interface).name,
                                       text_of(lab_.probe(packet), lab_.family()))};
          }
        }
      }
    }
  }
  return std::nullopt;
}

// "no external zone is in worst-case Comp(h), and none can open a session to h or a member of Comp(h)"
std::optional<Finding> Judge::exfiltrated(const claim::Claim& claim) {
  claim::Claim worst = claim;
  worst.pivot = claim.pivot.value_or(claim::Pivot::worst_case);
  for (const auto& location : resolve(claim.from)) {
    const auto all = compromise(attack_, {location.place}, rules_of(worst));
    const Senders fallen = joint(lab_, all);
    for (const auto& external : externals()) {
      if (all.has(external.place)) {
        return Finding{fmt::format("{} is reached from {}", lab_.wiring().name_of(external.place),
                                   lab_.wiring().name_of(location.place))};
      }
      Senders outside = sender(external);
      outside.fallen = fallen.fallen;
      const auto into = [&](const Delivery& d) { return all.fallen.contains(d.place); };
      const auto found = attack_.new_sessions(outside, into, true);
      if (!found.empty()) {
        return Finding{tell(external, found.front(), "session")};
      }
    }
  }
  return std::nullopt;
}

Senders Judge::sender(const Location& location) const {
  Senders one;
  one.places = {location.place};
  one.devices_spoof = lab_.setting().readings.asked_devices_spoof;
  one.through_output = lab_.setting().trust_source_host;
  if (location.interface.valid()) {
    one.only_from = lab_.wiring().network().interface(location.interface).segment;
  }
  return one;
}

bool Judge::is_at(const Delivery& delivery, const Locations& locations) const {
  return std::any_of(locations.begin(), locations.end(), [&](const Location& l) { return is_at(delivery, l); });
}

bool Judge::is_at(const Delivery& delivery, const Location& l) const {
  if (l.place != delivery.place) {
    return false;
  }
  const auto& wiring = lab_.wiring();
  const Bits destination = lab_.probe(delivery.packet).destination;
  // What goes to everybody is for every address of the place.
  const bool is_for_one =
      wiring.is_node(l.place) ? wiring.is_own(NodeId(l.place), destination) : wiring.owns(l.place, destination);
  if (l.within && is_for_one && !l.within->contains(Address{lab_.family(), destination})) {
    return false;
  }
  if (!l.interface.valid() || !delivery.at.valid()) {
    return true;
  }
  const auto& own = wiring.network().interface(l.interface).addresses;
  const bool owns = std::any_of(own.begin(), own.end(), [&](const InterfaceAddress& a) {
    return a.address == Address{lab_.family(), destination};
  });
  const bool came_in = delivery.at == l.interface;
  return owns || (came_in && (lab_.setting().readings.arrival_counts_as_location || !is_for_one));
}

bool Judge::expires(const claim::Allowed& allowed) const {
  return !allowed.expires.empty() && allowed.expires < lab_.wiring().network().date;
}

bool Judge::is_allowed(const Location& from, const Delivery& delivery, const std::vector<claim::Allowed>& list) const {
  const auto& probe = lab_.probe(delivery.packet);
  return std::any_of(list.begin(), list.end(), [&](const claim::Allowed& allowed) {
    if (expires(allowed) || !is_of_service(allowed.service, probe)) {
      return false;
    }
    const auto sources = resolve(allowed.from);
    const bool from_fits = allowed.from.empty() || std::any_of(sources.begin(), sources.end(), [&](const Location& l) {
                             const bool other_leg =
                                 l.interface.valid() && from.interface.valid() && l.interface != from.interface;
                             return l.place == from.place && !other_leg;
                           });
    return from_fits && (allowed.to.empty() || is_at(delivery, resolve(allowed.to)));
  });
}

std::string Judge::tell(const Location& from, const Delivery& delivery, std::string_view how) {
  return fmt::format("{} from {} delivered at {}: {}", how, lab_.wiring().name_of(from.place),
                     lab_.wiring().name_of(delivery.place), text_of(lab_.probe(delivery.packet), lab_.family()));
}

}  // namespace segproof::naive
