// SPDX-License-Identifier: Apache-2.0
#include "mutants/battery.h"

#include <algorithm>

#include "agree/naive/draft.h"

namespace segproof::mutants {
namespace {

constexpr std::uint64_t eighth = 8;
constexpr std::uint64_t with_return = 5;

bool accepts(const model::Rule& rule) {
  const auto* decide = std::get_if<model::Decide>(&rule.action);
  return decide != nullptr && decide->verdict == model::Verdict::accept;
}

// What the first and the last accept of the chain take goes on to its rules, and nothing else does.
void ask_first(model::RuleSet& rules, model::Stage& stage) {
  const std::vector<model::Rule>& old = rules.chain(stage.chain).rules;
  const auto first = std::find_if(old.begin(), old.end(), accepts);
  const auto last = std::find_if(old.rbegin(), old.rend(), accepts);
  if (first == old.end()) {
    return;
  }
  model::Chain asked;
  asked.name = "asked first";
  asked.rules = {*first, *last};
  for (model::Rule& rule : asked.rules) {
    rule.action.emplace<model::ComeBack>();
  }
  asked.rules.emplace_back().action.emplace<model::Decide>().verdict = model::Verdict::drop;
  const model::ChainId id(rules.chains.size());
  rules.chains.push_back(std::move(asked));
  std::vector<model::Rule>& own = rules.chains[stage.chain.index()].rules;
  own.emplace_back().action.emplace<model::Call>().chain = id;
  std::rotate(own.begin(), own.end() - 1, own.end());
}

}  // namespace

naive::RandomCase network_of(std::uint64_t number) {
  naive::RandomCase made =
      naive::random_case(number, number % 2 == 0 ? naive::Flavour::decided : naive::Flavour::undecided);
  for (model::Node& node : made.network.nodes) {
    for (model::Stage& stage : node.rules.stages) {
      const bool is_filter = stage.kind == model::StageKind::filter && stage.hook == model::Hook::forward;
      if (number % eighth == with_return && is_filter) {
        ask_first(node.rules, stage);
      }
    }
  }
  return made;
}

}  // namespace segproof::mutants
