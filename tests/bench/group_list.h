// SPDX-License-Identifier: Apache-2.0
// Lists over object groups: few rules that stand for many. Written out, each address and service of a group with each
// of the others, they are flat rules; the groups themselves need never be.
#pragma once

#include "bench/rule_list.h"

namespace segproof::bench {

struct GroupService {
  Interval protocol;
  IntervalSet ports;
};

struct GroupRule {
  std::size_t sources = 0;  // index into address_groups
  std::size_t destinations = 0;
  std::size_t services = 0;  // index into service_groups
  bool permit = true;
};

struct GroupList {
  Family family = Family::ipv4;
  std::vector<std::vector<Interval>> addresses;  // as written: one for each line of a group
  std::vector<IntervalSet> address_groups;       // the same as sets
  std::vector<std::vector<GroupService>> service_groups;
  std::vector<GroupRule> rules;
};

// `rules` rules, groups of about eight addresses and three services.
[[nodiscard]] GroupList make_group_list(Family family, unsigned rules, std::uint64_t seed);

// Every combination as a rule of its own.
[[nodiscard]] RuleList flattened(const GroupList& list);
[[nodiscard]] std::size_t flat_size(const GroupList& list);

}  // namespace segproof::bench
