// SPDX-License-Identifier: Apache-2.0
// Who can open a session to whom: TCP only counts when the answer finds its way back to a segment of the sender
// (claims: "a handshake can complete"), everything else when it is delivered without leaning on other people's state.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "reach/flood.h"

namespace segproof::reach {

// Somebody who sends: packets on some segments, all under one origin number.
struct Sender {
  Bits origin = 0;
  struct At {
    model::SegmentId segment;  // invalid: outside the model
    PacketSet packets;         // headers it may send there; no origin, no role
  };
  std::vector<At> places;
};

// The sender's packets as sources of a flood.
[[nodiscard]] std::vector<Source> sources_of(std::span<const Sender> senders, const CompiledNetwork& network);

// Everything that senders get delivered, and the part of it that opens sessions.
class Reachability {
 public:
  // `options` as for a flood: whose state exists already, what is removed. Runs three floods.
  Reachability(const CompiledNetwork& network, const FloodOptions& options, std::span<const Sender> senders);

  [[nodiscard]] const Flood& all() const { return *all_; }
  // Delivered at a node or to the unlisted hosts of a segment; each with origins and roles.
  [[nodiscard]] PacketSet any(model::NodeId node) const { return all_->delivered(node); }
  [[nodiscard]] PacketSet any_unlisted(model::SegmentId segment) const { return all_->delivered_to_unlisted(segment); }
  // New sessions only.
  [[nodiscard]] PacketSet fresh(model::NodeId node) const;
  // The same once the node has fallen, and its input rules with it.
  [[nodiscard]] PacketSet fresh_when_fallen(model::NodeId node) const;
  [[nodiscard]] PacketSet fresh_unlisted(model::SegmentId segment) const;
  // SYN packets that a fallen node, or fallen unlisted hosts, get to see, whether their own answers come back or not.
  [[nodiscard]] PacketSet knocking(model::NodeId node) const;
  [[nodiscard]] PacketSet knocking_unlisted(model::SegmentId segment) const;
  // The origins of those to whom an answer comes back when it may be sent on any of these segments: the fallen answer
  // for each other. Runs a flood.
  [[nodiscard]] IntervalSet answered_from(PacketSet knocking, std::span<const model::SegmentId> segments) const;

 private:
  [[nodiscard]] PacketSet opening(PacketSet delivered, PacketSet handshakes) const;
  [[nodiscard]] std::unique_ptr<Flood> completed(bool when_fallen) const;
  [[nodiscard]] PacketSet returning(std::span<const Source> answers) const;
  [[nodiscard]] FloodOptions afterwards() const;

  const CompiledNetwork* network_;
  FloodOptions options_;
  std::vector<Sender> senders_;
  std::unique_ptr<Flood> all_;
  std::unique_ptr<Flood> handshakes_;  // of SYN packets whose answer comes back
  // The same when every node answers whatever reaches it; only on demand. Reachabilities are not shared by threads.
  mutable std::unique_ptr<Flood> fallen_handshakes_;
};

}  // namespace segproof::reach
