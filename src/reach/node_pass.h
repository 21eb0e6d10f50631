// SPDX-License-Identifier: Apache-2.0
// All packets that arrive at one working node, pushed through its stages and routes: what leaves by which hop, what is
// delivered, what is dropped, and the flows that its connection table learns.
#pragma once

#include <vector>

#include "reach/compiled_network.h"
#include "reach/flow_table.h"

namespace segproof::reach {

// Packets that a stage dropped, may have dropped, or a route ended; for explanations.
struct DropPoint {
  const model::Stage* stage = nullptr;  // null: the routing decision
  SourceSpan route;                     // of the blackhole; invalid file: no route
  PacketSet packets;                    // as they entered the stage
};

struct PassResult {
  std::vector<PacketSet> leaving;  // by hop, as on the wire
  PacketSet delivered;             // to the node itself, as on the wire after its translations
  std::vector<std::pair<std::optional<Address>, PacketSet>> copies;
  std::vector<DropPoint> drops;
  FlowTable learned;
};

// The addresses with which a node's own packets may leave: its own, and those that it translates sources to.
[[nodiscard]] IntervalSet leaving_sources(const CompiledNode& node);

// What of the arriving packets passes: all of it, or one of the two halves that it falls into where they are tracked as
// they come in (CompiledNode::splits). First packets, invalid and untracked ones pass whatever flows are known; packets
// of flows, and those related to some, only because of flows.
enum class Part : std::uint8_t { all, without_flows, of_flows };

class NodePass {
 public:
  // `own` are the flows that the senders at hand made, with their origins; `anyone` those of all senders. Less than all
  // passes only where the node splits what arrives, and never what is certain, where a flow takes from first packets.
  NodePass(const CompiledNetwork& network, model::NodeId node, Approximation approximation, const FlowTable& own,
           const FlowTable& anyone, Part part = Part::all);

  // `arriving`: wire packets, restricted to the interface that each came in by (Field::ingress).
  // `explain`: fill in `drops`.
  enum class Explain : std::uint8_t { no, yes };
  [[nodiscard]] PassResult run(PacketSet arriving, Explain explain = Explain::no);
  // What of `packets` (headers) the node itself may send, past its own output rules: by hop, as on the wire. A node
  // that keeps connections may also be answering, so established packets count in the over-approximation.
  [[nodiscard]] std::vector<PacketSet> originate(PacketSet packets);
  // The flows that the node itself may open, whatever its own filters say; nothing where it translates nothing.
  // Only for a pass that does nothing else.
  [[nodiscard]] FlowTable own_openings();
  // With whom the node itself may open sessions, past its own rules. Only for a pass that does nothing else.
  [[nodiscard]] IntervalSet peers();
  // From now on it counts that the node opened sessions with these itself: ICMP errors about them are related, and
  // packets of others under its own address belong to them. Over only.
  void count_sessions_with(const IntervalSet& peers);

 private:
  struct Translated {         // the first packets of flows at a translate stage
    std::size_t rewrite = 0;  // number within the node, 0 = none
    const Rewrite* how = nullptr;
    PacketSet before;
    PacketSet after;
  };
  [[nodiscard]] PacketSet filter(const CompiledStage& stage, PacketSet packets);
  [[nodiscard]] PacketSet track(PacketSet packets);
  [[nodiscard]] PacketSet track_without_flows(PacketSet packets) const;
  [[nodiscard]] PacketSet track_flows(PacketSet packets) const;
  [[nodiscard]] PacketSet perhaps_of_flows(PacketSet arriving) const;
  [[nodiscard]] PacketSet translate(const CompiledStage& stage, PacketSet packets, std::size_t numbers_from,
                                    std::vector<Translated>& record, PacketSet& settled);
  [[nodiscard]] PacketSet stages(model::Hook hook, PacketSet packets, std::vector<Translated>& record);
  [[nodiscard]] PacketSet answers(PacketSet packets, TrackState state);
  [[nodiscard]] PacketSet before_tracking(model::Hook hook, PacketSet packets) const;
  [[nodiscard]] PacketSet route(PacketSet packets);
  [[nodiscard]] PacketSet untranslated(model::Hook hook, PacketSet packets, std::vector<Translated>& record) const;
  [[nodiscard]] PacketSet sent_by_itself() const;
  void learn(const std::vector<Translated>& first, const std::vector<Translated>& second, PacketSet survivors);
  // Of those that opened flows; `mark`: of the connections, where it counts.
  void learn_opened(const std::vector<Translated>& first, const std::vector<Translated>& second, PacketSet opened,
                    std::optional<std::size_t> mark);
  [[nodiscard]] bool follows_marks() const;
  [[nodiscard]] PacketSet of_unsure_mark() const;
  [[nodiscard]] PacketSet as_their_flows(PacketSet established) const;
  [[nodiscard]] PacketSet answers_to_flows() const;
  [[nodiscard]] bool is_unsure(const Effect& effect) const;
  [[nodiscard]] PacketSet within(PacketSet packets) const;
  [[nodiscard]] PacketSet unsure_by_marks(const std::vector<Translated>& record) const;
  [[nodiscard]] PacketSet scrambled(PacketSet packets) const;
  [[nodiscard]] PacketSet related_endpoints(PacketSet errors) const;
  [[nodiscard]] PacketSet related_translated(PacketSet related, bool inward) const;
  [[nodiscard]] PacketSet opening() const;
  [[nodiscard]] PacketSet chosen(const Outcome& outcome) const;
  void note_drop(const model::Stage* stage, SourceSpan route, PacketSet packets);
  [[nodiscard]] bool over() const { return approximation_ == Approximation::over; }

  const CompiledNetwork* network_;
  model::NodeId id_;
  const CompiledNode* node_;
  const HeaderSets* headers_;
  Approximation approximation_;
  Part part_;
  const FlowTable* anyone_;
  PacketSet own_sessions_;  // packets that may belong to sessions which the node opened itself
  PacketSet own_arriving_;
  PacketSet anyone_arriving_;
  IntervalSet peers_;  // of the node's own sessions, where these count
  Explain explain_ = Explain::no;
  bool nothing_drops_ = false;
  PassResult result_;
};

}  // namespace segproof::reach
