// SPDX-License-Identifier: Apache-2.0
// The grammar of iptables rules: where a rule stands decides what it may ask and do, the dice decide the rest.
#pragma once

#include <string>

#include "constants.h"
#include "dice.h"
#include "draft.h"

namespace segproof::oracle {

enum class NatSide : std::uint8_t { none, destination, source };

struct RulePosition {
  std::string table;
  std::string chain;
  bool is_base = false;
  bool sees_input = true;   // -i may stand here
  bool sees_output = true;  // -o may stand here
  NatSide side = NatSide::none;
};

// A rule on its way.
struct IptablesRule {
  Dice& dice;
  Family family;
  RulePosition position;
  bool may_be_open = false;                     // tests that nothing decides may be asked
  const std::vector<DraftSet>* sets = nullptr;  // never empty
  DraftRule rule = {};
  std::string protocol = {};  // as after -p, not negated
  std::uint8_t number = 0;    // of the protocol

  void say(const std::string& words);
  // The rule looks at the connection. Before tracking, zones show there: they are templates of connections.
  void asks_connection() { rule.switches_tracking = rule.switches_tracking || position.table == "raw"; }
  [[nodiscard]] std::string perhaps_not(unsigned chance = 20);  // "! " or nothing
};

// Asks for up to a few properties of the packet.
void add_matches(IptablesRule& rule);
// Ends the rule with a target; `callable` are the user chains that it may call.
void add_target(IptablesRule& rule, const std::vector<std::string>& callable);

// A rule set of iptables-save or ip6tables-save for the backend.
[[nodiscard]] Draft random_iptables(Dice& dice, Backend backend, Family family);

}  // namespace segproof::oracle
