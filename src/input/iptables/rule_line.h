// SPDX-License-Identifier: Apache-2.0
// What a parsed rule line means in the model.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "input/iptables/catalogue.h"

namespace segproof::iptables {

struct RuleMeaning {
  RuleDraft draft;
  // A line with several addresses is several rules: their conditions, in the order in which iptables adds them.
  std::vector<model::Condition> conditions;
  model::Action action = model::GoOn{};
  // Not empty: the rule jumps (or goes) to this chain, and `action` is not used.
  std::string chain;
  bool comes_back = true;
};

// Interface names (with "+" at the end where it is a prefix) are added to `interfaces`.
[[nodiscard]] RuleMeaning meaning_of(const Command& command, Family family, std::string_view table,
                                     std::set<std::string, std::less<>>& interfaces);

// The test that decides least: what a rule with these tests leaves undecided; empty when everything is decided.
[[nodiscard]] std::string undecided_part(const model::Condition& condition);

// Before connection tracking (table raw) no packet has an entry or a state: every test of them has the answer that the
// kernel gives then, which is the one for an INVALID packet. Where CT targets give packets a template (`templates`),
// the answers depend on it and are unknown.
enum class Templates : std::uint8_t { none, some };
void decide_without_tracking(model::Condition& condition, Templates templates);

}  // namespace segproof::iptables
