// SPDX-License-Identifier: Apache-2.0
// A rule set that is being made up: tables, chains and rules as text, together with the packets that the rules talk
// about, so that probes can be aimed at them, and rules can be taken away one by one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel_rules.h"
#include "packet/interval_set.h"

namespace segproof::oracle {

// What a rule asks for: probes take values from here, on and beside the bounds.
struct Hints {
  std::vector<Interval> sources;
  std::vector<Interval> destinations;
  std::vector<Interval> source_ports;
  std::vector<Interval> destination_ports;  // ICMP: type * 256 + code
  std::optional<std::uint8_t> protocol;
  std::optional<std::uint8_t> tcp_flags;
  std::string in;  // empty: any
  std::string out;
};

struct DraftRule {
  std::string text;        // without "-A CHAIN "
  std::size_t copies = 1;  // the rules that the kernel makes of it, one after the other
  Hints hints;
  bool is_open = false;            // whether it matches is not decided by packet and rule set
  bool chooses = false;            // the kernel chooses a part of the new header
  bool switches_tracking = false;  // NOTRACK and the like: packets cannot be kept apart by zones
  bool asks_length = false;
};

struct DraftChain {
  std::string name;
  std::string head;  // how the chain is declared, without its name for iptables ("ACCEPT [0:0]"), whole for nft
  bool is_base = false;
  std::vector<DraftRule> rules;
  std::string hook;     // of a base chain: "forward"
  bool is_nat = false;  // of a base chain
};

struct DraftTable {
  std::string name;      // "filter"; nft: "inet t0"
  std::string preamble;  // nft: sets and maps
  std::vector<DraftChain> chains;
};

// A set of ipset, in the words of `ipset restore`.
struct DraftSet {
  enum class Part : std::uint8_t { address, port, bare_port, interface };
  std::string name;
  std::string text;  // whole lines
  std::vector<Part> parts;
  std::vector<Interval> addresses;  // what is in it
  std::vector<Interval> ports;
};

struct Draft {
  Backend backend = Backend::legacy;
  Family family = Family::ipv4;
  std::vector<DraftTable> tables;
  std::vector<DraftSet> sets;
  std::string verbatim;  // instead of tables: the whole text
  bool verbatim_switches_tracking = false;

  // Whether zones would show: then each packet meets empty connection tables instead.
  [[nodiscard]] bool sees_zones() const { return verbatim_switches_tracking || any(&DraftRule::switches_tracking); }
  [[nodiscard]] bool any(bool DraftRule::*property) const;
  [[nodiscard]] std::size_t rule_count() const;
  [[nodiscard]] std::string sets_text() const;
};

// A place of a rule or chain in the text.
struct DraftLine {
  std::string table;  // without the family of nft
  std::string chain;
  std::optional<std::size_t> rule;  // index in the kernel's list; nothing: the chain and its policy
};

struct Rendered {
  std::string text;
  std::vector<DraftLine> lines;  // lines[i] stands in line i + 1
  // The line of a kernel rule (or, without a rule, of a chain); 0 when there is none.
  [[nodiscard]] std::uint32_t line_of(const std::string& table, const std::string& chain,
                                      std::optional<std::size_t> rule) const;
};
[[nodiscard]] Rendered render(const Draft& draft);

}  // namespace segproof::oracle
