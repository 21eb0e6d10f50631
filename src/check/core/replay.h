// SPDX-License-Identifier: Apache-2.0
// One packet on its way through the network, with what the packets before it left in the tables of the nodes. Whatever
// a node may do with it must lead on: Rejected where it may be lost, or where what becomes of it is not known.
#pragma once

#include <map>
#include <set>

#include "check/core/question.h"

namespace check {

using Tables = std::map<std::size_t, std::vector<Connection>>;  // by node

struct PassedNode {
  std::size_t node = 0, in = 0;
  std::optional<std::size_t> out;  // nothing: delivered there
  bool is_lost = false;            // nor delivered
  friend bool operator==(const PassedNode&, const PassedNode&) = default;
};
struct Ending {
  Place place;      // a node or unlisted hosts; outside: on a segment that is watched, or lost
  Passage packets;  // at the node: as they arrived there and as it takes them; else as they are
  Tables tables;
};

class Replay {
 public:
  // `step`: the number of the step, which makes what is learnt.
  Replay(const Surroundings& world, std::size_t step, std::size_t& work) : world_(&world), step_(step), work_(&work) {}

  void send(const Frame& frame, const Box& header, const Tables& tables);

  bool may_end = false;              // packets may be lost, as long as it is known where
  bool one_way_is_enough = false;    // of those that the network may choose: the first that leads to an end
  std::vector<Supposed> supposed;    // how things come out that nothing decides
  std::set<std::size_t> fallen;      // nodes that take whatever is for them
  std::vector<std::size_t> watched;  // segments that packets need not pass
  std::vector<PassedNode> passed;    // by the several ways that the network may choose, one after the other
  std::vector<Ending> endings;       // at least one
  std::vector<std::size_t> crossed;  // segments on which a node put it

 private:
  void end(const Place& place, const Box& header, const Tables& tables);
  template <class Go>
  void follow(std::size_t node, std::size_t choices, const Go& go);
  void pass_on(std::size_t node, std::size_t interface, const Box& header, const Tables& tables);
  void arrive(std::size_t node, std::size_t interface, const Box& header, const Tables& tables);
  void leave(std::size_t node, const Passage& packets, const Tables& tables);
  void onto(std::size_t segment, const Box& header, const Tables& tables, const PassedNode* from);
  [[nodiscard]] Tables learned(std::size_t node, const Passage& packets, Tables tables) const;
  [[nodiscard]] bool is_watched(std::size_t segment) const;

  const Surroundings* world_;
  std::size_t step_;
  std::size_t* work_;
  std::size_t arrivals_ = 0;
};

}  // namespace check
