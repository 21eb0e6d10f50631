// SPDX-License-Identifier: Apache-2.0
#include "check/core/containment.h"

#include <algorithm>

namespace check {
namespace {

bool is_registered(const Network& network, std::string_view assumption) {
  return std::any_of(network.assumptions.begin(), network.assumptions.end(),
                     [&](const Assumption& other) { return other.id == assumption; });
}

// On nothing but segments of external zones whose hosts do not fall.
bool is_beyond(const Place& place, const Network& network) {
  Place whole = place;
  if (place.kind == Place::Kind::interface) {
    whole.kind = Place::Kind::device;
  }
  const std::vector<std::size_t> segments = segments_of(whole, network);
  return !segments.empty() && place.kind != Place::Kind::device &&
         std::all_of(segments.begin(), segments.end(), [&](std::size_t segment) {
           return network.segments[segment].is_external &&
                  std::none_of(network.zones.begin(), network.zones.end(), [&](const Zone& zone) {
                    return zone.falls && std::find(zone.wires.begin(), zone.wires.end(),
                                                   network.segments[segment].name) != zone.wires.end();
                  });
         });
}

// With one interface of a host all of them.
Places whole_hosts(const Places& places, const Places& everywhere) {
  Places result;
  for (const auto& [place, part] : places) {
    for (const auto& [other, whole] : everywhere) {
      const bool same_host =
          place.kind == Place::Kind::interface && other.kind == place.kind && other.node == place.node;
      if (other == place || same_host) {
        result.emplace(other, whole);
      }
    }
    result.emplace(place, part);
  }
  return result;
}

// The fallen hold where the claim begins, and nothing that it protects.
void check_fallen(const Places& fallen, const Places& start, const Places& targets, bool only_start,
                  const Network& network) {
  for (const auto& [place, part] : start) {
    if (!fallen.contains(place)) {
      throw Rejected(name_of(network, place) + " is where the claim begins, and is not among the fallen");
    }
  }
  for (const auto& [place, part] : fallen) {
    if (only_start && !start.contains(place)) {
      throw Rejected(name_of(network, place) + " does not fall at this level");
    }
  }
  for (const auto& [place, part] : targets) {
    if (fallen.contains(place)) {
      throw Rejected(name_of(network, place) + " is among the fallen");
    }
  }
}

}  // namespace

// Nobody outside the fallen is made to fall, and nobody outside opens a session to them.
std::vector<Question> containment(const Claim& claim, const Surroundings& world, const Places& fallen) {
  const Network& network = world.network();
  const bool outwards = claim.kind == "no-exfiltration";
  const std::string pivot = claim.pivot.empty() ? "worst-case" : claim.pivot;
  const Places targets = outwards ? external_places(world) : places_of(world, claim.to);
  const Places everywhere = all_places(world);
  const Places start = whole_hosts(places_of(world, claim.from), everywhere);
  check_fallen(fallen, start, targets, pivot == "direct", network);
  const Places standing = others(everywhere, fallen);
  Question reach{{}, {},          pivot == "paranoid" ? Traffic::not_replies : Traffic::sessions, false, true, false,
                 {}, std::nullopt};
  Question open{{}, fallen, Traffic::sessions, false, false, true, {}, std::nullopt};
  for (const auto& [place, part] : fallen) {
    reach.senders.push_back(place);
  }
  for (const Assumption& assumption : network.assumptions) {
    reach.allowed.insert(reach.allowed.end(), assumption.harmless.begin(), assumption.harmless.end());
  }
  for (const auto& [place, part] : standing) {
    const bool stands = place.kind == Place::Kind::device && is_registered(network, "A-FW") && pivot != "direct";
    const auto target = targets.find(place);
    const bool falls = !stands && !is_beyond(place, network) && pivot != "direct";
    if (falls) {
      reach.targets.emplace(place, part);
    } else if (!stands && target != targets.end()) {
      reach.targets.emplace(place, target->second);
    }
    const bool opens = claim.responder == "include" ? falls || (!stands && target != targets.end())
                                                    : outwards && target != targets.end();
    const bool is_off = place.kind == Place::Kind::device && world.facts(place.node).behaviour == Behaviour::closed;
    if (opens && !is_off) {
      open.senders.push_back(place);
    }
  }
  if (pivot == "direct" || open.senders.empty()) {
    return {reach};
  }
  return {reach, open};
}

}  // namespace check
