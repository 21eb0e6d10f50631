// SPDX-License-Identifier: Apache-2.0
#include "input/nft/link_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace segproof::nft {
namespace {

// Verdicts, comparisons and what only counts; anything else may send a packet elsewhere or rewrite it.
bool only_filters(const Table& table) {
  const auto filters = [](const Statement& statement) {
    return statement.kind == StatementKind::match || statement.kind == StatementKind::verdict ||
           statement.kind == StatementKind::verdict_map || statement.kind == StatementKind::count ||
           statement.kind == StatementKind::log || statement.kind == StatementKind::limit ||
           statement.kind == StatementKind::reject;
  };
  return std::ranges::all_of(table.chains, [&](const Chain& chain) {
    return !chain.doubt && std::ranges::all_of(chain.rules, [&](const RuleText& rule) {
      return std::ranges::all_of(rule.statements, filters);
    });
  });
}

model::Hook hook_of(const Chain& chain) {
  const std::string& hook = chain.base->hook;
  return hook == "output" || hook == "postrouting" ? model::Hook::egress : model::Hook::ingress;
}

}  // namespace

void link_layer_chain(const Table& table, const Chain& chain, model::RuleSet& rules, std::vector<model::Stage>& stages,
                      Findings& findings) {
  const std::string_view family = table_family_name(table.family);
  model::Stage stage;
  stage.hook = hook_of(chain);
  constexpr int far = 2'000'000'000;
  stage.order = stage.hook == model::Hook::egress ? far : -far;
  stage.chain = model::ChainId(rules.chains.size());
  stage.policy_origin = chain.base->span;
  stage.label = fmt::format("{} {} {}", family, table.name, chain.name);
  model::Chain made{stage.label, {}, chain.span};
  const bool bridge = table.family == TableFamily::bridge;
  // Packets that come in or leave by a bridge meet it; without ARP no neighbour is found.
  model::UnknownTest test{bridge ? model::Unknown::bridge_port : model::Unknown::mac_address,
                          fmt::format("table {} {}", family, table.name), false};
  model::Action action = model::Decide{model::Verdict::drop};
  if (!only_filters(table))
    action = model::Anything{fmt::format("table {} {}", family, table.name), false};
  const bool harmless = chain.rules.empty() && chain.policy != ChainPolicy::drop && !chain.doubt;
  if (!harmless) {
    made.rules.push_back({{{std::move(test)}}, std::move(action), chain.base->span});
    findings.undecided(
        chain.base->span,
        bridge ? fmt::format("table bridge {} sees what is bridged: it may drop what comes or goes by a bridge",
                             table.name)
               : fmt::format("table arp {} may keep neighbours from being found", table.name));
  }
  rules.chains.push_back(std::move(made));
  stages.push_back(std::move(stage));
}

}  // namespace segproof::nft
