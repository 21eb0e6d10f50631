// SPDX-License-Identifier: Apache-2.0
#include "input/nft/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "input/nft/link_layer.h"
#include "input/nft/rule_lowering.h"
#include "model/untracked.h"

namespace segproof::nft {
namespace {

using model::Hook;
using model::Stage;
using model::StageKind;

constexpr int track_order = -200;

struct HookName {
  std::string_view name;
  Hook hook;
};
constexpr std::array<HookName, 6> hooks{{{"prerouting", Hook::ingress},
                                         {"input", Hook::deliver},
                                         {"forward", Hook::forward},
                                         {"output", Hook::originate},
                                         {"postrouting", Hook::egress},
                                         {"ingress", Hook::ingress}}};

model::Rule perhaps_anything(const SourceSpan& span, const std::string& why) {
  model::Condition perhaps{{model::UnknownTest{model::Unknown::not_understood, why, false}}};
  return {std::move(perhaps), model::Anything{why, true}, span};
}

class Lowering {
 public:
  Lowering(const Ruleset& ruleset, const SourceSpan& whole, Findings& findings)
      : ruleset_(ruleset), whole_(whole), findings_(findings) {}

  Lowered run() {
    for (const Table& table : ruleset_.tables)
      note_updates(table);
    note_templates();
    std::vector<Stage> stages;
    for (const Table& table : ruleset_.tables) {
      if (!table.dormant)
        base_chains(table, stages);
    }
    fill_chains();
    cut_circles();
    // At one priority the chain that was made last is asked first.
    std::ranges::reverse(stages);
    std::ranges::stable_sort(stages, {}, [this](const Stage& stage) { return nat_order_.at(stage.chain.index()); });
    result_.rules.stages = std::move(stages);
    add_track_stages();
    add_doubt_stages();
    hide_changed_measures();
    model::doubt_translations_without_tracking(result_.rules);
    if (!facts_.tracks[1])
      result_.rules.doubt_fragments_of_ipv6();
    result_.rules.offload = facts_.offload;
    result_.rules.let_offloaded_pass();
    result_.interfaces.assign(facts_.interfaces.begin(), facts_.interfaces.end());
    return std::move(result_);
  }

 private:
  struct Pending {
    const Table* table;
    const Chain* chain;
    ChainContext context;
    model::ChainId id;
  };
  using ChainKey = std::tuple<const Chain*, ChainContext>;

  void note_updates(const Table& table) {
    for (const Chain& chain : table.chains) {
      for (const RuleText& rule : chain.rules) {
        for (const Statement& statement : rule.statements) {
          if (statement.kind == StatementKind::update_set)
            facts_.updated.emplace(&table, statement.object);
        }
      }
    }
  }

  // A zone that is set before connection tracking gives packets a template of an entry, and a state with it.
  void note_templates() {
    for (const Table& table : ruleset_.tables) {
      for (const Chain& chain : table.chains) {
        for (const RuleText& rule : chain.rules) {
          const auto sets_zone = [](const Statement& statement) {
            return statement.kind == StatementKind::assign && statement.left &&
                   statement.left->selector.header == "ct" && statement.left->selector.key == "zone";
          };
          facts_.gives_template = facts_.gives_template || std::ranges::any_of(rule.statements, sets_zone);
        }
      }
    }
  }

  model::ChainId new_chain(std::string name, const SourceSpan& origin) {
    result_.rules.chains.push_back({std::move(name), {}, origin});
    return model::ChainId(result_.rules.chains.size() - 1);
  }

  model::ChainId chain_id(const Table& table, const Chain& chain, ChainContext context) {
    const auto [entry, added] = ids_.emplace(ChainKey{&chain, context}, model::ChainId());
    if (added) {
      entry->second =
          new_chain(fmt::format("{} {} {}", table_family_name(table.family), table.name, chain.name), chain.span);
      pending_.push_back({&table, &chain, context, entry->second});
    }
    return entry->second;
  }

  void base_chains(const Table& table, std::vector<Stage>& stages) {
    for (const Chain& chain : table.chains) {
      if (!chain.base) {
        if (!chain.declared)
          undeclared(table, chain);
        continue;
      }
      if (table.family == TableFamily::bridge || table.family == TableFamily::arp) {
        link_layer_chain(table, chain, result_.rules, stages, findings_);
        nat_order_.emplace(stages.back().chain.index(), 0);
        continue;
      }
      const auto* hook = std::ranges::find(hooks, chain.base->hook, &HookName::name);
      const bool at_device = table.family == TableFamily::netdev || chain.base->hook == "ingress";
      if (at_device) {
        device_chain(table, chain, stages);
      } else if (hook == hooks.end()) {
        const std::string why = fmt::format("hook {} is not known", quote(chain.base->hook));
        findings_.unmodelled(DiagnosticCode::line_not_understood, chain.base->span, why);
        doubts_.push_back({chain.base->span, why});
      } else {
        stages.push_back(stage_of(table, chain, hook->hook));
      }
      const bool is_stage = at_device || hook != hooks.end();
      if (is_stage && table.perhaps_dormant)
        perhaps_skip(chain, stages.back());
    }
  }

  // The stage may not be there.
  void perhaps_skip(const Chain& chain, Stage& stage) {
    if (chain.rules.empty() && chain.policy != ChainPolicy::drop && !chain.doubt)
      return;
    const model::ChainId outer = new_chain(fmt::format("{} unless dormant", stage.label), chain.span);
    const std::string why = "its table may be dormant";
    result_.rules.chains[outer.index()].rules = {{{{model::UnknownTest{model::Unknown::not_understood, why, false}}},
                                                  model::Decide{model::Verdict::accept},
                                                  chain.base->span},
                                                 {{}, model::Call{stage.chain, false}, chain.base->span}};
    findings_.undecided(chain.base->span, why);
    nat_order_.emplace(outer.index(), nat_order_.at(stage.chain.index()));
    stage.chain = outer;
  }

  // Rules for a chain that no file declares may have been meant for any other.
  void undeclared(const Table& table, const Chain& chain) {
    if (chain.rules.empty() && !chain.doubt)
      return;
    const std::string why = fmt::format("chain {} of table {} is not declared", quote(chain.name), quote(table.name));
    findings_.unmodelled(DiagnosticCode::chain_missing, chain.span, why);
    doubts_.push_back({chain.span, why});
  }

  static ChainContext context_of(const Chain& chain, Hook hook) {
    ChainContext context;
    if (hook == Hook::ingress || hook == Hook::originate) {
      if (chain.base->priority < track_order)
        context.tracking = Tracking::before;
      if (chain.base->priority == track_order)
        context.tracking = Tracking::same_time;
    }
    if (chain.base->type == "nat") {
      const bool destination = hook == Hook::ingress || hook == Hook::originate;
      context.nat = destination ? NatRole::destination : NatRole::source;
    }
    return context;
  }

  Stage stage_of(const Table& table, const Chain& chain, Hook hook) {
    Stage stage;
    stage.hook = hook;
    stage.order = chain.base->priority;
    ChainContext context = context_of(chain, hook);
    stage.chain = chain_id(table, chain, context);
    nat_order_.emplace(stage.chain.index(), 0);
    if (chain.base->type == "nat") {
      // The kernel asks all translations of a hook at one place, in the order of their priorities.
      stage.kind = StageKind::translate;
      nat_order_[stage.chain.index()] = chain.base->priority;
      stage.order = hook == Hook::ingress || hook == Hook::originate ? -100 : 100;
    }
    stage.policy = chain.policy == ChainPolicy::drop ? model::Verdict::drop : model::Verdict::accept;
    stage.policy_origin = chain.policy ? chain.policy_span : chain.base->span;
    stage.label = fmt::format("{} {} {}", table_family_name(table.family), table.name, chain.name);
    stage.ipv4 = table.family != TableFamily::ip6;
    stage.ipv6 = table.family != TableFamily::ip;
    return stage;
  }

  // Chains of a device see what it receives (or sends) before (after) everything else, and also packets whose interface
  // is another one on top of it: a bridge, a VLAN.
  void device_chain(const Table& table, const Chain& chain, std::vector<Stage>& stages) {
    const bool egress = chain.base->hook == "egress";
    Stage stage = stage_of(table, chain, egress ? Hook::egress : Hook::ingress);
    constexpr int far = 1'000'000'000;
    stage.order = egress ? std::max(stage.order, -far) / 2 + far : std::min(stage.order, far) / 2 - far;
    const model::ChainId outer = new_chain(fmt::format("{} at its devices", stage.label), chain.span);
    const auto direction = egress ? model::Direction::egress : model::Direction::ingress;
    std::vector<model::Rule>& rules = result_.rules.chains[outer.index()].rules;
    for (const std::string& device : chain.base->devices) {
      facts_.interfaces.insert(device);
      rules.push_back({{{model::InterfaceTest{direction, device, false, false}}},
                       model::Call{stage.chain, false},
                       chain.base->span});
    }
    if (chain.base->devices.empty()) {  // nft 1.0.6 leaves them out of its JSON
      rules.push_back({{{model::UnknownTest{model::Unknown::unresolved_name, "the devices of a chain", false}}},
                       model::Call{stage.chain, false},
                       chain.base->span});
    }
    rules.push_back({{{model::UnknownTest{model::Unknown::bridge_port, "an interface on top of this one", false}}},
                     model::Call{stage.chain, false},
                     chain.base->span});
    // For other interfaces the policy of the chain does not count.
    rules.push_back({{}, model::Decide{model::Verdict::accept}, chain.base->span});
    stage.chain = outer;
    nat_order_.emplace(outer.index(), 0);
    findings_.undecided(
        chain.base->span,
        fmt::format("a chain at the hook `{}` sees packets of bridges and VLANs on top of its devices, too",
                    chain.base->hook));
    stages.push_back(std::move(stage));
  }

  void fill_chains() {
    while (!pending_.empty()) {
      const Pending next = pending_.front();
      pending_.pop_front();
      std::vector<model::Rule> rules = rules_of(next);
      result_.rules.chains[next.id.index()].rules = std::move(rules);
    }
  }

  std::vector<model::Rule> rules_of(const Pending& next) {
    RuleScope scope;
    scope.ruleset = &ruleset_;
    scope.table = next.table;
    scope.context = next.context;
    scope.findings = &findings_;
    scope.facts = &facts_;
    scope.chain = [&](const std::string& name) {
      const Chain* chain = next.table->find_chain(name);
      return chain != nullptr && chain->declared ? chain_id(*next.table, *chain, next.context) : model::ChainId();
    };
    scope.helper = [&](std::vector<model::Rule> inner) {
      const model::ChainId id =
          new_chain(fmt::format("{} {} {}", table_family_name(next.table->family), next.table->name, next.chain->name),
                    inner.empty() ? next.chain->span : inner.front().origin);
      result_.rules.chains[id.index()].rules = std::move(inner);
      return id;
    };
    std::vector<model::Rule> rules;
    if (next.chain->doubt)
      rules.push_back(perhaps_anything(next.chain->doubt_span, *next.chain->doubt));
    for (const RuleText& rule : next.chain->rules) {
      std::vector<model::Rule> lowered = RuleLowering(rule, scope).run();
      for (model::Rule& made : lowered) {
        if (next.context.tracking == Tracking::same_time ||
            (next.context.tracking == Tracking::before && facts_.gives_template)) {
          doubt_states(made);
        }
        rules.push_back(std::move(made));
      }
    }
    return rules;
  }

  void doubt_states(model::Rule& rule) {
    bool changed = false;
    doubt_states(rule.condition, changed);
    if (changed)
      findings_.undecided(rule.origin, "a state at the priority of connection tracking, or with a zone");
  }
  static void doubt_states(model::Condition& condition, bool& changed) {
    for (model::Test& test : condition.tests) {
      if (std::holds_alternative<model::TrackTest>(test)) {
        test = model::UnknownTest{model::Unknown::history, "a state before connection tracking", false};
        changed = true;
      } else if (auto* any = std::get_if<model::AnyTest>(&test)) {
        for (model::Condition& alternative : any->alternatives)
          doubt_states(alternative, changed);
      }
    }
  }

  void cut_circles() {
    enum class Mark : std::uint8_t { unseen, open, done };
    std::vector<model::Chain>& chains = result_.rules.chains;
    std::vector<Mark> marks(chains.size(), Mark::unseen);
    std::vector<std::pair<std::size_t, std::size_t>> path;  // chain, next rule
    for (std::size_t root = 0; root < chains.size(); ++root) {
      if (marks[root] != Mark::unseen)
        continue;
      marks[root] = Mark::open;
      path.emplace_back(root, 0);
      while (!path.empty()) {
        auto& [chain, next] = path.back();
        std::vector<model::Rule>& list = chains[chain].rules;
        while (next < list.size() && !std::holds_alternative<model::Call>(list[next].action))
          ++next;
        if (next == list.size()) {
          marks[chain] = Mark::done;
          path.pop_back();
          continue;
        }
        model::Rule& rule = list[next++];
        const std::size_t target = std::get_if<model::Call>(&rule.action)->chain.index();
        if (marks[target] == Mark::open) {
          const std::string why = fmt::format("chain {} can reach itself", quote(chains[target].name));
          findings_.unmodelled(DiagnosticCode::chain_circle, rule.origin, why);
          rule.action = model::Anything{why, true};
        } else if (marks[target] == Mark::unseen) {
          marks[target] = Mark::open;
          path.emplace_back(target, 0);
        }
      }
    }
  }

  void add_track_stages() {
    result_.tracks = facts_.tracks[0] || facts_.tracks[1];
    if (!result_.tracks)
      return;
    for (const Hook hook : {Hook::ingress, Hook::originate}) {
      Stage stage;
      stage.hook = hook;
      stage.kind = StageKind::track;
      stage.order = track_order;
      stage.policy_origin = whole_;
      stage.label = "connection tracking";
      stage.ipv4 = facts_.tracks[0];
      stage.ipv6 = facts_.tracks[1];
      result_.rules.stages.push_back(std::move(stage));
    }
  }

  // Something that is not understood may stand at any hook, and it may have changed every chain that does: a stage of
  // its own could not pass what another chain drops.
  void add_doubt_stages() {
    doubts_.insert(doubts_.begin(), ruleset_.doubts.begin(), ruleset_.doubts.end());
    if (doubts_.empty())
      return;
    const model::Rule doubt = perhaps_anything(doubts_.front().span, doubts_.front().why);
    std::set<model::ChainId> distrusted;
    for (const Stage& stage : result_.rules.stages) {
      if (stage.kind == StageKind::track || !distrusted.insert(stage.chain).second)
        continue;
      std::vector<model::Rule>& rules = result_.rules.chains[stage.chain.index()].rules;
      rules.insert(rules.begin(), doubt);
    }
    const model::ChainId chain = new_chain("what is not understood", doubts_.front().span);
    result_.rules.chains[chain.index()].rules.push_back(doubt);
    for (const Hook hook : {Hook::ingress, Hook::forward, Hook::deliver, Hook::originate, Hook::egress}) {
      Stage stage;
      stage.hook = hook;
      stage.order = -400;
      stage.chain = chain;
      stage.policy_origin = doubts_.front().span;
      stage.label = "what is not understood";
      result_.rules.stages.push_back(std::move(stage));
    }
  }

  // Where a statement writes the TOS byte or the hop limit, tests of it depend on the way that the packet took.
  void hide_changed_measures() {
    for (model::Chain& chain : result_.rules.chains) {
      for (model::Rule& rule : chain.rules)
        hide(rule.condition);
    }
  }
  void hide(model::Condition& condition) {
    for (model::Test& test : condition.tests) {
      if (auto* any = std::get_if<model::AnyTest>(&test)) {
        for (model::Condition& alternative : any->alternatives)
          hide(alternative);
      }
      const auto* measure = std::get_if<model::MeasureTest>(&test);
      if (measure == nullptr)
        continue;
      const bool changed = (facts_.changes_traffic_class && measure->measure == model::Measure::traffic_class) ||
                           (facts_.changes_hop_limit && measure->measure == model::Measure::hop_limit) ||
                           (facts_.changes_packet_kind && measure->measure == model::Measure::packet_kind);
      if (changed)
        test = model::UnknownTest{model::Unknown::content, "a byte that other rules write", false};
    }
  }

  const Ruleset& ruleset_;
  SourceSpan whole_;
  Findings& findings_;
  Lowered result_;
  RulesetFacts facts_;
  std::map<ChainKey, model::ChainId> ids_;
  std::map<std::size_t, int> nat_order_;  // by chain of a stage
  std::deque<Pending> pending_;
  std::vector<Doubt> doubts_;
};

}  // namespace

Lowered lower(const Ruleset& ruleset, const SourceSpan& whole, Findings& findings) {
  return Lowering(ruleset, whole, findings).run();
}

}  // namespace segproof::nft
