// SPDX-License-Identifier: Apache-2.0
// One packet through one node, from the interface where it comes in to the socket or the wire where it leaves, with one
// answer of the node's connection table. Which answers a table can give is the business of Search.
#pragma once

#include <optional>
#include <vector>

#include "agree/naive/readings.h"
#include "agree/naive/routing.h"
#include "agree/naive/rules.h"

namespace segproof::naive {

// What a device remembers of a flow.
struct Entry {
  model::NodeId node;
  Probe entered;  // tuple as it came in
  Probe left;     // tuple as it went out, or was delivered
  std::uint32_t connection_mark = 0;
  bool helped = false;
  friend bool operator==(const Entry&, const Entry&) = default;
};

enum class Answer : std::uint8_t {
  none,            // no entry: the packet is the first of its flow, or belongs to none
  same_direction,  // it travels as the packet that made the entry
  reply,           // it travels the other way
  error_back,      // an ICMP error about a packet in the entry's direction
  error_forth,     // an ICMP error about a reply
  expected,        // a helper expects it: RELATED, without translation
  own_flow,        // a reply to a packet that the node itself sent, whatever it was
};

struct Passed {
  bool delivered = false;  // else sent
  Probe packet;            // at its end in this node
  Out out;                 // sent
  std::optional<Entry> creates;
};

class NodePass {
 public:
  NodePass(const Wiring& wiring, const World& world, const Readings& readings)
      : wiring_(wiring), world_(world), readings_(readings), rules_(wiring, world), routes_(wiring, rules_, world) {}

  // All ways the packet may take through the node. Precondition: the node's filter is given or off; `entry` is given
  // for every answer but none, expected and own_flow.
  [[nodiscard]] std::vector<Passed> arrive(model::InterfaceId in, const Probe& packet, Answer answer,
                                           const Entry* entry) const;
  // A packet that the node itself sends, its own rules left out (a sender's OUTPUT does not count), routed by its own
  // tables. Precondition: the node's routes are given.
  [[nodiscard]] std::vector<Out> originate(model::NodeId node, const Probe& packet) const;
  // Does the packet get out of the node (by an interface on that segment, when given) past its OUTPUT rules, unchanged?
  [[nodiscard]] bool may_originate(model::NodeId node, const Probe& packet, model::SegmentId segment = {}) const;

  [[nodiscard]] bool tracks(model::NodeId node) const;
  [[nodiscard]] bool has_rules(model::NodeId node) const;
  // May it pass packets from one interface to another?
  [[nodiscard]] bool forwards(model::NodeId node) const;
  // The packet ends at this node, by its destination.
  [[nodiscard]] bool is_for(model::NodeId node, Bits destination) const;

 private:
  struct Trip;
  bool filters_and_nat(Trip& trip, model::Hook hook, model::Endpoint endpoint) const;
  void follow(Trip& trip, model::Endpoint endpoint) const;
  void track(Trip& trip) const;
  std::optional<Passed> once(model::InterfaceId in, const Probe& packet, Answer answer, const Entry* entry,
                             Choices& choices) const;
  struct Exits {
    bool here = false;
    std::vector<Out> outs;
  };
  Exits exits(model::NodeId node, model::InterfaceId in, const Traveller& traveller, Choices& choices) const;

  const Wiring& wiring_;
  World world_;
  Readings readings_;
  RuleWalk rules_;
  RouteLookup routes_;
};

}  // namespace segproof::naive
