// SPDX-License-Identifier: Apache-2.0
#include "bench/list_engines.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <deque>
#include <numeric>

#include "packet/changing_list.h"
#include "packet/destination_slices.h"
#include "reach/stage_program.h"

namespace segproof::bench {
namespace {

constexpr std::size_t edges_of_large_lists = std::size_t{3} << 29U;

double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// The sets of one rule; a box only refers to them.
struct RuleSets {
  std::vector<std::pair<Field, IntervalSet>> sets;

  RuleSets(const ListRule& rule, Family family) {
    for (const Field field : {Field::protocol, Field::destination, Field::source, Field::destination_port,
                              Field::source_port, Field::tcp_flags}) {
      const Interval interval = rule.of(field);
      if (interval.low > 0 || interval.high < field_max(field, family)) {
        sets.emplace_back(field, IntervalSet{interval});
      }
    }
  }
  [[nodiscard]] Box box() const {
    Box result;
    for (const auto& [field, values] : sets) {
      result.where(field, values);
    }
    return result;
  }
};

Compiled finished(const std::shared_ptr<Space>& space, PacketSet permitted, double seconds) {
  const Space::Size size = space->size(permitted);
  return {seconds, size.nodes, size.edges, 0,
          [space, permitted](const Packet& packet) { return permitted.contains(packet); }};
}

PacketSet set_of(const ListRule& rule, Space& space) {
  const RuleSets sets(rule, space.family());
  std::vector<PacketSet> parts;
  for (const auto& [field, values] : sets.sets) {
    parts.push_back(space.where(field, values));
  }
  return space.all_of(parts);
}

}  // namespace

Compiled compile_merged(const RuleList& list, Numbers numbers) {
  const auto space = std::make_shared<Space>(list.family);
  const std::clock_t start = std::clock();
  std::vector<PriorityMap::Priority> number(list.rules.size());
  std::vector<bool> permits;
  if (numbers == Numbers::rules) {
    std::iota(number.begin(), number.end(), 0U);
    for (const ListRule& rule : list.rules) {
      permits.push_back(rule.permit);
    }
  } else {
    for (const Run& run : runs_of(list)) {
      std::fill_n(number.begin() + static_cast<std::ptrdiff_t>(run.first), run.count,
                  static_cast<PriorityMap::Priority>(permits.size()));
      permits.push_back(list.rules[run.first].permit);
    }
  }
  std::vector<Interval> destinations;
  for (const ListRule& rule : list.rules) {
    destinations.push_back(rule.destination);
  }
  std::vector<PacketSet> parts;
  std::vector<bool> live(numbers == Numbers::rules ? list.rules.size() : 0, false);
  for (const Interval& slice : destination_slices(list.family, destinations)) {
    PriorityMap map(list.family, static_cast<PriorityMap::Priority>(permits.size()), {edges_of_large_lists}, slice);
    for (std::size_t i = 0; i < list.rules.size(); ++i) {
      if (destinations[i].low <= slice.high && destinations[i].high >= slice.low) {
        const RuleSets sets(list.rules[i], list.family);
        map.add(sets.box(), number[i]);
      }
    }
    parts.push_back(map.collapse(*space, [&](PriorityMap::Priority priority) {
      return priority != PriorityMap::unmatched && permits[priority];
    }));
    if (numbers == Numbers::rules) {
      for (const PriorityMap::Priority priority : map.occurring()) {
        live[priority] = true;
      }
    }
  }
  const PacketSet permitted = space->any_of(parts);
  Compiled result = finished(space, permitted, seconds_since(start));
  result.live_rules = static_cast<std::size_t>(std::count(live.begin(), live.end(), true));
  return result;
}

Compiled compile_groups(const GroupList& list) {
  const auto space = std::make_shared<Space>(list.family);
  const std::clock_t start = std::clock();
  PriorityMap map(list.family, static_cast<PriorityMap::Priority>(list.rules.size()));
  std::vector<bool> permits;
  PriorityMap::Priority run = 0;
  for (std::size_t i = 0; i < list.rules.size(); ++i) {
    const GroupRule& rule = list.rules[i];
    run += i > 0 && rule.permit != list.rules[i - 1].permit ? 1U : 0U;
    permits.resize(run + 1, rule.permit);
    for (const GroupService& service : list.service_groups[rule.services]) {
      const IntervalSet protocol{service.protocol};
      Box box;
      box.where(Field::destination, list.address_groups[rule.destinations]);
      box.where(Field::source, list.address_groups[rule.sources]);
      if (service.protocol != Interval{0, 255}) {
        box.where(Field::protocol, protocol);
      }
      box.where(Field::destination_port, service.ports);
      map.add(box, run);
    }
  }
  const PacketSet permitted = map.collapse(
      *space, [&](PriorityMap::Priority priority) { return priority != PriorityMap::unmatched && permits[priority]; });
  return finished(space, permitted, seconds_since(start));
}

Compiled compile_in_rule_order(const RuleList& list) {
  const auto space = std::make_shared<Space>(list.family);
  const std::clock_t start = std::clock();
  PacketSet permitted = space->none();
  const std::vector<Run> runs = runs_of(list);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    std::vector<PacketSet> sets;
    for (std::size_t i = 0; i < run->count; ++i) {
      sets.push_back(set_of(list.rules[run->first + i], *space));
    }
    const PacketSet matched = space->any_of(sets);
    permitted = list.rules[run->first].permit ? permitted | matched : permitted - matched;
  }
  return finished(space, permitted, seconds_since(start));
}

Compiled compile_as_stage(const RuleList& list) {
  model::Network network;
  network.nodes.push_back({});
  model::Chain chain{"filter FORWARD", {}, {}};
  chain.rules.push_back({{{model::TrackTest{1U << static_cast<unsigned>(TrackState::established), 0, false}}},
                         model::Decide{model::Verdict::accept},
                         {}});
  for (std::size_t i = 0; i < list.rules.size(); ++i) {
    model::Rule rule{{}, model::Decide{list.rules[i].permit ? model::Verdict::accept : model::Verdict::drop}, {}};
    for (auto& [field, values] : RuleSets(list.rules[i], list.family).sets) {
      rule.condition.tests.emplace_back(model::FieldTest{field, std::move(values), std::nullopt});
    }
    if (i % 50 == 49) {
      rule.condition.tests.emplace_back(model::UnknownTest{model::Unknown::rate, "limit: 5/sec", false});
    }
    chain.rules.push_back(std::move(rule));
  }
  model::RuleSet rules;
  rules.chains.push_back(std::move(chain));
  rules.stages.push_back(
      {model::Hook::forward, model::StageKind::filter, 0, model::ChainId(0), model::Verdict::drop, {}, "", true, true});

  const auto space = std::make_shared<Space>(list.family);
  const reach::HeaderSets headers(*space);
  const reach::NodeFacts facts(network, model::NodeId(0), list.family);
  const std::clock_t start = std::clock();
  const reach::StageProgram program = reach::compile_stage(rules, rules.stages.front(), facts, headers);
  const double seconds = seconds_since(start);
  Compiled result = finished(space, program.may(reach::End::accept), seconds);
  result.permits = {};  // it permits other packets: those of known connections, and those under a limit
  return result;
}

Compiled change_rules(const RuleList& list, const RuleList& others) {
  const auto space = std::make_shared<Space>(list.family);
  std::deque<RuleSets> kept;
  const auto rule_of = [&](const ListRule& rule) {
    return ChangingList::Rule{{kept.emplace_back(rule, list.family).box()},
                              rule.permit ? ChangingList::Effect::take : ChangingList::Effect::pass_over};
  };
  std::vector<ChangingList::Rule> rules;
  for (const ListRule& rule : list.rules) {
    rules.push_back(rule_of(rule));
  }
  ChangingList changing(*space, rules);
  PacketSet permitted = changing.taken();
  std::vector<double> seconds;
  for (std::size_t i = 0; i < others.rules.size(); ++i) {
    const ChangingList::Rule rule = rule_of(others.rules[i]);
    const auto start = std::chrono::steady_clock::now();
    changing.replace(i * 7919 % changing.size(), rule);
    permitted = changing.taken();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  return finished(space, permitted, seconds[seconds.size() / 2]);
}

std::size_t disagreements(const RuleList& list, const Compiled& compiled, std::size_t packets) {
  std::size_t count = 0;
  for (const Packet& packet : telling_packets(list, packets, 7)) {
    const std::optional<std::size_t> rule = first_match(list, packet);
    count += (rule && list.rules[*rule].permit) != compiled.permits(packet) ? 1U : 0U;
  }
  return count;
}

}  // namespace segproof::bench
