// SPDX-License-Identifier: Apache-2.0
// One list at a time: how compilation grows with the rules, and what object groups, attribution and IPv6 cost.
#include <fmt/format.h>

#include "bench/list_engines.h"
#include "bench/report.h"

namespace segproof::bench {
namespace {

Figures figures_of(const Compiled& compiled) {
  Figures figures{{"seconds", compiled.seconds},
                  {"nodes", static_cast<double>(compiled.nodes)},
                  {"edges", static_cast<double>(compiled.edges)}};
  if (compiled.live_rules > 0) {
    figures["live_rules"] = static_cast<double>(compiled.live_rules);
  }
  return figures;
}

// A comparison of wrong answers is worth nothing.
Figures checked(const RuleList& list, const Compiled& compiled) {
  if (disagreements(list, compiled, 200) > 0) {
    throw std::runtime_error("its answers are wrong");
  }
  return figures_of(compiled);
}

std::vector<Work> list_works(const ListShape& shape, bool slow_ones) {
  const auto with = [shape](auto compile) {
    return [shape, compile]() -> Figures {
      const RuleList list = make_rule_list(shape);
      return checked(list, compile(list));
    };
  };
  std::vector<Work> works{
      {"merged", with([](const RuleList& list) { return compile_merged(list, Numbers::runs); })},
      {"with attribution", with([](const RuleList& list) { return compile_merged(list, Numbers::rules); })},
      {"stage with state", [shape]() -> Figures { return figures_of(compile_as_stage(make_rule_list(shape))); }},
  };
  if (slow_ones) {
    works.push_back({"rule order, own", with(compile_in_rule_order)});
    works.push_back({"rule order, BuDDy", [shape]() -> Figures {
                       const RuleList list = make_rule_list(shape);
                       const std::optional<Compiled> compiled = compile_on_buddy(list);
                       if (!compiled) {
                         throw std::runtime_error("built without BuDDy");
                       }
                       return checked(list, *compiled);
                     }});
  }
  return works;
}

void append(Measurements& results, std::vector<Measured> more) {
  results.insert(results.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

void measure_lists(const Plan& plan, Measurements& results) {
  const auto lists = [&](const std::string& name, ListShape shape, std::vector<unsigned> sizes, unsigned slow_up_to) {
    for (const unsigned rules : sizes) {
      if (plan.quick && rules > 1000) {
        continue;
      }
      shape.rules = rules;
      append(results, measure("list", fmt::format("{} {}", name, rules), list_works(shape, rules <= slow_up_to),
                              plan.rounds, plan.limit));
    }
  };
  lists("permits", {ListKind::enterprise, Family::ipv4, 0, true, 1}, {100, 1000, 10000, 100000}, 10000);
  lists("enterprise", {ListKind::enterprise, Family::ipv4, 0, false, 1}, {100, 1000, 10000, 100000}, 10000);
  lists("wide", {ListKind::wide, Family::ipv4, 0, false, 1}, {1000, 10000, 100000}, 10000);
  lists("permits, IPv6", {ListKind::enterprise, Family::ipv6, 0, true, 1}, {100, 1000, 10000, 100000}, 0);
  lists("crossed", {ListKind::crossed, Family::ipv4, 0, true, 1}, {1000, 4000}, 1000);

  for (const unsigned rules : {1000U, 10000U, 100000U}) {
    if (plan.quick && rules > 1000) {
      continue;
    }
    append(results,
           measure("one rule changed", fmt::format("{} rules", rules),
                   {{"changed",
                     [rules] {
                       return figures_of(
                           change_rules(make_rule_list({ListKind::enterprise, Family::ipv4, rules, false, 1}),
                                        make_rule_list({ListKind::enterprise, Family::ipv4, 200, false, 99})));
                     }},
                    {"compiled afresh",
                     [rules] {
                       return figures_of(compile_merged(
                           make_rule_list({ListKind::enterprise, Family::ipv4, rules, false, 1}), Numbers::runs));
                     }}},
                   plan.rounds, plan.limit));
  }

  for (const unsigned rules : {200U, 1000U, 4000U, 5300U}) {
    if (plan.quick && rules > 200) {
      continue;
    }
    std::vector<Work> works{{"groups",
                             [rules]() -> Figures {
                               const GroupList list = make_group_list(Family::ipv4, rules, 1);
                               Figures figures = figures_of(compile_groups(list));
                               figures["flat_rules"] = static_cast<double>(flat_size(list));
                               return figures;
                             }},
                            {"written out", [rules]() -> Figures {
                               const RuleList flat = flattened(make_group_list(Family::ipv4, rules, 1));
                               return figures_of(compile_merged(flat, Numbers::runs));
                             }}};
    append(results, measure("object groups", fmt::format("{} rules", rules), works, plan.rounds, plan.limit));
  }
}

}  // namespace segproof::bench
