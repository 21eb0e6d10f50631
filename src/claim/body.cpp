// SPDX-License-Identifier: Apache-2.0
#include "claim/body.h"

#include <set>

namespace segproof::claim {

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

std::vector<Place> places_of(const Body& body, const model::Network& network) {
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

std::string body_name(const Body& body, const model::Network& network) {
  return body.kind == PlaceKind::interface ? network.node(body.node).name
                                           : place_name(places_of(body, network).front(), network);
}

std::vector<Body> all_bodies(const model::Network& network) {
  std::set<Body> bodies;
  for (const PlacePart& part : all_places(network).parts) {
    bodies.insert(body_of(part.place));
  }
  return {bodies.begin(), bodies.end()};
}

}  // namespace segproof::claim
