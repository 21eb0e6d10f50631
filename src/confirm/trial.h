// SPDX-License-Identifier: Apache-2.0
// What is sent into the built network and where it must come out, as data.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "claim/verdict.h"
#include "input/snapshot.h"
#include "model/network.h"
#include "packet/packet.h"

namespace segproof::confirm {

// Where a packet ends: at a node, or at those who are not listed on a segment.
struct Seat {
  model::NodeId node;
  model::SegmentId segment;  // only without a node
  friend auto operator<=>(const Seat&, const Seat&) = default;
};
[[nodiscard]] std::string seat_name(const Seat& seat, const model::Network& network);  // "web1", "unlisted@dmz"

struct Shot {
  Packet packet;
  std::string actor;              // for people
  model::SegmentId wire;          // where it is put
  model::InterfaceId receiver;    // whom the frame is for
  model::NodeId through;          // valid: it is sent by that node's own stack instead, past its own rules
  std::optional<Seat> expected;   // nothing: nowhere
  std::optional<Seat> as_good;    // the next router of an external zone, behind which the expected host lives
  bool may_end_anywhere = false;  // only what it leaves in the connection tables matters
};

// Begins with empty connection tables.
struct Trial {
  enum class Order { in_turn, together } order = Order::together;
  std::vector<Shot> shots;
  std::set<model::NodeId> nodes;  // on whose rules it depends
};

// A Trial, or why there is none.
using TrialOrReason = std::variant<Trial, std::string>;

// The steps of a witness, one after the other. A reason when a step is not one packet between Linux nodes.
[[nodiscard]] TrialOrReason trial_of(const claim::Witness& witness, const input::Snapshot& snapshot);

// Packets of the model's own mind, each the first of its flow, together: where the model is sure that they end. Of the
// claim's senders to its targets, and what their rules ask for on and beside every bound. `nodes` are all routers.
[[nodiscard]] TrialOrReason sample_of(const claim::Claim& claim, const input::Snapshot& snapshot, std::uint64_t seed,
                                      std::size_t count);

// Packets between any two places that the model is sure to be delivered: a network in which nothing moves would
// confirm every proof.
[[nodiscard]] Trial controls_of(const input::Snapshot& snapshot, std::uint64_t seed, std::size_t count);

// A listed host of an external zone may stand on its segment, or behind its next router, who is the wire.
[[nodiscard]] std::optional<Seat> router_of(const std::optional<Seat>& expected, const model::Network& network);

// Nodes that pass packets on.
[[nodiscard]] std::vector<model::NodeId> routers_of(const model::Network& network);

}  // namespace segproof::confirm
