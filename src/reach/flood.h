// SPDX-License-Identifier: Apache-2.0
// The fixpoint: sources put packets on segments, nodes pass them on, connection tables learn, until nothing is new.
// Every packet carries the origin number of its source, so one flood answers for many sources at once.
#pragma once

#include <vector>

#include "reach/compiled_network.h"
#include "reach/flow_table.h"
#include "reach/growing_set.h"
#include "reach/node_pass.h"

namespace segproof::reach {

// Sends `packets` (role own; the origin digit is part of the set) to every node attached to a segment, whatever their
// destination: a sender chooses who receives its frame.
struct Source {
  model::SegmentId segment;  // invalid: outside the model
  PacketSet packets;
};

struct FloodOptions {
  Approximation approximation = Approximation::over;
  // Flows that exist whatever these sources do, with the origins of who made them (`own` for the same origins) and of
  // anyone. Null: none but those that the sources make.
  const std::vector<FlowTable>* own = nullptr;
  const std::vector<FlowTable>* anyone = nullptr;
  // Over only: packets that others send as part of sessions which the nodes opened themselves count, and ICMP errors
  // about these. Otherwise nobody sends any.
  bool own_sessions = false;
  std::vector<bool> removed_nodes;     // by NodeId; empty: none
  std::vector<bool> removed_segments;  // by SegmentId; empty: none
};

class Flood {
 public:
  Flood(const CompiledNetwork& network, FloodOptions options);

  // Runs to the fixpoint. May be called again with more sources; results only grow.
  void run(std::span<const Source> sources);

  // Wire packets that arrived at an interface of a working or open node.
  [[nodiscard]] PacketSet arrived(model::InterfaceId interface) const { return arrived_[interface.index()].get(); }
  // The same for all interfaces of a node, each packet with the interface that it came in by.
  [[nodiscard]] PacketSet arriving(model::NodeId node) const;
  // Packets put on a segment towards their destination, or towards any node by a sender of the segment.
  [[nodiscard]] PacketSet on_segment(model::SegmentId segment) const { return on_segment_[segment.index()].get(); }
  // Only those that some node put there.
  [[nodiscard]] PacketSet forwarded_onto(model::SegmentId segment) const { return forwarded_[segment.index()].get(); }
  // Accepted by the node itself (by its input rules, if it has any). Destinations tell which of its addresses.
  [[nodiscard]] PacketSet delivered(model::NodeId node) const;
  [[nodiscard]] PacketSet delivered_to_unlisted(model::SegmentId segment) const;
  [[nodiscard]] PacketSet at_unknown() const { return at_unknown_; }
  [[nodiscard]] const FlowTable& flows(model::NodeId node) const { return own_[node.index()]; }
  [[nodiscard]] const std::vector<FlowTable>& flows() const { return own_; }
  [[nodiscard]] const FlowTable& flows_of_anyone(model::NodeId node) const { return anyone_[node.index()]; }
  [[nodiscard]] const std::vector<FlowTable>& flows_of_anyone() const { return anyone_; }
  [[nodiscard]] const CompiledNetwork& network() const { return *network_; }
  [[nodiscard]] Approximation approximation() const { return options_.approximation; }

  // What a node did with those of the packets that arrived at it, with its drops.
  [[nodiscard]] PassResult explain(model::NodeId node, PacketSet packets) const;

 private:
  void settle();
  // One round over all nodes, in their order. True when any had something to do.
  bool sweep(bool with_flows);
  [[nodiscard]] bool splits(model::NodeId node) const;
  [[nodiscard]] NodePass pass_of(model::NodeId node, Part part) const;
  void process(model::NodeId node);
  void process_flows(model::NodeId node);
  void send_on(model::NodeId node, const PassResult& result);
  void pass_anything(model::NodeId node);
  void pass_freely(model::NodeId node);
  void learn_passing(model::NodeId node, PacketSet arrivals);
  void leave_by(const Hop& hop, PacketSet packets);
  [[nodiscard]] std::vector<model::NodeId> owners_of(model::SegmentId segment, const Address& gateway) const;
  void to_gateway(model::SegmentId segment, const Address& gateway, PacketSet packets);
  void onto_link(model::SegmentId segment, model::InterfaceId from, PacketSet packets);
  void to_all(model::SegmentId segment, PacketSet packets, model::NodeId except);
  void copy_to(model::NodeId node, const std::optional<Address>& gateway, PacketSet packets);
  void to_unknown(PacketSet packets);
  void arrive(model::InterfaceId interface, PacketSet packets);
  [[nodiscard]] bool has_more(model::NodeId node);
  void learn(model::NodeId node, const FlowTable& learned);
  [[nodiscard]] PacketSet scrambled(PacketSet packets) const;
  [[nodiscard]] bool over() const { return options_.approximation == Approximation::over; }

  const CompiledNetwork* network_;
  FloodOptions options_;
  std::vector<GrowingSet> arrived_;
  std::vector<GrowingSet> on_segment_;
  std::vector<GrowingSet> forwarded_;
  std::vector<PacketSet> delivered_;
  // By NodeId: arrivals that have passed; and of nodes that split them, those of flows that have with the flows known
  // by now.
  std::vector<PacketSet> passed_;
  std::vector<PacketSet> flows_passed_;
  PacketSet at_unknown_;
  std::vector<FlowTable> own_;
  std::vector<FlowTable> anyone_;
  std::vector<IntervalSet> peers_;  // by NodeId, of their own sessions; empty: these do not count
  std::vector<bool> waiting_;       // something was sent to it, or it has learned
  std::vector<bool> has_learned_;   // flows, since it was last processed
  std::vector<bool> flows_wait_;    // packets of flows may have arrived, since these were last processed
};

}  // namespace segproof::reach
