// SPDX-License-Identifier: Apache-2.0
// Comp(S): who falls when S is compromised. The fallen act together, in both families, with all state that they and
// others can make. With a bound of hops it goes round by round; without one, what single bodies can do is counted
// first, so that hop counts explain and need not be the fewest.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "claim/places.h"
#include "claim/world.h"
#include "model/claim.h"

namespace segproof::claim {

// Something that falls as a whole: a host with all its interfaces, a device, the unlisted hosts of a segment, what is
// attached to an external segment.
struct Body {
  PlaceKind kind = PlaceKind::interface;  // interface stands for "host"
  model::NodeId node;
  model::SegmentId segment;
  friend auto operator<=>(const Body&, const Body&) = default;
};
[[nodiscard]] Body body_of(const Place& place);
[[nodiscard]] std::vector<Place> places_of(const Body& body, const model::Network& network);
[[nodiscard]] std::string body_name(const Body& body, const model::Network& network);

struct ClosureQuestion {
  std::vector<Place> start;
  Pivot pivot = Pivot::worst_case;
  bool responders_fall_to = true;  // a session into C makes its initiator fall
  std::optional<unsigned> hops;    // the most pivots; nothing: no bound
  Approximation approximation = Approximation::over;
  std::vector<Place> until = {};  // stop as soon as one of these falls or is touched; empty: go on to the end
  bool outside_counts = false;    // external bodies that open a session into C are touched, whoever else falls so
  friend auto operator<=>(const ClosureQuestion&, const ClosureQuestion&) = default;
};

enum class FallReason : std::uint8_t { start, reached, initiated };

struct FallRecord {
  unsigned hops = 0;
  FallReason reason = FallReason::start;
  Family family = Family::ipv4;
  Body peer;  // initiated: the member of C that it opened a session to
};

struct Closure {
  std::map<Body, FallRecord> fallen;
  // External bodies that are reached but not expanded (assumption A-EXT).
  std::map<Body, FallRecord> touched;
  std::set<std::string> assumptions;
  // The joint senders of the last round: with them, nothing more falls (when no hop bound cut the closure short).
  std::vector<Place> members;
};

struct Worlds {
  World* ipv4 = nullptr;
  World* ipv6 = nullptr;
  [[nodiscard]] std::vector<World*> all() const { return {ipv4, ipv6}; }
  [[nodiscard]] World& of(Family family) const { return family == Family::ipv4 ? *ipv4 : *ipv6; }
};

[[nodiscard]] Closure close(const ClosureQuestion& question, const Worlds& worlds);

// The packets of `arriving` that make the body fall at this level.
[[nodiscard]] PacketSet felling(const Body& body, World& world, const reach::Reachability& reachability, Pivot pivot);

}  // namespace segproof::claim
