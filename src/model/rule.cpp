// SPDX-License-Identifier: Apache-2.0
#include "model/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/text.h"

namespace segproof::model {
namespace {

// Every chain index in an action or stage moves by `offset`.
void shift(ChainId& id, std::size_t offset) {
  if (id.valid())
    id = ChainId(id.index() + offset);
}

enum class Mark : std::uint8_t { unseen, open, done };

const Call* call_of(const Rule& rule) {
  return std::get_if<Call>(&rule.action);
}

// The first chain found that can reach itself. Iterative, because chains may be nested as deep as the input likes.
std::optional<ChainId> find_cycle(const RuleSet& rules) {
  std::vector<Mark> marks(rules.chains.size(), Mark::unseen);
  std::vector<std::pair<std::size_t, std::size_t>> path;  // chain, next rule
  for (std::size_t root = 0; root < rules.chains.size(); ++root) {
    if (marks[root] != Mark::unseen)
      continue;
    path.emplace_back(root, 0);
    marks[root] = Mark::open;
    while (!path.empty()) {
      auto& [chain, next] = path.back();
      const std::vector<Rule>& list = rules.chains[chain].rules;
      while (next < list.size() && call_of(list[next]) == nullptr)
        ++next;
      if (next == list.size()) {
        marks[chain] = Mark::done;
        path.pop_back();
        continue;
      }
      const std::size_t target = call_of(list[next++])->chain.index();
      if (marks[target] == Mark::open)
        return ChainId(target);
      if (marks[target] == Mark::unseen) {
        marks[target] = Mark::open;
        path.emplace_back(target, 0);
      }
    }
  }
  return std::nullopt;
}

// Which chains are reached from stages of a kind.
std::vector<bool> reached(const RuleSet& rules, StageKind kind) {
  std::vector<bool> seen(rules.chains.size(), false);
  std::vector<std::size_t> todo;
  const auto visit = [&](ChainId id) {
    if (seen[id.index()])
      return;
    seen[id.index()] = true;
    todo.push_back(id.index());
  };
  for (const Stage& stage : rules.stages) {
    if (stage.kind == kind && stage.chain.valid())
      visit(stage.chain);
  }
  while (!todo.empty()) {
    const std::size_t chain = todo.back();
    todo.pop_back();
    for (const Rule& rule : rules.chains[chain].rules) {
      if (const Call* call = call_of(rule))
        visit(call->chain);
    }
  }
  return seen;
}

// Whether packets must be no later fragments, as for ports.
bool asks_for_whole(const Condition& condition) {
  return std::ranges::any_of(condition.tests, [](const Test& test) {
    if (const auto* field = std::get_if<FieldTest>(&test))
      return field->field == Field::fragment && !field->values.contains(1);
    const auto* any = std::get_if<AnyTest>(&test);
    return any != nullptr && std::ranges::any_of(any->alternatives, asks_for_whole);
  });
}

bool marks_or_rewrites(const Rule& rule) {
  return std::holds_alternative<SetMark>(rule.action) || std::holds_alternative<CopyMark>(rule.action) ||
         std::holds_alternative<Anything>(rule.action) || std::holds_alternative<Duplicate>(rule.action);
}

bool any_rule(const RuleSet& rules, const auto& holds) {
  return std::ranges::any_of(rules.chains, [&](const Chain& chain) { return std::ranges::any_of(chain.rules, holds); });
}

std::optional<std::string> missing_chain(const RuleSet& rules) {
  for (const Stage& stage : rules.stages) {
    if (stage.kind == StageKind::track)
      continue;
    if (!stage.chain.valid() || stage.chain.index() >= rules.chains.size()) {
      return fmt::format("stage {} has no chain", quote(stage.label));
    }
  }
  for (const Chain& chain : rules.chains) {
    for (const Rule& rule : chain.rules) {
      const Call* call = call_of(rule);
      if (call != nullptr && (!call->chain.valid() || call->chain.index() >= rules.chains.size())) {
        return fmt::format("a rule of chain {} calls no chain", quote(chain.name));
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<const Stage*> RuleSet::at(Hook hook, Family family) const {
  std::vector<const Stage*> found;
  for (const Stage& stage : stages) {
    if (stage.hook == hook && (family == Family::ipv4 ? stage.ipv4 : stage.ipv6))
      found.push_back(&stage);
  }
  std::ranges::stable_sort(found, {}, [](const Stage* stage) { return stage->order; });
  return found;
}

void RuleSet::append(RuleSet other) {
  const std::size_t offset = chains.size();
  for (Chain& chain : other.chains) {
    for (Rule& rule : chain.rules) {
      if (Call* call = std::get_if<Call>(&rule.action))
        shift(call->chain, offset);
    }
    chains.push_back(std::move(chain));
  }
  for (Stage& stage : other.stages) {
    shift(stage.chain, offset);
    stages.push_back(std::move(stage));
  }
  offload = offload ? offload : other.offload;
  if (!known_connections && other.known_connections) {
    known_connections = other.known_connections;
    shift(*known_connections, offset);
  }
  let_offloaded_pass();
}

void RuleSet::keep_connections_of(const RuleSet& earlier) {
  if (!known_connections)
    return;
  Rule rule;
  const auto states = static_cast<std::uint8_t>((1U << static_cast<unsigned>(TrackState::established)) |
                                                (1U << static_cast<unsigned>(TrackState::related)));
  rule.condition.tests = {TrackTest{.states = states},
                          UnknownTest{Unknown::history, "a session of an earlier epoch", false}};
  if (earlier.known_connections) {
    // Only the chains that the earlier rule set needs for it.
    std::map<std::size_t, ChainId> copies;
    std::vector<std::size_t> todo;
    const auto copy = [&](ChainId id) {
      const auto [place, is_new] = copies.try_emplace(id.index(), ChainId(chains.size()));
      if (is_new) {
        chains.push_back(earlier.chain(id));
        todo.push_back(id.index());
      }
      return place->second;
    };
    rule.action = Call{copy(*earlier.known_connections), true};
    while (!todo.empty()) {
      const ChainId mine = copies.at(todo.back());
      todo.pop_back();
      for (std::size_t i = 0; i < chains[mine.index()].rules.size(); ++i) {
        if (const Call* call = call_of(chains[mine.index()].rules[i]))
          std::get<Call>(chains[mine.index()].rules[i].action).chain = copy(call->chain);
      }
    }
    rule.origin = earlier.chain(*earlier.known_connections).origin;
  } else {
    rule.action = Decide{Verdict::accept};
    rule.origin = chain(*known_connections).origin;
  }
  chains[known_connections->index()].rules.push_back(std::move(rule));
}

void RuleSet::let_offloaded_pass() {
  if (!offload)
    return;
  constexpr int tracking = -200;
  constexpr std::uint8_t gre = 47;
  const IntervalSet offloaded{
      {protocol_number::tcp, protocol_number::tcp}, {protocol_number::udp, protocol_number::udp}, {gre, gre}};
  for (Stage& stage : stages) {
    const bool on_the_way = stage.hook == Hook::ingress || stage.hook == Hook::forward || stage.hook == Hook::egress;
    if (!on_the_way || stage.kind != StageKind::filter || stage.offloaded_pass)
      continue;
    Condition later{{FieldTest{Field::protocol, offloaded}}};
    if (stage.hook != Hook::ingress || stage.order > tracking) {
      const auto established = static_cast<std::uint8_t>(1U << static_cast<unsigned>(TrackState::established));
      later.tests.emplace_back(TrackTest{established, 0, false});
    }
    later.tests.emplace_back(UnknownTest{Unknown::history, "a flow in a flowtable", false});
    const ChainId outer(chains.size());
    std::vector<Rule> rules{{std::move(later), Decide{Verdict::accept}, *offload},
                            {{}, Call{stage.chain, false}, stage.policy_origin}};
    chains.push_back({chain(stage.chain).name, std::move(rules), chain(stage.chain).origin});
    stage.chain = outer;
    stage.offloaded_pass = true;
  }
}

void RuleSet::doubt_fragments_of_ipv6() {
  if (!any_rule(*this, [](const Rule& rule) { return asks_for_whole(rule.condition); }))
    return;
  const bool does_more = any_rule(*this, marks_or_rewrites);
  const std::string why = "tests of ports read other bytes in a later fragment of IPv6";
  const Condition later{
      {FieldTest{Field::fragment, IntervalSet::single(1), Family::ipv6}, UnknownTest{Unknown::content, why, false}}};
  for (Stage& stage : stages) {
    if (!stage.ipv6 || stage.kind != StageKind::filter || stage.doubts_fragments)
      continue;
    const ChainId outer(chains.size());
    const SourceSpan origin = chain(stage.chain).origin;
    std::vector<Rule> rules{{later, Decide{Verdict::drop}, origin},
                            {later, Decide{Verdict::accept}, origin},
                            {{}, Call{stage.chain, false}, stage.policy_origin}};
    if (does_more)
      rules.insert(rules.begin(), {later, Anything{why, true}, origin});
    chains.push_back({chain(stage.chain).name, std::move(rules), origin});
    stage.chain = outer;
    stage.doubts_fragments = true;
  }
}

std::optional<std::string> flaw(const RuleSet& rules) {
  if (std::optional<std::string> missing = missing_chain(rules))
    return missing;
  if (const std::optional<ChainId> chain = find_cycle(rules)) {
    return fmt::format("chain {} can reach itself", quote(rules.chain(*chain).name));
  }
  const std::vector<bool> filters = reached(rules, StageKind::filter);
  for (std::size_t i = 0; i < rules.chains.size(); ++i) {
    if (!filters[i])
      continue;
    for (const Rule& rule : rules.chains[i].rules) {
      if (std::holds_alternative<Translate>(rule.action)) {
        return fmt::format("chain {} translates addresses outside a translate stage", quote(rules.chains[i].name));
      }
    }
  }
  return std::nullopt;
}

std::string_view hook_name(Hook hook) {
  switch (hook) {
    case Hook::ingress:
      return "ingress";
    case Hook::forward:
      return "forward";
    case Hook::deliver:
      return "deliver";
    case Hook::originate:
      return "originate";
    case Hook::egress:
      return "egress";
  }
  SEGPROOF_UNREACHABLE();
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::accept:
      return "accept";
    case Verdict::drop:
      return "drop";
    case Verdict::reject:
      return "reject";
  }
  SEGPROOF_UNREACHABLE();
}

}  // namespace segproof::model
