// SPDX-License-Identifier: Apache-2.0
#include "claim/closure.h"

#include <algorithm>

namespace segproof::claim {
namespace {

using model::Network;
using model::NodeId;
using model::SegmentId;

bool registered(const Network& network, std::string_view id) {
  return std::any_of(network.assumptions.begin(), network.assumptions.end(),
                     [&](const model::Assumption& assumption) { return assumption.id == id; });
}

// Services that somebody registered as harmless do not make anybody fall.
PacketSet harmless(World& world) {
  PacketSet result = world.space().none();
  for (const model::Assumption& assumption : world.network().assumptions) {
    for (const std::string& text : assumption.harmless) {
      if (const auto service = parse_service(text)) {
        PacketSet packets = world.space().all();
        if (service->protocol) {
          packets &= world.space().where(Field::protocol, *service->protocol);
        }
        if (!service->ports.is_empty()) {
          packets &= world.space().where(Field::destination_port, service->ports);
        }
        result |= packets;
      }
    }
  }
  return result;
}

PacketSet service_packets(World& world, const model::Service& service) {
  PacketSet packets = world.space().where(Field::protocol, service.protocol);
  return service.ports.is_empty() ? packets : packets & world.space().where(Field::destination_port, service.ports);
}

PacketSet vulnerable_services(World& world, const model::Node& node) {
  PacketSet result = world.space().none();
  for (const model::Service& service : node.services) {
    if (std::find(service.tags.begin(), service.tags.end(), "vulnerable") != service.tags.end()) {
      result |= service_packets(world, service);
    }
  }
  return result;
}

// What may listen: the listed services, and every port that no scan looked at.
PacketSet listening_services(World& world, const model::Node& node) {
  Space& space = world.space();
  if (!node.services_known) {
    return space.all();
  }
  PacketSet result = space.none();
  for (const model::Service& service : node.services) {
    result |= service_packets(world, service);
  }
  if (!node.scanned.empty()) {
    PacketSet looked_at = space.none();
    for (const auto& [protocol, ports] : node.scanned) {
      looked_at |= space.where(Field::protocol, protocol) & space.where(Field::destination_port, ports);
    }
    result |= looked_at.complement();
  }
  return result;
}

// The external segments that a body is attached to, when it is attached to nothing else.
std::vector<SegmentId> external_segments(const Body& body, const Network& network) {
  std::vector<SegmentId> result;
  for (const Place& place : places_of(body, network)) {
    if (!place.segment.valid() || !network.segment(place.segment).external) {
      return {};
    }
    result.push_back(place.segment);
  }
  return result;
}

bool external_falls(const std::vector<SegmentId>& segments, const Network& network) {
  return std::any_of(network.zones.begin(), network.zones.end(), [&](const model::Zone& zone) {
    return zone.external_falls && std::any_of(segments.begin(), segments.end(), [&](SegmentId segment) {
             return std::find(zone.segments.begin(), zone.segments.end(), segment) != zone.segments.end();
           });
  });
}

std::vector<Body> all_bodies(const Network& network) {
  std::set<Body> bodies;
  for (const PlacePart& part : all_places(network).parts) {
    bodies.insert(body_of(part.place));
  }
  return {bodies.begin(), bodies.end()};
}

// Where a fallen place sends.
std::vector<SegmentId> segments_of(const Place& place, const Network& network) {
  std::vector<SegmentId> result;
  if (place.kind == PlaceKind::device) {
    for (const model::InterfaceId interface : network.node(place.node).interfaces) {
      result.push_back(network.interface(interface).segment);
    }
  } else {
    result.push_back(place.segment);
  }
  std::erase_if(result, [](SegmentId segment) { return !segment.valid(); });
  return result;
}

// One run of the closure.
class Closing {
 public:
  Closing(const ClosureQuestion& question, const Worlds& worlds)
      : question_(&question), worlds_(&worlds), network_(&worlds.ipv4->network()), bodies_(all_bodies(*network_)) {}

  Closure run() {
    for (const Place& place : question_->start) {
      closure_.fallen.emplace(body_of(place), FallRecord{});
    }
    if (question_->pivot == Pivot::direct) {
      static_cast<void>(jointly(1));
    } else if (question_->hops) {
      for (unsigned round = 1; round <= *question_->hops && jointly(round); ++round) {
      }
    } else {
      // What one alone can do comes first, since it is known from the shared flood; then what they can do together.
      unsigned round = 1;
      do {
        while (!arrived() && pairwise(round)) {
          ++round;
        }
      } while (!arrived() && jointly(round++));
    }
    closure_.members = members();
    if (registered(*network_, "A-FW")) {
      closure_.assumptions.insert("A-FW");
    }
    if (!closure_.touched.empty()) {
      closure_.assumptions.insert("A-EXT");
    }
    if (!question_->responders_fall_to) {
      closure_.assumptions.insert("A-R2I");
    }
    return std::move(closure_);
  }

 private:
  [[nodiscard]] std::vector<Place> members() const {
    std::set<Place> places;
    for (const auto& [body, record] : closure_.fallen) {
      for (const Place& place : places_of(body, *network_)) {
        places.insert(place);
      }
    }
    return {places.begin(), places.end()};
  }

  // One of the places to stop at fell or was touched.
  [[nodiscard]] bool arrived() const {
    return std::any_of(question_->until.begin(), question_->until.end(), [&](const Place& place) {
      const Body body = body_of(place);
      return closure_.fallen.contains(body) || closure_.touched.contains(body);
    });
  }

  // All fallen bodies together reach more.
  bool jointly(unsigned round) {
    const std::vector<Place> joined = members();
    std::map<Body, FallRecord> fresh;
    grew_ = false;
    for (World* world : worlds_->all()) {
      const reach::Reachability& joint = world->jointly({joined, question_->approximation});
      for (const Body& body : bodies_) {
        if (!is_known(body, fresh) && !felling(body, *world, joint, question_->pivot).is_empty()) {
          fall(body, {round, FallReason::reached, world->family(), {}}, fresh);
        }
      }
      if (follows_initiators() && question_->pivot != Pivot::direct) {
        initiators(*world, round, fresh);
        if (question_->responders_fall_to && question_->approximation == Approximation::over) {
          answered_by_others(*world, joined, round, fresh);
        }
      }
    }
    closure_.fallen.merge(fresh);
    return grew_;
  }

  // Every body whose SYN reaches a fallen one and is answered by another one in its name.
  void answered_by_others(World& world, const std::vector<Place>& joined, unsigned round,
                          std::map<Body, FallRecord>& fresh) {
    const reach::Reachability& all = world.everybody(question_->approximation, Spoofing::any);
    PacketSet knocking = world.space().none();
    std::set<SegmentId> segments;
    for (const Place& place : joined) {
      knocking |= place.node.valid()      ? all.knocking(place.node)
                  : place.segment.valid() ? all.knocking_unlisted(place.segment)
                                          : world.space().none();
      for (const SegmentId segment : segments_of(place, *network_)) {
        segments.insert(segment);
      }
    }
    IntervalSet others;
    for (const Body& body : bodies_) {
      others = is_known(body, fresh) ? others : others | origins_of(world, body);
    }
    knocking &= world.space().where(Field::origin, others);
    if (segments.size() < 2 || knocking.is_empty()) {
      return;
    }
    const IntervalSet answered = all.answered_from(knocking, std::vector<SegmentId>(segments.begin(), segments.end()));
    for (const Body& body : bodies_) {
      if (!is_known(body, fresh) && origins_of(world, body).intersects(answered)) {
        fall(body, {round, FallReason::initiated, world.family(), closure_.fallen.begin()->first}, fresh);
      }
    }
  }

  // Some fallen body alone reaches more, or somebody opens a session to one.
  bool pairwise(unsigned round) {
    std::map<Body, FallRecord> fresh;
    grew_ = false;
    for (World* world : worlds_->all()) {
      const IntervalSet fallen = origins(*world, members());
      for (const Body& body : bodies_) {
        if (!is_known(body, fresh) && fellers(*world, body).intersects(fallen)) {
          fall(body, {round, FallReason::reached, world->family(), {}}, fresh);
        }
      }
      if (follows_initiators()) {
        initiators(*world, round, fresh);
      }
    }
    closure_.fallen.merge(fresh);
    return grew_;
  }

  [[nodiscard]] bool follows_initiators() const { return question_->responders_fall_to || question_->outside_counts; }

  // Every body that can open a session to a fallen one.
  void initiators(World& world, unsigned round, std::map<Body, FallRecord>& fresh) {
    std::vector<Interval> all;
    for (const auto& [fallen, record] : closure_.fallen) {
      const std::span<const Interval> opening = openers(world, fallen).intervals();
      all.insert(all.end(), opening.begin(), opening.end());
    }
    const IntervalSet opening = IntervalSet::of(std::move(all));
    for (const Body& body : bodies_) {
      if (is_known(body, fresh) || !origins_of(world, body).intersects(opening) ||
          (!question_->responders_fall_to && external_segments(body, *network_).empty())) {
        continue;
      }
      const auto peer = std::find_if(closure_.fallen.begin(), closure_.fallen.end(), [&](const auto& entry) {
        return openers(world, entry.first).intersects(origins_of(world, body));
      });
      fall(body, {round, FallReason::initiated, world.family(), peer->first}, fresh);
    }
  }

  [[nodiscard]] bool is_known(const Body& body, const std::map<Body, FallRecord>& fresh) const {
    return closure_.fallen.contains(body) || fresh.contains(body) || closure_.touched.contains(body);
  }

  // Origins, each asked once: of a body itself, of who alone makes it fall, of who opens sessions to it.
  using OriginsOf = std::map<std::pair<Family, Body>, IntervalSet>;
  [[nodiscard]] static IntervalSet origins(World& world, const std::vector<Place>& places) {
    Resolved senders;
    for (const Place& place : places) {
      senders.parts.push_back({place, true, {}});
    }
    return world.origins_of(senders, Spoofing::any);
  }
  const IntervalSet& origins_of(World& world, const Body& body) {
    const auto [known, is_new] = own_origins_.try_emplace({world.family(), body});
    if (is_new) {
      known->second = origins(world, places_of(body, *network_));
    }
    return known->second;
  }
  const IntervalSet& fellers(World& world, const Body& body) {
    const auto [known, is_new] = fellers_.try_emplace({world.family(), body});
    if (is_new) {
      const reach::Reachability& all = world.everybody(question_->approximation, Spoofing::any);
      known->second = felling(body, world, all, question_->pivot).values(Field::origin);
    }
    return known->second;
  }
  const IntervalSet& openers(World& world, const Body& body) {
    const auto [known, is_new] = openers_.try_emplace({world.family(), body});
    if (is_new) {
      const reach::Reachability& all = world.everybody(question_->approximation, Spoofing::any);
      for (const Place& place : places_of(body, *network_)) {
        const PlacePart part{place, true, addresses_of(place, *network_)};
        known->second = known->second | world.at(all, part, Traffic::sessions).values(Field::origin);
        if (place.node.valid()) {  // its input rules fell with it
          known->second = known->second | all.fresh_when_fallen(place.node).values(Field::origin);
        }
      }
    }
    return known->second;
  }

  void fall(const Body& body, const FallRecord& record, std::map<Body, FallRecord>& fresh) {
    if (body.kind == PlaceKind::device && registered(*network_, "A-FW")) {
      return;
    }
    const std::vector<SegmentId> outside = external_segments(body, *network_);
    if (!outside.empty() && !external_falls(outside, *network_)) {
      closure_.touched.emplace(body, record);
      return;
    }
    if (question_->pivot == Pivot::direct) {
      closure_.touched.emplace(body, record);  // nobody falls: this is whom the start reaches
      return;
    }
    fresh.emplace(body, record);
    grew_ = true;
  }

  const ClosureQuestion* question_;
  const Worlds* worlds_;
  const Network* network_;
  std::vector<Body> bodies_;
  Closure closure_;
  OriginsOf own_origins_;
  OriginsOf fellers_;
  OriginsOf openers_;
  bool grew_ = false;
};

}  // namespace

Body body_of(const Place& place) {
  switch (place.kind) {
    case PlaceKind::interface:
      return {PlaceKind::interface, place.node, {}};
    case PlaceKind::device:
      return {PlaceKind::device, place.node, {}};
    case PlaceKind::unlisted:
      return {PlaceKind::unlisted, {}, place.segment};
    case PlaceKind::unknown:
      return {PlaceKind::unknown, {}, {}};
  }
  return {};
}

std::vector<Place> places_of(const Body& body, const Network& network) {
  switch (body.kind) {
    case PlaceKind::interface: {
      std::vector<Place> result;
      for (const model::InterfaceId interface : network.node(body.node).interfaces) {
        result.push_back({PlaceKind::interface, interface, network.interface(interface).segment, body.node});
      }
      return result;
    }
    case PlaceKind::device:
      return {{PlaceKind::device, {}, {}, body.node}};
    case PlaceKind::unlisted:
      return {{PlaceKind::unlisted, {}, body.segment, {}}};
    case PlaceKind::unknown:
      return {Place{}};
  }
  return {};
}

std::string body_name(const Body& body, const Network& network) {
  return body.kind == PlaceKind::interface ? network.node(body.node).name
                                           : place_name(places_of(body, network).front(), network);
}

PacketSet felling(const Body& body, World& world, const reach::Reachability& reachability, Pivot pivot) {
  PacketSet packets = world.space().none();
  const Traffic traffic = pivot == Pivot::paranoid ? Traffic::not_replies : Traffic::sessions;
  const std::vector<Place> places = places_of(body, world.network());
  if (!places.empty()) {  // a node gets what is for any of its addresses, on whatever interface
    const PlacePart part{places.front(), true, addresses_of(places.front(), world.network())};
    packets = body.kind == PlaceKind::interface ? (traffic == Traffic::sessions
                                                       ? reachability.fresh(body.node)
                                                       : reachability.any(body.node) -
                                                             world.compiled().headers().with_role(reach::Role::foreign))
                                                : world.at(reachability, part, traffic);
  }
  if (packets.is_empty()) {
    return packets;
  }
  packets -= harmless(world);
  if (body.kind == PlaceKind::interface && pivot == Pivot::vulnerable) {
    packets &= vulnerable_services(world, world.network().node(body.node));
  } else if (body.kind == PlaceKind::interface && pivot == Pivot::listening) {
    packets &= listening_services(world, world.network().node(body.node));
  }
  return packets;
}

Closure close(const ClosureQuestion& question, const Worlds& worlds) {
  return Closing(question, worlds).run();
}

}  // namespace segproof::claim
