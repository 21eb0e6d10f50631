// SPDX-License-Identifier: Apache-2.0
#include "bench/group_list.h"

#include <algorithm>

#include "bench/random.h"

namespace segproof::bench {

GroupList make_group_list(Family family, unsigned rules, std::uint64_t seed) {
  Random random(seed);
  // Addresses and services as in a list of rules, put together to groups.
  const RuleList pool = make_rule_list({ListKind::enterprise, family, std::max(rules, 400U), false, seed});
  const auto any_rule = [&]() -> const ListRule& { return pool.rules[random.skewed(pool.rules.size())]; };
  const auto is_everything = [&](const Interval& interval) {
    return interval.low == 0 && interval.high >= low_ones(address_width(family));
  };
  GroupList list{family, {}, {}, {}, {}};
  for (unsigned i = 0; i < std::max(20U, rules / 8U); ++i) {
    std::vector<Interval> lines;
    for (unsigned line = 4 + random.below(9); line > 0;) {
      const ListRule& rule = any_rule();
      const Interval& interval = random.per_mille(500) ? rule.destination : rule.source;
      if (!is_everything(interval)) {
        lines.push_back(interval);
        --line;
      }
    }
    list.address_groups.push_back(IntervalSet::of(lines));
    list.addresses.push_back(std::move(lines));
  }
  for (unsigned i = 0; i < std::max(10U, rules / 50U); ++i) {
    std::vector<GroupService> services;
    for (unsigned line = 2 + random.below(3); line > 0; --line) {
      const ListRule& rule = any_rule();
      services.push_back({rule.protocol, IntervalSet{rule.destination_port}});
    }
    list.service_groups.push_back(std::move(services));
  }
  bool permitting = true;
  const auto pick = [&](const auto& from) {
    return std::size_t{random.below(static_cast<std::uint32_t>(from.size()))};
  };
  for (unsigned i = 0; i < rules; ++i) {
    permitting = random.per_mille(30) != permitting;
    list.rules.push_back({pick(list.address_groups), pick(list.address_groups), pick(list.service_groups),
                          permitting || random.per_mille(500)});
  }
  return list;
}

std::size_t flat_size(const GroupList& list) {
  std::size_t size = 0;
  for (const GroupRule& rule : list.rules) {
    size += list.addresses[rule.sources].size() * list.addresses[rule.destinations].size() *
            list.service_groups[rule.services].size();
  }
  return size;
}

RuleList flattened(const GroupList& list) {
  RuleList flat{list.family, {}};
  flat.rules.reserve(flat_size(list));
  for (const GroupRule& rule : list.rules) {
    for (const Interval& destination : list.addresses[rule.destinations]) {
      for (const Interval& source : list.addresses[rule.sources]) {
        for (const GroupService& service : list.service_groups[rule.services]) {
          ListRule one;
          one.protocol = service.protocol;
          one.destination = destination;
          one.source = source;
          one.destination_port = service.ports.intervals().front();
          one.permit = rule.permit;
          flat.rules.push_back(one);
        }
      }
    }
  }
  return flat;
}

}  // namespace segproof::bench
