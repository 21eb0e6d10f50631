// SPDX-License-Identifier: Apache-2.0
#include "claim/closure_tables.h"

#include <algorithm>

namespace segproof::claim {
namespace {

using model::Network;
using model::SegmentId;

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

}  // namespace

ClosureTables::ClosureTables(const Worlds& worlds) : worlds_(worlds), bodies_(all_bodies(worlds.ipv4->network())) {
  candidates_ = size();
  std::for_each(bodies_.begin(), bodies_.end(), [this](const Body& body) { describe(body); });
}

void ClosureTables::describe(const Body& body) {
  const std::vector<SegmentId> outside = external_segments(body, network());
  const bool stands = body.kind == PlaceKind::device && network().assumes("A-FW");
  const bool is_touched = !outside.empty() && !external_falls(outside, network());
  outside_.push_back(!outside.empty());
  fates_.push_back(stands ? Fate::stands : is_touched ? Fate::is_touched : Fate::falls);
}

ClosureTables::Number ClosureTables::number_of(const Body& body) {
  const auto end = bodies_.begin() + candidates_;
  const auto place = std::lower_bound(bodies_.begin(), end, body);
  if (place != end && *place == body) {
    return static_cast<Number>(place - bodies_.begin());
  }
  const auto [known, is_new] = others_.emplace(body, size());
  if (is_new) {
    bodies_.push_back(body);
    describe(body);
  }
  return known->second;
}

ClosureTables::Origins ClosureTables::number_of_set(IntervalSet set) {
  const auto [known, is_new] = numbers_of_sets_.emplace(std::move(set), set_count());
  if (is_new) {
    sets_.push_back(&known->first);
  }
  return known->second;
}

std::optional<ClosureTables::Origins>& ClosureTables::entry(Column& column, Number body) {
  if (column.size() <= body) {
    column.resize(body + 1);
  }
  return column[body];
}

ClosureTables::Origins ClosureTables::own(Family family, Number number) {
  std::optional<Origins>& known = entry(own_[family], number);
  if (!known) {
    Resolved senders;
    for (const Place& place : places_of(bodies_[number], network())) {
      senders.parts.push_back({place, true, {}});
    }
    known = number_of_set(worlds_.of(family).origins_of(senders, Spoofing::any));
  }
  return *known;
}

Felling& ClosureTables::felling_by_one(Family family, Approximation approximation, Pivot pivot) {
  std::unique_ptr<Felling>& known = fellings_[{family, approximation, pivot}];
  if (!known) {
    World& world = worlds_.of(family);
    known = std::make_unique<Felling>(world, world.everybody(approximation, Spoofing::any), pivot);
  }
  return *known;
}

ClosureTables::Origins ClosureTables::fellers(Family family, Approximation approximation, Pivot pivot, Number number) {
  std::optional<Origins>& known = entry(fellers_[{family, approximation, pivot}], number);
  if (!known) {
    known = number_of_set(felling_by_one(family, approximation, pivot).origins(bodies_[number]));
  }
  return *known;
}

ClosureTables::Origins ClosureTables::openers(Family family, Approximation approximation, Number number) {
  std::optional<Origins>& known = entry(openers_[{family, approximation}], number);
  if (!known) {
    known = number_of_set(find_openers(worlds_.of(family), approximation, bodies_[number]));
  }
  return *known;
}

Felling& ClosureTables::any_session(Family family, Approximation approximation) {
  std::unique_ptr<Felling>& known = any_session_[{family, approximation}];
  if (!known) {
    World& world = worlds_.of(family);
    known = std::make_unique<Felling>(Felling::by_any_session(world, world.everybody(approximation, Spoofing::any)));
  }
  return *known;
}

IntervalSet ClosureTables::find_openers(World& world, Approximation approximation, const Body& body) {
  const reach::Reachability& all = world.everybody(approximation, Spoofing::any);
  if (body.node.valid()) {
    const auto& interfaces = network().node(body.node).interfaces;
    const bool arrives = std::any_of(interfaces.begin(), interfaces.end(),
                                     [&](model::InterfaceId id) { return !all.all().arrived(id).is_empty(); });
    Felling& sessions = any_session(world.family(), approximation);
    // The input rules of a node fell with it; a host that only receives has none.
    return !arrives && sessions.only_receives(body) ? sessions.origins(body) : all.openers_when_fallen(body.node);
  }
  IntervalSet result;
  for (const Place& place : places_of(body, network())) {
    const PlacePart part{place, true, addresses_of(place, network())};
    result = result | world.at(all, part, Traffic::sessions).values(Field::origin);
  }
  return result;
}

}  // namespace segproof::claim
