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
                                     std::set<std::string, std::less<>>& interfaces, const model::SetLookup& sets = {});

// The sets that a rule adds to or deletes from (set_match.cpp).
[[nodiscard]] std::vector<std::string_view> changed_sets(const Command& command);

// The test that decides least: what a rule with these tests leaves undecided; empty when everything is decided.
[[nodiscard]] std::string undecided_part(const model::Condition& condition);

// Makes every test of the tracked state undecided.
void doubt_state_tests(model::Condition& condition);

}  // namespace segproof::iptables
