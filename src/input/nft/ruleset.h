// SPDX-License-Identifier: Apache-2.0
// A whole nftables ruleset as it stands after its commands were carried out: what `nft list ruleset` would list. The
// text and the JSON reader fill it; lower.h turns it into the model. What could not be understood stays in it as a
// Doubt.
//
// How a reader fills it: `ruleset.table(family, name, span)` finds or makes a table, `table.chain(name, span)` a chain
// of it, and so on; rules are appended to `chain.rules` in order. Names may be used before they are defined: lower()
// looks them up when everything is there.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/nft/statement.h"

namespace segproof::nft {

// bridge, netdev and arp are kept as well: lower() says where they could matter.
enum class TableFamily : std::uint8_t { ip, ip6, inet, arp, bridge, netdev };
// "ip", "inet"...; nothing for another word.
[[nodiscard]] std::optional<TableFamily> find_table_family(std::string_view word);
[[nodiscard]] std::string_view table_family_name(TableFamily family);

// type filter hook input priority filter - 5; policy drop;
struct BaseChain {
  std::string type;  // "filter", "nat", "route"
  std::string hook;  // "prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"
  std::int32_t priority = 0;
  std::vector<std::string> devices;
  SourceSpan span;
};
// "srcnat" in inet is 100; bridge has numbers of its own. Nothing for another word, or where the family has none.
[[nodiscard]] std::optional<std::int32_t> find_priority(std::string_view word, TableFamily family);

enum class ChainPolicy : std::uint8_t { accept, drop };

struct Chain {
  std::string name;
  std::optional<BaseChain> base;
  std::optional<ChainPolicy> policy;  // nothing: accept
  SourceSpan policy_span;
  std::vector<RuleText> rules;
  SourceSpan span;
  bool declared = false;             // false: only rules were added to it
  std::optional<std::string> doubt;  // why anything may happen in it
  SourceSpan doubt_span;
};

// set or map: `type ipv4_addr . inet_service : verdict`, or `typeof ip saddr . tcp dport : meta mark`.
struct Set {
  std::string name;
  bool is_map = false;
  std::vector<std::string> key_types;    // "ipv4_addr", "inet_service"...; empty where `typeof` is used
  std::vector<Selector> key_selectors;   // of typeof
  std::vector<std::string> data_types;   // of a map: "verdict", "ipv4_addr" . "inet_service", "counter"...
  std::vector<Selector> data_selectors;  // of typeof
  std::vector<std::string> flags;        // "interval", "timeout", "dynamic", "constant"
  bool has_timeout = false;              // a default timeout: elements come and go
  bool auto_merge = false;
  std::vector<Element> elements;
  std::optional<std::string> doubt;  // why the content is not known
  SourceSpan span;
  [[nodiscard]] bool has_flag(std::string_view flag) const;
};

// counter, quota, limit, ct helper, ct timeout, ct expectation, synproxy, secmark: only its name and kind matter.
struct Object {
  std::string kind;  // "counter", "quota", "limit", "ct helper"...
  std::string name;
  SourceSpan span;
};

struct Flowtable {
  std::string name;
  std::vector<std::string> devices;
  SourceSpan span;
};

struct Table {
  TableFamily family = TableFamily::ip;
  std::string name;
  bool dormant = false;          // flags dormant: its base chains are not active
  bool perhaps_dormant = false;  // it has a flag, and the listing garbles which
  // Deques: references stay valid while more are added.
  std::deque<Chain> chains;
  std::deque<Set> sets;
  std::deque<Object> objects;
  std::deque<Flowtable> flowtables;
  SourceSpan span;

  // Finds or makes; `span` is that of the first mention.
  Chain& chain(std::string_view chain_name, const SourceSpan& from);
  [[nodiscard]] const Chain* find_chain(std::string_view chain_name) const;
  Set& set(std::string_view set_name, const SourceSpan& from);
  [[nodiscard]] const Set* find_set(std::string_view set_name) const;
  void rename_chain(std::string_view from, std::string_view to);  // nothing when there is no such chain

 private:
  std::map<std::string, std::size_t, std::less<>> chain_index_;  // into the deques
  std::map<std::string, std::size_t, std::less<>> set_index_;
};

// Something that is not understood and may do anything at every hook.
struct Doubt {
  SourceSpan span;
  std::string why;
};

struct Ruleset {
  std::deque<Table> tables;
  std::vector<Doubt> doubts;
  // Written by people: comments, definitions, commands. The sets of such a file are often filled elsewhere, so that one
  // without elements is undecided. What nft lists has its sets filled.
  bool is_source = false;

  Table& table(TableFamily family, std::string_view name, const SourceSpan& from);
  [[nodiscard]] const Table* find_table(TableFamily family, std::string_view name) const;
};

}  // namespace segproof::nft
