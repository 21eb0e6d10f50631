// SPDX-License-Identifier: Apache-2.0
// Which packets make somebody fall, at each level of pivoting.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "claim/body.h"
#include "claim/world.h"
#include "model/claim.h"

namespace segproof::claim {

// The packets that the body gets by `reachability` and that make it fall at this level.
[[nodiscard]] PacketSet felling(const Body& body, World& world, const reach::Reachability& reachability, Pivot pivot);

// The same question for many bodies of one reachability. Hosts that only receive differ by nothing but their addresses:
// they are answered from what their segments get, worked out once. The answers are those of felling().
class Felling {
 public:
  Felling(World& world, const reach::Reachability& reachability, Pivot pivot);
  // Whoever opens any session at all, harmless or not, to hosts that only receive.
  [[nodiscard]] static Felling by_any_session(World& world, const reach::Reachability& reachability);

  // A host without rules, of which nothing but its addresses counts.
  [[nodiscard]] bool only_receives(const Body& body) const;
  [[nodiscard]] bool falls(const Body& body);
  // The origins of the felling packets.
  [[nodiscard]] const IntervalSet& origins(const Body& body);

 private:
  // What hosts of a segment get, by their addresses.
  struct OnSegment {
    PacketSet packets;         // of which only origin and destination are left
    std::vector<Bits> bounds;  // destinations between two of them get packets of the same origins
  };
  struct Destinations {
    IntervalSet sure;  // where something falls by other packets than SYNs
    IntervalSet syn;   // where something falls by a SYN, if the handshake completes
    std::optional<IntervalSet> completed;
  };
  [[nodiscard]] std::vector<model::SegmentId> segments_of(const Body& body) const;
  [[nodiscard]] PacketSet sure_on(model::SegmentId segment) const;
  [[nodiscard]] const OnSegment& on_segment(model::SegmentId segment);
  [[nodiscard]] Destinations& destinations_on(model::SegmentId segment);
  [[nodiscard]] bool falls_on(model::SegmentId segment, model::NodeId node);

  World* world_;
  const reach::Reachability* reachability_;
  Pivot pivot_;
  PacketSet harmless_;
  std::map<model::SegmentId, OnSegment> on_segment_;
  std::map<model::SegmentId, Destinations> destinations_;
  // By segment and the bounds between which the addresses lie; and one by one.
  std::map<std::vector<std::size_t>, IntervalSet> origins_by_place_;
  std::map<Body, IntervalSet> origins_;
};

}  // namespace segproof::claim
