// SPDX-License-Identifier: Apache-2.0
#include "nft_grammar.h"

#include <fmt/format.h>

namespace segproof::oracle {
namespace {

class NftMaker {
 public:
  NftMaker(Dice& dice, Family family) : dice_(dice) {
    draft_.backend = Backend::nft;
    draft_.family = family;
    may_be_open_ = dice.percent(12);
    may_switch_tracking_ = dice.percent(25);
  }

  Draft make() {
    for (std::uint64_t count = 1 + dice_.below(3); count > 0; --count)
      table(count);
    return std::move(draft_);
  }

 private:
  void table(std::uint64_t number) {
    NftTable table;
    table.family = dice_.percent(50) ? "inet" : draft_.family == Family::ipv4 ? "ip" : "ip6";
    add_nft_sets(dice_, draft_.family, table);
    add_nft_maps(dice_, draft_.family, table);
    DraftTable made;
    made.name = fmt::format("{} t{}", table.family, number);
    made.preamble = table.preamble;
    std::vector<std::string> user(dice_.below(3));
    for (std::size_t i = 0; i < user.size(); ++i)
      user[i] = fmt::format("u{}", i);
    for (std::uint64_t count = 1 + dice_.below(4); count > 0; --count)
      base_chain(made, table, user, count);
    for (std::size_t i = 0; i < user.size(); ++i) {
      made.chains.push_back({user[i], {}, false, {}, {}, false});
      NftPosition position;
      // It may be called from anywhere.
      position.before_tracking = true;
      position.is_nat = false;
      const std::vector<std::string> callable(user.begin() + static_cast<std::ptrdiff_t>(i + 1), user.end());
      fill(made.chains.back(), table, position, callable, 4);
    }
    draft_.tables.push_back(std::move(made));
  }

  void base_chain(DraftTable& made, const NftTable& table, const std::vector<std::string>& user, std::uint64_t number) {
    NftPosition position;
    position.hook = dice_.word({"prerouting", "input", "forward", "forward", "forward", "output", "postrouting"});
    position.is_nat = position.hook != "forward" && dice_.percent(50);
    position.sees_input = position.hook != "output" && position.hook != "postrouting";
    position.sees_output = position.hook != "input" && position.hook != "prerouting";
    std::string priority;
    if (position.is_nat) {
      const bool destination = position.hook == "prerouting" || position.hook == "output";
      priority = destination ? dice_.word({position.hook == "output" ? "-100" : "dstnat", "-90"})
                             : dice_.word({position.hook == "input" ? "100" : "srcnat", "110"});
    } else {
      priority = dice_.word({"filter", "filter", "0", "mangle", "-150", "10", "filter + 5", "filter - 1", "security"});
      if (position.hook == "prerouting" && dice_.percent(30))
        priority = dice_.word({"raw", "-300"});
      position.before_tracking = priority == "raw" || priority == "-300";
    }
    const bool drops = !position.is_nat && dice_.percent(30);
    const std::string policy = dice_.percent(85) ? fmt::format(" policy {};", drops ? "drop" : "accept") : "";
    const std::string head = fmt::format("type {} hook {} priority {};{}", position.is_nat ? "nat" : "filter",
                                         position.hook, priority, policy);
    made.chains.push_back({fmt::format("{}{}", position.hook, number), head, true, {}, position.hook, position.is_nat});
    // A chain of translations calls no other: what stands there might not be possible.
    fill(made.chains.back(), table, position, position.is_nat ? std::vector<std::string>() : user, 7);
  }

  void fill(DraftChain& chain, const NftTable& table, const NftPosition& position,
            const std::vector<std::string>& callable, std::size_t most) {
    for (std::uint64_t count = dice_.below(most + 1); count > 0; --count) {
      NftRule rule{dice_, draft_.family, table, position, may_be_open_};
      add_nft_matches(rule);
      add_nft_verdict(rule, callable);
      if (rule.rule.switches_tracking && !may_switch_tracking_)
        continue;
      chain.rules.push_back(std::move(rule.rule));
    }
  }

  Dice& dice_;
  Draft draft_;
  bool may_be_open_;
  bool may_switch_tracking_;
};

}  // namespace

Draft random_nft(Dice& dice, Family family) {
  return NftMaker(dice, family).make();
}

}  // namespace segproof::oracle
