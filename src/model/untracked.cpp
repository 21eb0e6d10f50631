// SPDX-License-Identifier: Apache-2.0
#include "model/untracked.h"

#include <algorithm>
#include <utility>

namespace segproof::model {
namespace {

bool tracks_family(const RuleSet& rules, bool Stage::*family) {
  return std::ranges::any_of(rules.stages,
                             [&](const Stage& stage) { return stage.kind == StageKind::track && stage.*family; });
}

bool lets_pass(const Action& action) {
  const auto* verdict = std::get_if<Decide>(&action);
  return (verdict != nullptr && verdict->verdict == Verdict::accept) || std::holds_alternative<GoOn>(action) ||
         std::holds_alternative<Call>(action) || std::holds_alternative<ComeBack>(action) ||
         std::holds_alternative<Translate>(action);
}

// Whether to be asked makes a difference to packets that it does not translate.
bool may_matter(const RuleSet& rules, const Stage& stage) {
  if (stage.policy != Verdict::accept)
    return true;
  std::vector<bool> seen(rules.chains.size(), false);
  std::vector<ChainId> todo{stage.chain};
  while (!todo.empty()) {
    const ChainId id = todo.back();
    todo.pop_back();
    if (seen[id.index()])
      continue;
    seen[id.index()] = true;
    for (const Rule& rule : rules.chain(id).rules) {
      if (!lets_pass(rule.action))
        return true;
      if (const auto* call = std::get_if<Call>(&rule.action))
        todo.push_back(call->chain);
    }
  }
  return false;
}

// A chain that is left at once, or is the one of `stage`.
ChainId perhaps_asked(RuleSet& rules, const Stage& stage) {
  const UnknownTest perhaps{Unknown::history, "whether anything tracks connections: else translations are not asked",
                            false};
  const Chain& asked = rules.chain(stage.chain);
  std::vector<Rule> list{{{{perhaps}}, Decide{Verdict::accept}, asked.origin},
                         {{}, Call{stage.chain, false}, stage.policy_origin}};
  Chain outer{asked.name, std::move(list), asked.origin};
  rules.chains.push_back(std::move(outer));
  return ChainId(rules.chains.size() - 1);
}

}  // namespace

void doubt_translations_without_tracking(RuleSet& rules) {
  const bool tracks_ipv4 = tracks_family(rules, &Stage::ipv4);
  const bool tracks_ipv6 = tracks_family(rules, &Stage::ipv6);
  std::vector<Stage> stages;
  for (const Stage& stage : rules.stages) {
    Stage sure = stage;
    Stage unsure = stage;
    unsure.ipv4 = stage.ipv4 && !tracks_ipv4;
    unsure.ipv6 = stage.ipv6 && !tracks_ipv6;
    const bool is_unsure = stage.kind == StageKind::translate && (unsure.ipv4 || unsure.ipv6);
    if (is_unsure && may_matter(rules, stage)) {
      unsure.chain = perhaps_asked(rules, stage);
      sure.ipv4 = stage.ipv4 && tracks_ipv4;
      sure.ipv6 = stage.ipv6 && tracks_ipv6;
      stages.push_back(std::move(unsure));
    }
    if (sure.ipv4 || sure.ipv6)
      stages.push_back(std::move(sure));
  }
  rules.stages = std::move(stages);
}

}  // namespace segproof::model
