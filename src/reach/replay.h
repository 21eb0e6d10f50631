// SPDX-License-Identifier: Apache-2.0
// The network with concrete connection tables, one packet at a time: every refutation is replayed here before it is
// printed, and `trace` shows it. It shares the model and the rule walk (model/walk.h) with nobody's sets; where
// anything is undecided it says so instead of guessing.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/network.h"
#include "model/walk.h"
#include "packet/packet.h"
#include "reach/replay_ground.h"

namespace segproof::reach {

enum class HopAction : std::uint8_t { permit, deny, translate, route, deliver, undecided };

// The stage of a hop that takes a packet because its node has fallen.
inline constexpr std::string_view taken_by_the_fallen = "deliver (fallen)";

struct ReplayHop {
  model::NodeId node;
  std::string stage;  // "filter FORWARD", "route", "deliver"
  model::InterfaceId in;
  model::InterfaceId out;
  HopAction action = HopAction::permit;
  SourceSpan rule;  // invalid file: no line
  std::optional<Packet> packet_after;
};

enum class ReplayFate : std::uint8_t { delivered, denied, lost, undecided };

struct ReplayPath {
  std::vector<ReplayHop> hops;
  ReplayFate fate = ReplayFate::undecided;
  model::NodeId node;                  // delivered to it
  model::SegmentId segment;            // delivered here: to the node, or to unlisted hosts when there is none
  std::string reason;                  // one phrase
  SourceSpan cause;                    // undecided or denied: the line
  Packet last;                         // the header at the end
  std::set<model::SegmentId> crossed;  // segments that a node put it on
  bool used_state = false;             // some node passed it as part of an existing flow
};

class Replay {
 public:
  Replay(const model::Network& network, Family family);
  // Replays on the same ground look things up once.
  explicit Replay(std::shared_ptr<ReplayGround> ground);

  // A sender on the segment gives its frame to that interface.
  [[nodiscard]] std::vector<ReplayPath> send_to(model::InterfaceId receiver, const Packet& packet);
  // A sender on the segment gives its frame to whoever owns the destination there.
  [[nodiscard]] std::vector<ReplayPath> send_on_link(model::SegmentId segment, const Packet& packet);
  // Whether the sender's own rules surely let the packet out onto that segment as it is, whether it opens a flow or
  // belongs to one of the sender's.
  [[nodiscard]] bool lets_out(model::NodeId sender, model::SegmentId segment, const Packet& packet) const;
  // The sending host's own table learns the flow, as if its output rules had let the packet pass.
  void opened_by(model::NodeId sender, const Packet& packet);
  // The node has fallen: it takes whatever arrives for one of its addresses, whatever its rules say.
  void fell(model::NodeId node) { fallen_ = node; }
  // Some node knows a flow by now. Until then, packets pass as if nothing had been sent before.
  [[nodiscard]] bool knows_flows() const { return !tables_.empty(); }

 private:
  struct Tuple {
    Bits source = 0, destination = 0, source_port = 0, destination_port = 0;
    std::uint8_t protocol = 0;
    friend auto operator<=>(const Tuple&, const Tuple&) = default;
  };
  struct Entry {
    Tuple original;  // as it entered
    Tuple reply;     // inverse of how it left
    std::uint32_t connection_mark = 0;
    std::uint8_t translated = 0;
    bool answered = false;
  };
  using Tables = std::map<model::NodeId, std::vector<Entry>>;  // of the few nodes that know a flow
  struct Travel;

  [[nodiscard]] static Tuple tuple_of(const Packet& packet);
  [[nodiscard]] static Tuple inverse_of(const Tuple& tuple, Family family);
  static void apply(const Tuple& tuple, Packet& packet);
  [[nodiscard]] bool lets_out(model::InterfaceId out, const Packet& packet, TrackState state) const;
  [[nodiscard]] Entry* find(model::NodeId node, const Tuple& tuple, bool& is_reply);
  void learn(Travel& travel);

  void arrive(model::InterfaceId interface, Travel travel);
  void on_link(model::SegmentId segment, model::InterfaceId from, Travel travel);
  [[nodiscard]] bool run_hook(model::Hook hook, Travel& travel);
  [[nodiscard]] bool run_stage(const model::Stage& stage, Travel& travel);
  void track(Travel& travel);
  void follow_flow(model::Hook hook, Travel& travel);
  void route(Travel travel);
  void leave_by(const model::NextHop& hop, const model::Route& route, Travel travel);
  void finish(Travel travel, ReplayFate fate, std::string reason, SourceSpan cause = {});
  void note(Travel& travel, std::string stage, HopAction action, SourceSpan rule, bool show_packet = false);
  [[nodiscard]] bool owns(model::NodeId node, const Address& address) const;
  [[nodiscard]] std::vector<const model::Route*> routes_for(model::NodeId node, const Travel& travel,
                                                            bool& undecided) const;

  std::shared_ptr<ReplayGround> ground_;
  const model::Network* network_;
  Family family_;
  Tables tables_;
  model::NodeId fallen_;
  std::vector<ReplayPath> paths_;
};

}  // namespace segproof::reach
