// SPDX-License-Identifier: Apache-2.0
// Small rule sets for tests, and a world that says what it is told.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/walk.h"

namespace segproof::test {

using namespace model;

// Conditions.
inline Condition any() {
  return {};
}
inline Condition perhaps(std::string text = "perhaps") {
  return {{UnknownTest{Unknown::rate, std::move(text), false}}};
}
inline Condition port(Bits value) {
  return {{FieldTest{Field::destination_port, IntervalSet::single(value)}}};
}

// Actions.
inline Action accept() {
  return Decide{Verdict::accept};
}
inline Action drop() {
  return Decide{Verdict::drop};
}
inline Action call(std::size_t chain) {
  return Call{ChainId(chain), true};
}
inline Action go(std::size_t chain) {
  return Call{ChainId(chain), false};
}
inline Action back() {
  return ComeBack{};
}
inline Action mark(std::uint32_t value) {
  return SetMark{MarkKind::packet, 0, value};
}

struct Line {
  Condition condition;
  Action action;
};

// A rule set of one filter stage at the forward hook, whose base chain is the first. Rules of chain c get lines
// 100 * c + 1 and so on.
inline RuleSet rules_of(const std::vector<std::vector<Line>>& chains, Verdict policy = Verdict::drop,
                        StageKind kind = StageKind::filter) {
  RuleSet rules;
  for (std::size_t c = 0; c < chains.size(); ++c) {
    Chain chain{"c" + std::to_string(c), {}, {}};
    for (std::size_t r = 0; r < chains[c].size(); ++r) {
      const auto line = static_cast<std::uint32_t>(100 * c + r + 1);
      chain.rules.push_back({chains[c][r].condition, chains[c][r].action, SourceSpan{FileId(0), line, 1, 1}});
    }
    rules.chains.push_back(std::move(chain));
  }
  Stage stage;
  stage.hook = Hook::forward;
  stage.kind = kind;
  stage.chain = ChainId(0);
  stage.policy = policy;
  stage.label = "stage";
  rules.stages.push_back(std::move(stage));
  return rules;
}

// Decides UnknownTests by their text, address types by address; all else is unknown.
class ToldWorld final : public Surroundings {
 public:
  std::map<std::string, Truth> truths;
  std::map<std::string, AddressType> types;
  std::optional<Bits> measured;
  IntervalSet own;

  [[nodiscard]] std::optional<AddressType> type_of(const Address& address, const std::string& limit) const override {
    const auto found = types.find(to_string(address) + (limit.empty() ? "" : "%" + limit));
    return found == types.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::optional<Bits> measure(Measure, const Flight&) const override { return measured; }
  [[nodiscard]] Truth holds(const UnknownTest& test) const override {
    const auto found = truths.find(test.text);
    return found == truths.end() ? Truth::unknown : found->second;
  }
  [[nodiscard]] IntervalSet addresses_of(const std::string&, Family) const override { return own; }
};

inline Flight flight_of(const char* packet) {
  Flight flight;
  flight.packet = *parse_packet(packet);
  flight.ingress = "eth0";
  flight.egress = "eth1";
  return flight;
}

}  // namespace segproof::test
