// SPDX-License-Identifier: Apache-2.0
// One packet, one stage, one course of events: a rule evaluator of its own over model::RuleSet. What the rules do not
// decide is asked of Choices and World.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agree/naive/choices.h"
#include "agree/naive/probe.h"
#include "agree/naive/wiring.h"
#include "model/rule.h"

namespace segproof::naive {

// A packet inside a node.
struct Traveller {
  Probe header;
  TrackState state = TrackState::invalid;  // before tracking: as Linux answers without an entry
  std::uint8_t translated = 0;             // bit 0 destination, bit 1 source
  std::uint32_t mark = 0;
  std::uint32_t connection_mark = 0;
  std::string_view ingress;
  std::string_view egress;
  bool untracked = false;
  bool helped = false;  // a protocol helper was attached
};

class RuleWalk {
 public:
  RuleWalk(const Wiring& wiring, const World& world) : wiring_(wiring), world_(world) {}

  // The stages of the hook in the order in which packets meet them.
  [[nodiscard]] std::vector<const model::Stage*> stages(const model::RuleSet& rules, model::Hook hook) const;
  // False: dropped. Precondition: a filter or translate stage.
  [[nodiscard]] bool passes(model::NodeId node, const model::Stage& stage, Traveller& traveller,
                            Choices& choices) const;
  [[nodiscard]] bool holds(model::NodeId node, const model::Condition& condition, const Traveller& traveller,
                           Choices& choices) const;

 private:
  struct Walk;
  enum class End : std::uint8_t { fell_through, came_back, accepted, dropped };
  End chain(Walk& walk, model::ChainId id) const;
  End act(Walk& walk, const model::Rule& rule) const;
  bool test(const Walk& walk, const model::Test& test) const;
  bool address_type(const Walk& walk, const model::AddressTypeTest& test) const;
  void translate(Walk& walk, const model::Translate& action) const;

  const Wiring& wiring_;
  World world_;
};

// An address out of the intervals and, where `ports` is given, a port; the first and the last of each are tried.
[[nodiscard]] std::vector<Bits> ends_of(const std::vector<Interval>& intervals);

}  // namespace segproof::naive
