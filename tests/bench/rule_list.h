// SPDX-License-Identifier: Apache-2.0
// Seeded first-match lists as enterprises have them: sites hold zones, zones hold hosts, some of each are named again
// and again; permits in runs with denials between, a few rules about everybody, an address range that is no prefix now
// and then. No state and no interfaces: what every engine can compile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "packet/packet.h"

namespace segproof::bench {

struct ListRule {
  Interval protocol{0, 255};
  Interval destination;
  Interval source;
  Interval destination_port{0, 65535};  // type and code under ICMP
  Interval source_port{0, 65535};
  Interval flags{0, 255};
  bool permit = true;

  [[nodiscard]] Interval of(Field field) const;  // one of the six
};

// What no rule matches is denied.
struct RuleList {
  Family family = Family::ipv4;
  std::vector<ListRule> rules;
};

enum class ListKind : std::uint8_t {
  enterprise,  // exact services wherever many addresses meet
  wide,        // many rules about whole networks, one in five denies: most rules end up shadowed
  crossed,     // any to a host's port beside a host to any port: quadratic in every diagram
};

struct ListShape {
  ListKind kind = ListKind::enterprise;
  Family family = Family::ipv4;
  unsigned rules = 1000;
  bool permit_only = false;
  std::uint64_t seed = 1;
};

[[nodiscard]] RuleList make_rule_list(const ListShape& shape);

// Maximal runs of rules with the same action, in order: {first rule, number of rules}.
struct Run {
  std::size_t first = 0;
  std::size_t count = 0;
};
[[nodiscard]] std::vector<Run> runs_of(const RuleList& list);

// The first rule that matches, rule by rule: the naive engine for one packet.
[[nodiscard]] std::optional<std::size_t> first_match(const RuleList& list, const Packet& packet);
// Packets at the ends of rules and just beside them, and a few from anywhere.
[[nodiscard]] std::vector<Packet> telling_packets(const RuleList& list, std::size_t count, std::uint64_t seed);

// ClassBench filters: "@src/len dst/len lo : hi lo : hi proto/mask flags/mask", all of them permits. Other lines make
// it nothing.
[[nodiscard]] std::optional<RuleList> parse_classbench(const std::string& text, Family family);

}  // namespace segproof::bench
