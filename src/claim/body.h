// SPDX-License-Identifier: Apache-2.0
// Something that falls as a whole: a host with all its interfaces, a device, the unlisted hosts of a segment, what is
// attached to an external segment.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "claim/places.h"

namespace segproof::claim {

struct Body {
  PlaceKind kind = PlaceKind::interface;  // interface stands for "host"
  model::NodeId node;
  model::SegmentId segment;
  friend auto operator<=>(const Body&, const Body&) = default;
};

[[nodiscard]] Body body_of(const Place& place);
[[nodiscard]] std::vector<Place> places_of(const Body& body, const model::Network& network);
[[nodiscard]] std::string body_name(const Body& body, const model::Network& network);
// Everything that could fall, sorted.
[[nodiscard]] std::vector<Body> all_bodies(const model::Network& network);

}  // namespace segproof::claim
