// SPDX-License-Identifier: Apache-2.0
#include "iptables_grammar.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "ipset_grammar.h"

namespace segproof::oracle {
namespace {

struct TableShape {
  const char* name;
  std::vector<const char*> chains;
  unsigned chance;    // that a rule set has it
  std::size_t rules;  // at most, in each chain
};

std::vector<TableShape> table_shapes() {
  return {{"raw", {"PREROUTING", "OUTPUT"}, 20, 2},
          {"mangle", {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}, 25, 2},
          {"nat", {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"}, 35, 4},
          {"filter", {"INPUT", "FORWARD", "OUTPUT"}, 95, 9},
          {"security", {"INPUT", "FORWARD", "OUTPUT"}, 8, 2}};
}

NatSide side_of(const std::string& chain) {
  return chain == "PREROUTING" || chain == "OUTPUT" ? NatSide::destination : NatSide::source;
}

// What is asked of a whole rule set.
struct Mood {
  bool may_be_open = false;
  bool may_switch_tracking = false;
};

class IptablesMaker {
 public:
  IptablesMaker(Dice& dice, Backend backend, Family family) : dice_(dice) {
    draft_.backend = backend;
    draft_.family = family;
    mood_.may_be_open = dice.percent(12);
    mood_.may_switch_tracking = dice.percent(30);
    if (dice.percent(15))
      add_random_sets(dice, draft_);
  }

  Draft make() {
    for (const TableShape& shape : table_shapes()) {
      if (dice_.percent(shape.chance))
        table(shape);
    }
    return std::move(draft_);
  }

 private:
  struct UserChain {
    std::string name;
    NatSide side = NatSide::none;
  };

  void table(const TableShape& shape) {
    const bool is_nat = std::string(shape.name) == "nat";
    DraftTable table;
    table.name = shape.name;
    std::vector<UserChain> user(dice_.below(4));
    for (std::size_t i = 0; i < user.size(); ++i) {
      user[i].name = fmt::format("{}{}", dice_.word({"U", "my-chain_", "LOG.and"}), i);
      if (is_nat)
        user[i].side = dice_.percent(50) ? NatSide::destination : NatSide::source;
    }
    for (const char* name : shape.chains) {
      const bool is_filter = table.name == "filter";
      const bool drops = !is_nat && dice_.percent(is_filter ? 35 : 4);
      table.chains.push_back({name, drops ? "DROP [0:0]" : "ACCEPT [0:0]", true, {}, to_lower(name), is_nat});
      RulePosition position{table.name, name, true, true, true, is_nat ? side_of(name) : NatSide::none};
      position.sees_input = position.chain != "OUTPUT" && position.chain != "POSTROUTING";
      position.sees_output = position.chain != "INPUT" && position.chain != "PREROUTING";
      fill(table.chains.back(), position, shape.rules, user, 0);
    }
    for (std::size_t i = 0; i < user.size(); ++i) {
      table.chains.push_back({user[i].name, "- [0:0]", false, {}, {}, false});
      const RulePosition position{table.name, user[i].name, false, true, true, user[i].side};
      fill(table.chains.back(), position, 4, user, i + 1);
    }
    draft_.tables.push_back(std::move(table));
  }

  // Chains call only those that come after them, so that nothing runs in a circle.
  void fill(DraftChain& chain, const RulePosition& position, std::size_t most, const std::vector<UserChain>& user,
            std::size_t first_callable) {
    std::vector<std::string> callable;
    for (std::size_t i = first_callable; i < user.size(); ++i) {
      if (user[i].side == position.side)
        callable.push_back(user[i].name);
    }
    for (std::size_t count = dice_.below(most + 1); count > 0; --count) {
      IptablesRule rule{dice_, draft_.family, position, mood_.may_be_open,
                        draft_.sets.empty() ? nullptr : &draft_.sets};
      add_matches(rule);
      add_target(rule, callable);
      if (rule.rule.switches_tracking && !mood_.may_switch_tracking)
        continue;
      chain.rules.push_back(std::move(rule.rule));
    }
  }

  Dice& dice_;
  Draft draft_;
  Mood mood_;
};

}  // namespace

Draft random_iptables(Dice& dice, Backend backend, Family family) {
  return IptablesMaker(dice, backend, family).make();
}

}  // namespace segproof::oracle
