// SPDX-License-Identifier: Apache-2.0
#include "model/short_fragments.h"

#include <algorithm>
#include <array>
#include <utility>

namespace segproof::model {
namespace {

bool asks_for_flags(const Condition& condition) {
  return std::ranges::any_of(condition.tests, [](const Test& test) {
    if (const auto* field = std::get_if<FieldTest>(&test))
      return field->field == Field::tcp_flags;
    if (const auto* mask = std::get_if<MaskTest>(&test))
      return mask->field == Field::tcp_flags;
    const auto* any = std::get_if<AnyTest>(&test);
    return any != nullptr && std::ranges::any_of(any->alternatives, asks_for_flags);
  });
}

// What goes on to the next rule of a chain that accepts is at most accepted, unless that rule changes it.
bool changes_packets(const Rule& rule) {
  return std::holds_alternative<SetMark>(rule.action) || std::holds_alternative<CopyMark>(rule.action) ||
         std::holds_alternative<Anything>(rule.action) || std::holds_alternative<Duplicate>(rule.action) ||
         std::holds_alternative<Translate>(rule.action);
}

bool tracks(const RuleSet& rules, Family family) {
  return std::ranges::any_of(rules.stages, [&](const Stage& stage) {
    return stage.kind == StageKind::track && (family == Family::ipv4 ? stage.ipv4 : stage.ipv6);
  });
}

}  // namespace

void doubt_flags_of_short_fragments(RuleSet& rules, const std::function<bool(const Rule&)>& of_nftables) {
  const UnknownTest cut{Unknown::content, "flags behind the end of a first fragment", false};
  std::vector<Condition> whole;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    if (tracks(rules, family))
      whole.push_back({{FieldTest{Field::protocol, IntervalSet::range(0, 255), family}}});
  }
  if (whole.size() == 2)
    return;
  const Test perhaps = whole.empty() ? Test(cut) : Test(AnyTest{{whole.front(), {{cut}}}, false});
  const bool any_change = std::ranges::any_of(
      rules.chains, [](const Chain& chain) { return std::ranges::any_of(chain.rules, changes_packets); });
  for (Chain& chain : rules.chains) {
    for (Rule& rule : chain.rules) {
      const auto* verdict = std::get_if<Decide>(&rule.action);
      const bool accepts = verdict != nullptr && verdict->verdict == Verdict::accept && !any_change;
      if (!accepts && !std::holds_alternative<GoOn>(rule.action) && asks_for_flags(rule.condition) && of_nftables(rule))
        rule.condition.tests.push_back(perhaps);
    }
  }
}

}  // namespace segproof::model
