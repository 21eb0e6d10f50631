// SPDX-License-Identifier: Apache-2.0
#include "input/iptables/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace segproof::iptables {
namespace {

using model::Hook;
using model::StageKind;

constexpr std::array<BaseChain, 2> raw_chains{
    {{"PREROUTING", Hook::ingress, -300, StageKind::filter}, {"OUTPUT", Hook::originate, -300, StageKind::filter}}};
constexpr std::array<BaseChain, 5> mangle_chains{{{"PREROUTING", Hook::ingress, -150, StageKind::filter},
                                                  {"INPUT", Hook::deliver, -150, StageKind::filter},
                                                  {"FORWARD", Hook::forward, -150, StageKind::filter},
                                                  {"OUTPUT", Hook::originate, -150, StageKind::filter},
                                                  {"POSTROUTING", Hook::egress, -150, StageKind::filter}}};
constexpr std::array<BaseChain, 4> nat_chains{{{"PREROUTING", Hook::ingress, -100, StageKind::translate},
                                               {"INPUT", Hook::deliver, 100, StageKind::translate},
                                               {"OUTPUT", Hook::originate, -100, StageKind::translate},
                                               {"POSTROUTING", Hook::egress, 100, StageKind::translate}}};
constexpr std::array<BaseChain, 3> filter_chains{{{"INPUT", Hook::deliver, 0, StageKind::filter},
                                                  {"FORWARD", Hook::forward, 0, StageKind::filter},
                                                  {"OUTPUT", Hook::originate, 0, StageKind::filter}}};
constexpr std::array<BaseChain, 3> security_chains{{{"INPUT", Hook::deliver, 50, StageKind::filter},
                                                    {"FORWARD", Hook::forward, 50, StageKind::filter},
                                                    {"OUTPUT", Hook::originate, 50, StageKind::filter}}};
constexpr std::array<TableKind, 5> tables{{{"filter", filter_chains},
                                           {"mangle", mangle_chains},
                                           {"nat", nat_chains},
                                           {"raw", raw_chains},
                                           {"security", security_chains}}};

// A hostile file could otherwise ask for a million insertions in the middle of a long chain.
constexpr std::size_t most_edits = 10000;

constexpr unsigned bit(Hook hook) {
  return 1U << static_cast<unsigned>(hook);
}
constexpr unsigned destination_hooks = bit(Hook::ingress) | bit(Hook::originate);
constexpr unsigned source_hooks = bit(Hook::egress) | bit(Hook::deliver);

}  // namespace

const TableKind* find_table(std::string_view name) {
  const auto* found = std::ranges::find(tables, name, &TableKind::name);
  return found == tables.end() ? nullptr : found;
}

model::Rule perhaps_anything(const SourceSpan& span, std::string_view why) {
  model::Condition perhaps{{model::UnknownTest{model::Unknown::not_understood, std::string(why)}}};
  return {std::move(perhaps), model::Anything{std::string(why), true}, span};
}

Table::Table(const TableKind& kind, Family family, SourceSpan origin)
    : kind_(&kind), family_(family), origin_(origin) {}

bool Table::is_base(std::string_view chain) const {
  return std::ranges::find(kind_->chains, chain, &BaseChain::name) != kind_->chains.end();
}

bool Table::is_declared(std::string_view chain) const {
  const auto found = by_name_.find(chain);
  return found != by_name_.end() && drafts_[found->second].declared;
}

model::ChainId Table::mention(std::string_view chain, const SourceSpan& from) {
  if (const auto found = by_name_.find(chain); found != by_name_.end())
    return model::ChainId(found->second);
  const auto base = std::ranges::find(kind_->chains, chain, &BaseChain::name);
  Draft draft;
  draft.name = chain;
  draft.base = base == kind_->chains.end() ? nullptr : &*base;
  draft.declared = draft.base != nullptr;
  draft.origin = from;
  by_name_.emplace(draft.name, drafts_.size());
  drafts_.push_back(std::move(draft));
  return model::ChainId(drafts_.size() - 1);
}

void Table::declare(std::string_view chain, const SourceSpan& origin) {
  Draft& draft = drafts_[mention(chain, origin).index()];
  draft.declared = true;
  draft.origin = origin;
}

void Table::set_policy(std::string_view chain, model::Verdict policy, const SourceSpan& origin) {
  Draft& draft = drafts_[mention(chain, origin).index()];
  draft.policy = policy;
  draft.policy_origin = origin;
}

void Table::settle(Draft& draft) {
  if (draft.front.empty())
    return;
  std::ranges::reverse(draft.front);
  std::ranges::move(draft.rules, std::back_inserter(draft.front));
  draft.rules = std::move(draft.front);
  draft.front.clear();
}

void Table::append(model::ChainId chain, model::Rule rule) {
  drafts_[chain.index()].rules.push_back(std::move(rule));
}

bool Table::insert(model::ChainId chain, std::size_t position, model::Rule rule) {
  Draft& draft = drafts_[chain.index()];
  if (position == 1) {
    draft.front.push_back(std::move(rule));
    return true;
  }
  if (++edits_ > most_edits)
    return false;
  settle(draft);
  if (position == 0 || position > draft.rules.size() + 1)
    return false;
  draft.rules.insert(draft.rules.begin() + static_cast<std::ptrdiff_t>(position - 1), std::move(rule));
  return true;
}

bool Table::remove(model::ChainId chain, std::size_t position) {
  Draft& draft = drafts_[chain.index()];
  if (++edits_ > most_edits)
    return false;
  settle(draft);
  if (position == 0 || position > draft.rules.size())
    return false;
  draft.rules.erase(draft.rules.begin() + static_cast<std::ptrdiff_t>(position - 1));
  return true;
}

std::vector<model::Rule>& Table::rules(model::ChainId chain) {
  settle(drafts_[chain.index()]);
  return drafts_[chain.index()].rules;
}

void Table::clear(std::optional<model::ChainId> chain) {
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    if (chain && chain->index() != i)
      continue;
    drafts_[i].front.clear();
    drafts_[i].rules.clear();
  }
}

void Table::distrust(model::ChainId chain, const SourceSpan& span, std::string_view why) {
  drafts_[chain.index()].doubts.push_back(perhaps_anything(span, why));
}

void Table::distrust_all(const SourceSpan& span, std::string_view why) {
  for (const BaseChain& base : kind_->chains)
    distrust(mention(base.name, span), span, why);
}

void Table::fill_missing(Findings& findings) {
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    if (drafts_[i].declared) {
      continue;
    }
    const std::string why = fmt::format("chain {} of table `{}` is not declared, nor is it a target that is known",
                                        quote(drafts_[i].name), kind_->name);
    findings.unmodelled(DiagnosticCode::chain_missing, drafts_[i].origin, why);
    // Rules in such a chain may have been meant for any other.
    const bool has_rules = !drafts_[i].rules.empty() || !drafts_[i].front.empty() || !drafts_[i].doubts.empty();
    const SourceSpan origin = drafts_[i].origin;
    distrust(model::ChainId(i), origin, why);
    if (has_rules) {
      distrust_all(origin, why);
    }
  }
  for (Draft& draft : drafts_) {
    settle(draft);
    draft.has_rules = !draft.rules.empty();
    draft.rules.insert(draft.rules.begin(), std::make_move_iterator(draft.doubts.begin()),
                       std::make_move_iterator(draft.doubts.end()));
  }
}

void Table::cut_circles(Findings& findings) {
  enum class Mark : std::uint8_t { unseen, open, done };
  std::vector<Mark> marks(drafts_.size(), Mark::unseen);
  std::vector<std::pair<std::size_t, std::size_t>> path;  // chain, next rule
  for (std::size_t root = 0; root < drafts_.size(); ++root) {
    if (marks[root] != Mark::unseen)
      continue;
    marks[root] = Mark::open;
    path.emplace_back(root, 0);
    while (!path.empty()) {
      auto& [chain, next] = path.back();
      std::vector<model::Rule>& list = drafts_[chain].rules;
      while (next < list.size() && !std::holds_alternative<model::Call>(list[next].action))
        ++next;
      if (next == list.size()) {
        marks[chain] = Mark::done;
        path.pop_back();
        continue;
      }
      model::Rule& rule = list[next++];
      const std::size_t target = std::get<model::Call>(rule.action).chain.index();
      if (marks[target] == Mark::open) {
        findings.unmodelled(DiagnosticCode::chain_circle, rule.origin,
                            fmt::format("chain {} can reach itself", quote(drafts_[target].name)));
        rule.action = model::Anything{fmt::format("a call in a circle of chain `{}`", drafts_[target].name), true};
      } else if (marks[target] == Mark::unseen) {
        marks[target] = Mark::open;
        path.emplace_back(target, 0);
      }
    }
  }
}

std::vector<unsigned> Table::hooks_reaching() const {
  std::vector<unsigned> hooks(drafts_.size(), 0);
  std::vector<std::size_t> todo;
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    if (drafts_[i].base == nullptr)
      continue;
    hooks[i] |= bit(drafts_[i].base->hook);
    todo.push_back(i);
  }
  while (!todo.empty()) {
    const std::size_t chain = todo.back();
    todo.pop_back();
    for (const model::Rule& rule : drafts_[chain].rules) {
      const auto* call = std::get_if<model::Call>(&rule.action);
      if (call == nullptr)
        continue;
      unsigned& reached = hooks[call->chain.index()];
      if ((reached | hooks[chain]) == reached)
        continue;
      reached |= hooks[chain];
      todo.push_back(call->chain.index());
    }
  }
  return hooks;
}

void Table::check_translations(Findings& findings) {
  const std::vector<unsigned> hooks = hooks_reaching();
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    for (model::Rule& rule : drafts_[i].rules) {
      auto* change = std::get_if<model::Translate>(&rule.action);
      if (change == nullptr || hooks[i] == 0)
        continue;
      if (change->to == model::Translate::To::network && (hooks[i] & destination_hooks) == 0) {
        change->endpoint = model::Endpoint::source;
      }
      const bool at_destination = change->endpoint == model::Endpoint::destination;
      if ((hooks[i] & (at_destination ? source_hooks : destination_hooks)) == 0)
        continue;
      constexpr std::string_view why = "this translation is not possible at every hook that reaches its chain";
      findings.unmodelled(DiagnosticCode::line_not_understood, rule.origin, std::string(why));
      rule.action = model::Anything{std::string(why), true};
    }
  }
}

model::RuleSet Table::finish(Findings& findings) {
  fill_missing(findings);
  cut_circles(findings);
  check_translations(findings);
  model::RuleSet set;
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    Draft& draft = drafts_[i];
    if (draft.base != nullptr) {
      model::Stage stage;
      stage.hook = draft.base->hook;
      stage.kind = draft.base->kind;
      stage.order = draft.base->order;
      stage.chain = model::ChainId(i);
      stage.policy = draft.policy.value_or(model::Verdict::accept);
      stage.policy_origin = draft.policy ? draft.policy_origin : draft.origin;
      stage.label = fmt::format("{} {}", kind_->name, draft.name);
      stage.ipv4 = family_ == Family::ipv4;
      stage.ipv6 = family_ == Family::ipv6;
      if (!draft.policy && draft.has_rules) {
        findings.remark(DiagnosticCode::policy_not_given, draft.origin,
                        fmt::format("built-in chain {} has rules but no policy; ACCEPT is assumed", quote(draft.name)));
      }
      set.stages.push_back(std::move(stage));
    }
    set.chains.push_back({fmt::format("{} {}", kind_->name, draft.name), std::move(draft.rules), draft.origin});
  }
  drafts_.clear();
  by_name_.clear();
  return set;
}

}  // namespace segproof::iptables
