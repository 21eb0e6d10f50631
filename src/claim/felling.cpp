// SPDX-License-Identifier: Apache-2.0
#include "claim/felling.h"

#include <algorithm>
#include <set>

namespace segproof::claim {
namespace {

using model::NodeId;
using model::SegmentId;
using reach::Behaviour;

// Services that somebody registered as harmless do not make anybody fall.
PacketSet harmless_services(World& world) {
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

bool asks_for_services(Pivot pivot) {
  return pivot == Pivot::vulnerable || pivot == Pivot::listening;
}

// Where the origins of packets to neighbouring destinations differ.
std::vector<Bits> bounds_of(PacketSet packets) {
  std::set<std::uint32_t> seen;
  std::vector<Bits> bounds;
  const IntervalSet origins = packets.values(Field::origin);
  for (const Interval& range : origins.intervals()) {
    for (Bits origin = range.low; origin <= range.high; ++origin) {
      const PacketSet there = packets.cofactor(Field::origin, origin);
      if (!seen.insert(there.root()).second) {
        continue;
      }
      const IntervalSet destinations = there.values(Field::destination);
      for (const Interval& interval : destinations.intervals()) {
        bounds.push_back(interval.low);
        bounds.push_back(interval.high + 1);  // 0 beyond the last address: harmless, nothing lies below it
      }
    }
  }
  std::sort(bounds.begin(), bounds.end());
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  return bounds;
}

}  // namespace

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
  packets -= harmless_services(world);
  if (body.kind == PlaceKind::interface && pivot == Pivot::vulnerable) {
    packets &= vulnerable_services(world, world.network().node(body.node));
  } else if (body.kind == PlaceKind::interface && pivot == Pivot::listening) {
    packets &= listening_services(world, world.network().node(body.node));
  }
  return packets;
}

Felling::Felling(World& world, const reach::Reachability& reachability, Pivot pivot)
    : world_(&world), reachability_(&reachability), pivot_(pivot), harmless_(harmless_services(world)) {}

Felling Felling::by_any_session(World& world, const reach::Reachability& reachability) {
  Felling result(world, reachability, Pivot::worst_case);
  result.harmless_ = world.space().none();
  return result;
}

bool Felling::only_receives(const Body& body) const {
  return body.kind == PlaceKind::interface && !asks_for_services(pivot_) &&
         world_->compiled().node(body.node).behaviour == Behaviour::leaf;
}

std::vector<SegmentId> Felling::segments_of(const Body& body) const {
  std::vector<SegmentId> result;
  for (const model::InterfaceId id : world_->network().node(body.node).interfaces) {
    const model::Interface& interface = world_->network().interface(id);
    if (interface.segment.valid() && interface.is_up) {
      result.push_back(interface.segment);
    }
  }
  return result;
}

// Felling packets on the segment, but for SYNs.
PacketSet Felling::sure_on(SegmentId segment) const {
  const PacketSet packets = pivot_ == Pivot::paranoid ? reachability_->all().on_segment(segment) -
                                                            world_->compiled().headers().with_role(reach::Role::foreign)
                                                      : reachability_->fresh_without_tcp_on(segment);
  return packets - harmless_;
}

const Felling::OnSegment& Felling::on_segment(SegmentId segment) {
  if (const auto known = on_segment_.find(segment); known != on_segment_.end()) {
    return known->second;
  }
  PacketSet packets = sure_on(segment);
  if (pivot_ != Pivot::paranoid && !reachability_->syns_on(segment).is_empty()) {
    packets |= reachability_->completed_on(segment) - harmless_;
  }
  for (std::size_t index = field_count; index-- > 0;) {  // from below: what is left soon is small
    if (const auto field = static_cast<Field>(index); field != Field::origin && field != Field::destination) {
      packets = packets.forget(field);
    }
  }
  return on_segment_.emplace(segment, OnSegment{packets, bounds_of(packets)}).first->second;
}

const IntervalSet& Felling::origins(const Body& body) {
  if (const auto known = origins_.find(body); known != origins_.end()) {
    return known->second;
  }
  IntervalSet result;
  if (!only_receives(body)) {
    result = felling(body, *world_, *reachability_, pivot_).values(Field::origin);
  } else {
    const reach::CompiledNode& node = world_->compiled().node(body.node);
    const IntervalSet addresses = node.facts.own | node.facts.directed_broadcast;
    for (const SegmentId segment : segments_of(body)) {
      const OnSegment& there = on_segment(segment);
      std::vector<std::size_t> place{segment.index()};
      for (const Interval& interval : addresses.intervals()) {
        for (const Bits end : {interval.low, interval.high}) {
          const auto above = std::upper_bound(there.bounds.begin(), there.bounds.end(), end);
          place.push_back(static_cast<std::size_t>(above - there.bounds.begin()));
        }
      }
      const auto [known, is_new] = origins_by_place_.try_emplace(std::move(place));
      if (is_new) {
        known->second = (there.packets & node.to_itself).values(Field::origin);
      }
      result = result | known->second;
    }
  }
  return origins_.emplace(body, std::move(result)).first->second;
}

Felling::Destinations& Felling::destinations_on(SegmentId segment) {
  const auto [known, is_new] = destinations_.try_emplace(segment);
  if (is_new) {
    known->second.sure = sure_on(segment).values(Field::destination);
    if (pivot_ != Pivot::paranoid) {
      known->second.syn = (reachability_->syns_on(segment) - harmless_).values(Field::destination);
    }
  }
  return known->second;
}

bool Felling::falls_on(SegmentId segment, NodeId id) {
  const reach::CompiledNode& node = world_->compiled().node(id);
  const auto is_among = [&](const IntervalSet& destinations) {
    return destinations.intersects(node.facts.own) || destinations.intersects(node.facts.directed_broadcast) ||
           destinations.intersects(world_->compiled().headers().link_only());
  };
  Destinations& there = destinations_on(segment);
  if (is_among(there.sure)) {
    return true;
  }
  if (!is_among(there.syn)) {
    return false;
  }
  if (!there.completed) {
    there.completed = (reachability_->completed_on(segment) - harmless_).values(Field::destination);
  }
  return is_among(*there.completed);
}

bool Felling::falls(const Body& body) {
  if (!only_receives(body)) {
    return !felling(body, *world_, *reachability_, pivot_).is_empty();
  }
  const std::vector<SegmentId> segments = segments_of(body);
  return std::any_of(segments.begin(), segments.end(), [&](SegmentId segment) { return falls_on(segment, body.node); });
}

}  // namespace segproof::claim
