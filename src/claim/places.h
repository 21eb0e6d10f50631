// SPDX-License-Identifier: Apache-2.0
// What the names of a claim stand for: locations at which packets are sent and delivered. A location is not an address:
// an interface of a host, the unlisted hosts of a segment, a device itself, or what lies outside the model.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "model/claim.h"
#include "model/network.h"

namespace segproof::claim {

enum class PlaceKind : std::uint8_t { interface, unlisted, device, unknown };

struct Place {
  PlaceKind kind = PlaceKind::unknown;
  model::InterfaceId interface;  // interface
  model::SegmentId segment;      // interface (its segment), unlisted
  model::NodeId node;            // interface (its host), device
  friend auto operator<=>(const Place&, const Place&) = default;
};

// A place, or the part of it whose addresses a prefix names.
struct PlacePart {
  Place place;
  bool whole = true;
  model::PerFamily<IntervalSet> addresses;  // of the part; for a whole place: all its addresses
};

struct Resolved {
  std::vector<PlacePart> parts;                    // each place once, sorted
  std::vector<std::string> empty;                  // names that resolve to nothing, each with a reason and a hint
  [[nodiscard]] bool covers(Family family) const;  // some part has an address of the family
};

// Zones first, then hosts, segments, `device:NAME`, `unlisted@SEGMENT`, `unknown`, prefixes.
[[nodiscard]] Resolved resolve(const std::vector<Name>& names, const model::Network& network);
// The name is an address or prefix of which no location owns anything, and which some translation has as destination.
[[nodiscard]] bool is_only_translated(const Name& name, const model::Network& network);
// The locations whose addresses lie in the prefix.
[[nodiscard]] Resolved locations_of(const Prefix& prefix, const model::Network& network);
[[nodiscard]] Resolved external_places(const model::Network& network);
[[nodiscard]] Resolved all_places(const model::Network& network);
// Every place of `all` that is not in `some`.
[[nodiscard]] Resolved others(const Resolved& all, const Resolved& some);
[[nodiscard]] std::vector<Place> places_in(const Resolved& resolved);
// A place that is in both, if any: overlapping from and to is an error of the claim.
[[nodiscard]] const PlacePart* overlap(const Resolved& a, const Resolved& b);

// "fta01", "fta01:eth1" (a host with several interfaces), "unlisted@dmz", "internet" (an external segment),
// "device:fw-edge", "unknown".
[[nodiscard]] std::string place_name(const Place& place, const model::Network& network);
[[nodiscard]] model::PerFamily<IntervalSet> addresses_of(const Place& place, const model::Network& network);
// "a, b" as the claim wrote them.
[[nodiscard]] std::string joined(const std::vector<Name>& names);

}  // namespace segproof::claim
