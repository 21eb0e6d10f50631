// SPDX-License-Identifier: Apache-2.0
// Who can open a session to whom: TCP only counts when the answer finds its way back to a segment of the sender
// (claims: "a handshake can complete"), everything else when it is delivered without leaning on other people's state.
#pragma once

#include <functional>
#include <map>
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
  // The node that sends so, when it stands: for certain a handshake of its own completes only where its own rules take
  // the answer. Invalid: whoever sends takes all answers.
  model::NodeId stands = {};
};

// The sender's packets as sources of a flood.
[[nodiscard]] std::vector<Source> sources_of(std::span<const Sender> senders, const CompiledNetwork& network);

// Everything that senders get delivered, and the part of it that opens sessions.
class Reachability {
 public:
  // `options` as for a flood: whose state exists already, what is removed. Runs one flood; two more when it is first
  // asked about a place where a SYN was delivered, and two more when such a place has fallen.
  Reachability(const CompiledNetwork& network, const FloodOptions& options, std::span<const Sender> senders);

  [[nodiscard]] const Flood& all() const { return *all_; }
  // Delivered at a node or to the unlisted hosts of a segment; each with origins and roles.
  [[nodiscard]] PacketSet any(model::NodeId node) const { return all_->delivered(node); }
  [[nodiscard]] PacketSet any_unlisted(model::SegmentId segment) const { return all_->delivered_to_unlisted(segment); }
  // New sessions only.
  [[nodiscard]] PacketSet fresh(model::NodeId node) const;
  // The same once the node has fallen, and its input rules with it; and the origins of that.
  [[nodiscard]] PacketSet fresh_when_fallen(model::NodeId node) const;
  [[nodiscard]] IntervalSet openers_when_fallen(model::NodeId node) const;
  [[nodiscard]] PacketSet fresh_unlisted(model::SegmentId segment) const;
  // SYN packets that a fallen node, or fallen unlisted hosts, get to see, whether their own answers come back or not.
  [[nodiscard]] PacketSet knocking(model::NodeId node) const;
  [[nodiscard]] PacketSet knocking_unlisted(model::SegmentId segment) const;
  // All of those on a segment, of which a host there that only receives sees its part by destination.
  [[nodiscard]] PacketSet knocking_on(model::SegmentId segment) const;
  // The origins of those to whom an answer comes back when it may be sent on any of these segments: the fallen answer
  // for each other. Runs a flood.
  [[nodiscard]] IntervalSet answered_from(PacketSet knocking, std::span<const model::SegmentId> segments) const;
  // What was put on a segment, of which a host there that only receives gets its part by destination: new sessions by
  // anything but TCP; SYNs; and SYNs of handshakes that complete.
  [[nodiscard]] PacketSet fresh_without_tcp_on(model::SegmentId segment) const;
  [[nodiscard]] PacketSet syns_on(model::SegmentId segment) const;
  [[nodiscard]] PacketSet completed_on(model::SegmentId segment) const;
  // Works out now what would be worked out on demand.
  void work_ahead() const { static_cast<void>(handshakes()); }

 private:
  // SYN packets whose answer comes back, and where they get.
  struct Handshakes {
    PacketSet openers;             // with their origins
    std::unique_ptr<Flood> back;   // of the answers
    std::unique_ptr<Flood> flood;  // null: they get where the same headers get in all()
  };
  [[nodiscard]] PacketSet taken(const Flood& back, const Sender& sender, PacketSet completing) const;
  [[nodiscard]] PacketSet fresh_on(model::SegmentId segment) const;
  [[nodiscard]] PacketSet opening(PacketSet delivered, const std::function<PacketSet()>& handshakes) const;
  [[nodiscard]] const Handshakes& handshakes() const;
  [[nodiscard]] const Handshakes& fallen_handshakes() const;
  [[nodiscard]] Handshakes completed(bool when_fallen) const;
  [[nodiscard]] PacketSet returning(const Flood& back) const;
  [[nodiscard]] PacketSet openers(const Flood& back) const;
  [[nodiscard]] bool keeps_headers() const;
  // What `where` tells of the flood of handshakes.
  template <class Where>
  [[nodiscard]] PacketSet completed_at(const Handshakes& handshakes, const Where& where) const {
    return handshakes.flood ? where(*handshakes.flood) : where(*all_) & handshakes.openers;
  }

  const CompiledNetwork* network_;
  FloodOptions options_;
  std::vector<Sender> senders_;
  std::unique_ptr<Flood> all_;
  PacketSet opening_headers_;  // of role own, no later fragments
  // Also when every node answers whatever reaches it. Only on demand: reachabilities are not shared by threads.
  mutable std::map<model::SegmentId, PacketSet> fresh_on_;
  mutable std::optional<Handshakes> handshakes_;
  mutable std::optional<Handshakes> fallen_handshakes_;
};

}  // namespace segproof::reach
