// SPDX-License-Identifier: Apache-2.0
#include "input/iptables/security_order.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace segproof::iptables {
namespace {

constexpr int order_of_nft = 150;

void perhaps_skip(model::RuleSet& rules, model::Stage& stage, Findings& findings) {
  const std::string why =
      "the file does not say whether this stands before translation (iptables) or after (iptables-nft)";
  const model::ChainId outer(rules.chains.size());
  std::vector<model::Rule> list{{{{model::UnknownTest{model::Unknown::not_understood, why, false}}},
                                 model::Decide{model::Verdict::accept},
                                 stage.policy_origin},
                                {{}, model::Call{stage.chain, false}, stage.policy_origin}};
  rules.chains.push_back({stage.label, std::move(list), stage.policy_origin});
  findings.undecided(stage.policy_origin, why);
  stage.chain = outer;
}

}  // namespace

void place_table_security(model::RuleSet& rules, Program program, Findings& findings) {
  const bool translates_input = std::ranges::any_of(rules.stages, [&](const model::Stage& stage) {
    return stage.hook == model::Hook::deliver && stage.kind == model::StageKind::translate &&
           !rules.chain(stage.chain).rules.empty();
  });
  std::vector<model::Stage> later;
  for (model::Stage& stage : rules.stages) {
    if (!stage.label.starts_with("security ") || program == Program::iptables_legacy)
      continue;
    const bool acts = !rules.chain(stage.chain).rules.empty() || stage.policy != model::Verdict::accept;
    if (program == Program::iptables_nft) {
      stage.order = order_of_nft;
    } else if (translates_input && acts && stage.hook == model::Hook::deliver) {
      perhaps_skip(rules, stage, findings);
      later.push_back(stage);
      later.back().order = order_of_nft;
    }
  }
  rules.stages.insert(rules.stages.end(), later.begin(), later.end());
}

}  // namespace segproof::iptables
