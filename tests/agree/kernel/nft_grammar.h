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
  bool has_verdicts = false;  // the map `verdicts`
  bool has_targets = false;   // the map `targets`
  std::vector<Interval> map_addresses;
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
  std::uint8_t asked = 0;  // the protocol that any test asks for, 255 when there are several; 0: none

  // Whether a test of that protocol's header may follow; then it is asked for.
  [[nodiscard]] bool takes(std::uint8_t wanted) {
    const bool fits = asked == 0 || asked == wanted;
    asked = fits ? wanted : asked;
    return fits;
  }
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

// What is asked for less often (nft_rarer.cpp).
void add_nft_maps(Dice& dice, Family family, NftTable& table);
void add_nft_rarer_match(NftRule& rule);
void add_nft_rarer_effect(NftRule& rule);
void add_nft_rarer_verdict(NftRule& rule, const std::vector<std::string>& callable);
// False where the rule cannot have one.
[[nodiscard]] bool add_nft_translation_by_map(NftRule& rule, bool at_source);

[[nodiscard]] Draft random_nft(Dice& dice, Family family);

}  // namespace segproof::oracle
