// SPDX-License-Identifier: Apache-2.0
// The grammar of nftables rules, in the words of `nft list ruleset`.
#pragma once

#include <string>
#include <vector>

#include "constants.h"
#include "dice.h"
#include "draft.h"

namespace segproof::oracle {

// What a rule may refer to in its table.
struct NftTable {
  std::string family;                     // "ip", "ip6", "inet"
  std::vector<std::string> address_sets;  // of the addresses of the draft's family
  std::vector<Interval> set_addresses;    // what is in them
  std::vector<std::string> port_sets;
  std::vector<Interval> set_ports;
  std::string preamble;
};

struct NftPosition {
  std::string hook;  // of the base chain; empty in other chains
  bool is_nat = false;
  bool sees_input = true;
  bool sees_output = true;
  bool before_tracking = false;
};

// A rule on its way.
struct NftRule {
  Dice& dice;
  Family family;
  const NftTable& table;
  NftPosition position;
  bool may_be_open = false;
  DraftRule rule = {};
  std::string protocol = {};  // "tcp" once the rule asks for it
  std::uint8_t number = 0;

  void say(const std::string& words);
  [[nodiscard]] std::string perhaps_not(unsigned chance = 20);  // "!= " or nothing
  [[nodiscard]] const char* ip() const { return family == Family::ipv4 ? "ip" : "ip6"; }
  // The rule looks at the connection: before tracking, zones show there.
  void asks_connection() { rule.switches_tracking = rule.switches_tracking || position.before_tracking; }
};

// Named sets for the rules of a table.
void add_nft_sets(Dice& dice, Family family, NftTable& table);
void add_nft_matches(NftRule& rule);
// Statements and the verdict; `callable` are the chains that it may call.
void add_nft_verdict(NftRule& rule, const std::vector<std::string>& callable);

[[nodiscard]] Draft random_nft(Dice& dice, Family family);

}  // namespace segproof::oracle
