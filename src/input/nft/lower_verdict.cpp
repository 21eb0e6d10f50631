// SPDX-License-Identifier: Apache-2.0
// Verdicts and verdict maps.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "input/nft/rule_lowering.h"

namespace segproof::nft {
namespace {

using model::Action;
using model::Test;
using model::Unknown;

bool is_call(const VerdictWord& word) {
  return word.kind == VerdictKind::jump;
}

// What a chain that is called can change under the feet of the rest of the map.
bool may_change(const std::vector<Subject>& subjects) {
  return std::ranges::any_of(subjects, [](const Subject& subject) {
    return subject.key->meaning == Meaning::packet_mark || subject.key->meaning == Meaning::connection_mark ||
           subject.key->meaning == Meaning::track_state;
  });
}

}  // namespace

// Nothing for `continue`, and after a fault.
std::optional<Action> RuleLowering::action_of(const VerdictWord& word) {
  switch (word.kind) {
    case VerdictKind::accept:
      return model::Decide{model::Verdict::accept};
    case VerdictKind::drop:
      return model::Decide{model::Verdict::drop};
    case VerdictKind::go_on:
      return std::nullopt;
    case VerdictKind::come_back:
      return model::ComeBack{};
    case VerdictKind::queue:
      return model::Anything{"queue", true};
    case VerdictKind::jump:
    case VerdictKind::go_to: {
      const model::ChainId chain = scope_.chain(word.chain);
      if (chain.valid())
        return model::Call{chain, word.kind == VerdictKind::jump};
      const std::string why = fmt::format("chain {} does not exist", quote(word.chain));
      scope_.findings->unmodelled(DiagnosticCode::chain_missing, rule_.span, why);
      return model::Anything{why, true};
    }
  }
  return std::nullopt;
}

RuleLowering::Next RuleLowering::verdict(const VerdictWord& word) {
  if (word.kind == VerdictKind::go_on)
    return Next::go_on;
  if (std::optional<Action> action = action_of(word))
    emit(std::move(*action));
  return Next::ended;
}

void RuleLowering::verdict_rule(const VerdictWord& word, const Test& test, std::vector<model::Rule>& to) {
  std::optional<Action> action = action_of(word);
  if (!action)
    return;
  std::vector<Test> tests = &to == &out_ ? tests_ : std::vector<Test>();
  tests.push_back(test);
  emit_into(to, std::move(tests), std::move(*action));
}

RuleLowering::Next RuleLowering::verdict_map(const Statement& statement) {
  if (!statement.left || !statement.right)
    return Next::go_on;
  const auto keys = subjects(*statement.left);
  if (!keys)
    return Next::ended;
  const std::optional<Content> map = content(*statement.right);
  if (!map)
    return Next::ended;
  has_action_ = true;
  if (map->open || map->shrinks) {
    // Pairs that nobody has listed may lead anywhere.
    std::vector<Test> tests = tests_;
    tests.emplace_back(model::UnknownTest{Unknown::set_content, map->why, false});
    emit_into(out_, std::move(tests), model::Anything{fmt::format("the verdicts of {}", map->why), false});
  }
  // What ends the chain comes first: it cannot change what the later ones look at.
  std::vector<Group> all = groups(*map);
  const auto ends = [](const Group& group) { return !group.sample->verdict || !is_call(*group.sample->verdict); };
  std::stable_partition(all.begin(), all.end(), ends);  // std::ranges' one is beyond clang 14
  const auto calls = static_cast<std::size_t>(std::ranges::count_if(
      all, [](const Group& group) { return group.sample->verdict && is_call(*group.sample->verdict); }));
  const bool apart = calls > 1 && may_change(*keys);
  std::vector<model::Rule> called;
  for (const Group& group : all) {
    if (!group.sample->verdict) {
      report({group.sample->key.span, "this element has no verdict"});
      return Next::ended;
    }
    std::optional<Test> test = in_group(*keys, *map, group);
    if (!test)
      return Next::ended;
    if (map->shrinks) {
      test = any_of({model::Condition{{std::move(*test), model::UnknownTest{Unknown::set_content, map->why, false}}}});
    }
    VerdictWord word = *group.sample->verdict;
    const bool aside = apart && is_call(word);
    if (aside)
      word.kind = VerdictKind::go_to;
    verdict_rule(word, *test, aside ? called : out_);
  }
  if (apart) {
    for (const model::Rule& rule : called)
      note_undecided(rule);
    emit(model::Call{scope_.helper(std::move(called)), true});
  }
  return Next::ended;
}

}  // namespace segproof::nft
