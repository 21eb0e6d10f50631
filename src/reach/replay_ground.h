// SPDX-License-Identifier: Apache-2.0
// What replays of one network look up again and again: stages in their order, rules by the addresses they ask for,
// routes by prefix, who owns an address on a segment. Worked out from the model when it is first asked for, and kept.
// It holds intervals of addresses and no set of packets: a replay stays independent of the engine that it judges.
// Not thread-safe. Precondition: the network outlives it and does not change.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/network.h"
#include "model/rule_index.h"
#include "reach/node_facts.h"

namespace segproof::reach {

class ReplayGround {
 public:
  ReplayGround(const model::Network& network, Family family);

  [[nodiscard]] const model::Network& network() const { return *network_; }
  [[nodiscard]] Family family() const { return family_; }

  // The stages of a hook, in the order in which packets meet them.
  [[nodiscard]] const std::vector<const model::Stage*>& stages(model::NodeId node, model::Hook hook);
  [[nodiscard]] const model::RuleIndex& rules(model::NodeId node);
  [[nodiscard]] const NodeFacts& facts(model::NodeId node);
  // By priority; the main table is always among them.
  [[nodiscard]] const std::vector<model::RouteRule>& route_rules(model::NodeId node);
  // The routes of the longest prefix that holds the destination, and of those the ones with the smallest metric, in the
  // order of the table. The main table (0) includes connected prefixes.
  [[nodiscard]] std::vector<const model::Route*> best_routes(model::NodeId node, std::size_t table,
                                                             const Address& destination);
  // The interfaces on the segment that own the address, in the order in which they are attached.
  [[nodiscard]] std::span<const model::InterfaceId> owners(model::SegmentId segment, const Address& address);
  // The addresses that unlisted hosts of the segment (or its external zone) may have.
  [[nodiscard]] const IntervalSet& unlisted(model::SegmentId segment);

 private:
  struct Table {
    std::vector<model::Route> routes;
    std::vector<unsigned> lengths;  // that occur, the longest first
    std::map<Prefix, std::vector<const model::Route*>> by_prefix;
  };
  struct OnNode {
    std::map<model::Hook, std::vector<const model::Stage*>> stages;
    std::optional<model::RuleIndex> rules;
    std::unique_ptr<NodeFacts> facts;
    std::optional<std::vector<model::RouteRule>> route_rules;
    std::map<std::size_t, Table> tables;
  };
  struct OnSegment {
    std::map<Address, std::vector<model::InterfaceId>> owners;
    std::optional<IntervalSet> unlisted;
  };
  [[nodiscard]] Table& table(model::NodeId node, std::size_t number);
  [[nodiscard]] OnSegment& on(model::SegmentId segment);

  const model::Network* network_;
  Family family_;
  std::map<model::NodeId, OnNode> nodes_;
  std::map<model::SegmentId, OnSegment> segments_;
};

}  // namespace segproof::reach
