// SPDX-License-Identifier: Apache-2.0
// Where packets go from a spot in one step: through the node there, and over the wires behind it. A set of rows from
// which no step leads out holds every packet that can ever be there.
#pragma once

#include "check/core/node_walk.h"

namespace check {

// What happens in a step. The packets of a passage are the headers that it has `now`.
struct Events {
  virtual void arrives(const Spot& spot, const Passage& packets) = 0;
  virtual void is_delivered(std::size_t node, const Passage& packets) = 0;
  virtual void opens(std::size_t node, const Passage& packets) = 0;  // the first packets of flows

 protected:
  ~Events() = default;
};

class Spread {
 public:
  virtual ~Spread() = default;
  Spread(const Surroundings& world, Events& events, std::size_t& steps)
      : world_(&world), events_(&events), steps_(&steps) {}

  // Packets of a box at a spot, with the flows that its nodes know.
  void step(const Spot& spot, const Box& box, const std::vector<FlowRow>& own, const std::vector<FlowRow>& anyone);
  // Packets that a sender puts on a segment, for any node of it.
  void send(std::size_t segment, const Passage& packets) { to_all(segment, packets, std::nullopt); }
  void send_outside(const Passage& packets) { events_->arrives({}, packets); }

 protected:
  // What a node does with packets of a box. Who writes certificates remembers it.
  [[nodiscard]] virtual Walked walk(NodeWalk& node, const Spot& spot, const Box& box);

 private:
  void pass_anything(std::size_t node);
  void pass_freely(std::size_t node, std::size_t in, const Box& box);
  void leave(std::size_t node, const Passage& packets);
  void to_gateway(std::size_t segment, const Address& gateway, const Passage& packets);
  void onto_link(std::size_t node, std::size_t interface, std::size_t segment, const Passage& packets);
  void to_all(std::size_t segment, const Passage& packets, std::optional<std::size_t> except);
  void copy(std::size_t node, const std::optional<Address>& gateway, const Passage& packets);
  void outside();
  [[nodiscard]] Passage anything() const;
  // Calls `use` with each interface that is up on the segment: node, interface.
  template <class Use>
  void each_on(std::size_t segment, const Use& use) const;
  [[nodiscard]] bool is_leaf(std::size_t node) const { return world_->facts(node).behaviour == Behaviour::leaf; }

  const Surroundings* world_;
  Events* events_;
  std::size_t* steps_;
};

// What of the packets is in none of the rows: pieces of them. Role own stands for every role in a row.
[[nodiscard]] std::vector<Passage> escaping(Sets& sets, const Passage& packets, const std::vector<Box>& rows);
// The same for first packets of flows.
[[nodiscard]] std::vector<Passage> unknown_flows(Sets& sets, const Passage& packets, const std::vector<FlowRow>& flows);
// Keeps the packets with role own. False: there are none.
[[nodiscard]] bool keep_own(Sets& sets, Passage& packets);

}  // namespace check
