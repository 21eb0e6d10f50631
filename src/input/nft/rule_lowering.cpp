// SPDX-License-Identifier: Apache-2.0
#include "input/nft/rule_lowering.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace segproof::nft {
namespace {

using model::Action;
using model::Test;
using model::Unknown;

bool sees_mark(const Test& test, model::MarkKind kind) {
  if (const auto* mark = std::get_if<model::MarkTest>(&test))
    return mark->kind == kind;
  if (const auto* any = std::get_if<model::AnyTest>(&test)) {
    return std::ranges::any_of(any->alternatives, [&](const model::Condition& condition) {
      return std::ranges::any_of(condition.tests, [&](const Test& inner) { return sees_mark(inner, kind); });
    });
  }
  return false;
}

bool sees_state(const Test& test) {
  if (const auto* any = std::get_if<model::AnyTest>(&test)) {
    return std::ranges::any_of(any->alternatives, [](const model::Condition& condition) {
      return std::ranges::any_of(condition.tests, sees_state);
    });
  }
  return std::holds_alternative<model::TrackTest>(test);
}

// Whether the action changes what the test looks at.
bool changes(const Action& action, const Test& test) {
  if (const auto* set = std::get_if<model::SetMark>(&action))
    return sees_mark(test, set->kind);
  if (const auto* copy = std::get_if<model::CopyMark>(&action))
    return sees_mark(test, copy->to);
  return std::holds_alternative<model::Untrack>(action) && sees_state(test);
}

bool leaves_chain(const Action& action) {
  const auto* call = std::get_if<model::Call>(&action);
  return std::holds_alternative<model::ComeBack>(action) || (call != nullptr && !call->comes_back);
}

std::string undecided_part(const std::vector<Test>& tests) {
  for (const Test& test : tests) {
    if (const auto* unknown = std::get_if<model::UnknownTest>(&test))
      return fmt::format("{}: {}", model::unknown_name(unknown->kind), unknown->text);
    if (const auto* any = std::get_if<model::AnyTest>(&test)) {
      for (const model::Condition& alternative : any->alternatives) {
        std::string part = undecided_part(alternative.tests);
        if (!part.empty())
          return part;
      }
    }
  }
  return {};
}

// The protocols that tests of a rule leave: what nft's own dependency tracking does not know.
bool is_quiet(StatementKind kind) {
  return kind == StatementKind::count || kind == StatementKind::log;
}

}  // namespace

RuleLowering::RuleLowering(const RuleText& rule, const RuleScope& scope) : rule_(rule), scope_(scope) {
  if (scope.table->family == TableFamily::ip)
    asked_.family = Family::ipv4;
  if (scope.table->family == TableFamily::ip6)
    asked_.family = Family::ipv6;
}

std::vector<model::Rule> RuleLowering::run() {
  ask_before_refusing();
  std::vector<model::Rule> rules = run_from(0);
  for (const model::Rule& rule : rules)
    note_undecided(rule);
  return rules;
}

// nft asks for the protocol of `reject with tcp reset` in front of the whole rule, unless a comparison before it has
// done so: what the rule does before it refuses, it does to such packets only.
void RuleLowering::ask_before_refusing() {
  const auto refuses = [](const Statement& statement) {
    return statement.kind == StatementKind::reject &&
           (statement.word == "tcp reset" || statement.word == "icmp" || statement.word == "icmpv6");
  };
  const auto refusal = std::ranges::find_if(rule_.statements, refuses);
  const auto known = [&](const Statement& statement) {
    if (statement.kind != StatementKind::match || !statement.left || !statement.right)
      return false;
    const std::string& header = statement.left->selector.header;
    const std::string& key = statement.left->selector.key;
    const bool is_one = statement.right->kind == ExpressionKind::value ||
                        (statement.right->kind == ExpressionKind::set && statement.right->elements.size() == 1);
    const bool is_equal = (statement.op == Operator::implicit || statement.op == Operator::equal) && is_one;
    if (refusal->word == "tcp reset") {
      const bool is_protocol = key == "l4proto" || key == "nexthdr" || (key == "protocol" && header == "ip");
      return header == "tcp" || (is_protocol && is_equal);
    }
    const bool is_family = key == "nfproto" || (key == "protocol" && header == "meta");
    return is_family ? is_equal : header == "ip" || header == "ip6" || header.starts_with("icmp");
  };
  if (refusal != rule_.statements.end() && std::none_of(rule_.statements.begin(), refusal, known))
    reject_needs(*refusal);
}

std::vector<model::Rule> RuleLowering::run_from(std::size_t first) {
  Next next = Next::go_on;
  for (at_ = first; at_ < rule_.statements.size() && next == Next::go_on && !faulty_; ++at_)
    next = statement(rule_.statements[at_]);
  if (next == Next::go_on && !faulty_ && !has_action_)
    emit(model::GoOn{});
  return std::move(out_);
}

RuleLowering::Next RuleLowering::statement(const Statement& statement) {
  if (statement.kind != StatementKind::match)
    joined_.clear();
  if (is_quiet(statement.kind))
    return Next::go_on;
  switch (statement.kind) {
    case StatementKind::match:
      match(statement);
      return Next::go_on;
    case StatementKind::verdict:
      return verdict(statement.verdict);
    case StatementKind::verdict_map:
      return verdict_map(statement);
    case StatementKind::nat:
      return nat(statement);
    case StatementKind::assign:
      return assign(statement);
    case StatementKind::attach_object:
      return attach(statement);
    case StatementKind::reject:
      reject(statement);
      return Next::ended;
    case StatementKind::untrack:
      return untrack();
    case StatementKind::queue:
    case StatementKind::duplicate:
    case StatementKind::forward:
    case StatementKind::transparent_proxy:
    case StatementKind::syn_proxy:
      return send_elsewhere(statement);
    case StatementKind::update_set:
    case StatementKind::meter:
      update(statement);
      return Next::go_on;
    case StatementKind::offload:
      return offload(statement);
    case StatementKind::limit:
    case StatementKind::quota:
    case StatementKind::connection_limit:
      limit(statement);
      return Next::go_on;
    case StatementKind::compatibility:
      return compatibility(statement);
    case StatementKind::not_understood:
      return give_up(DiagnosticCode::line_not_understood, statement.span, statement.text);
    case StatementKind::count:
    case StatementKind::log:
      return Next::go_on;
  }
  return Next::go_on;
}

void RuleLowering::limit(const Statement& statement) {
  if (statement.kind == StatementKind::connection_limit) {
    uses_tracking();
    return add_unknown(Unknown::connection_count, statement.text);
  }
  add_unknown(statement.kind == StatementKind::limit ? Unknown::rate : Unknown::quota, statement.text);
}

// What iptables-nft put there, and nft cannot show.
RuleLowering::Next RuleLowering::compatibility(const Statement& statement) {
  if (statement.word != "match") {
    return give_up(DiagnosticCode::line_not_understood, statement.span,
                   fmt::format("{} is a target of iptables that nft does not show", statement.text));
  }
  scope_.findings->unmodelled(DiagnosticCode::line_not_understood, statement.span,
                              fmt::format("{} is a match of iptables that nft does not show", statement.text),
                              "give the output of iptables-save as well");
  add_unknown(Unknown::not_understood, statement.text);
  return Next::go_on;
}

void RuleLowering::add(Test test) {
  tests_.push_back(std::move(test));
}

void RuleLowering::add_unknown(Unknown kind, std::string text) {
  add(model::UnknownTest{kind, std::move(text), false});
}

void RuleLowering::uses_tracking(std::optional<Family> only) {
  const TableFamily family = scope_.table->family;
  if (family != TableFamily::ip6 && only != Family::ipv6)
    scope_.facts->tracks[0] = true;
  if (family != TableFamily::ip && only != Family::ipv4)
    scope_.facts->tracks[1] = true;
}

void RuleLowering::emit_into(std::vector<model::Rule>& to, std::vector<Test> tests, Action action) {
  to.push_back({model::Condition{std::move(tests)}, std::move(action), rule_.span});
}

void RuleLowering::emit(Action action) {
  has_action_ = true;
  emit_into(out_, tests_, std::move(action));
}

bool RuleLowering::conflicts(const Action& action) const {
  return std::ranges::any_of(tests_, [&](const Test& test) { return changes(action, test); });
}

RuleLowering::Next RuleLowering::effect(const Action& action) {
  if (conflicts(action))
    return nest();
  emit(action);
  return Next::go_on;
}

RuleLowering::Next RuleLowering::nest() {
  RuleLowering rest(rule_, scope_);
  rest.asked_ = asked_;
  std::vector<model::Rule> inner = rest.run_from(at_);
  const auto leaves = [](const model::Rule& rule) { return leaves_chain(rule.action); };
  const auto leaving = std::ranges::find_if(inner, leaves);
  const bool comes_back = leaving == inner.end();
  const bool always = !comes_back && std::next(leaving) == inner.end() && leaving->condition.tests.empty();
  if (!comes_back && !always)
    return undecided_effect("a return after a change of what the rule asked for");
  for (const model::Rule& rule : inner)
    note_undecided(rule);
  emit(model::Call{scope_.helper(std::move(inner)), comes_back});
  return Next::ended;
}

RuleLowering::Next RuleLowering::give_up(DiagnosticCode code, const SourceSpan& span, const std::string& why) {
  // What a broken element left behind has no place of its own.
  scope_.findings->unmodelled(code, span.file.valid() ? span : rule_.span, why);
  faulty_ = true;
  add_unknown(Unknown::not_understood, why);
  emit(model::Anything{why, true});
  return Next::ended;
}

RuleLowering::Next RuleLowering::undecided_effect(const std::string& why) {
  emit(model::Anything{why, false});
  return Next::ended;
}

bool RuleLowering::report(const ValueFault& fault) {
  static_cast<void>(give_up(DiagnosticCode::line_not_understood, fault.span, fault.message));
  return false;
}

void RuleLowering::note_undecided(const model::Rule& rule) {
  if (std::holds_alternative<model::GoOn>(rule.action))
    return;
  std::string why = undecided_part(rule.condition.tests);
  if (const auto* anything = std::get_if<model::Anything>(&rule.action); why.empty() && anything != nullptr)
    why = fmt::format("statement: {}", anything->text);
  if (!why.empty())
    scope_.findings->undecided(rule.origin, std::move(why));
}

}  // namespace segproof::nft
