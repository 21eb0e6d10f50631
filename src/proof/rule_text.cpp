// SPDX-License-Identifier: Apache-2.0
#include "proof/rule_text.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "proof/condition_text.h"

namespace segproof::proof {
namespace {

std::string_view mark_word(model::MarkKind kind) {
  return kind == model::MarkKind::packet ? "mark" : "connmark";
}

std::string_view kind_word(model::StageKind kind) {
  switch (kind) {
    case model::StageKind::filter:
      return "filter";
    case model::StageKind::track:
      return "track";
    case model::StageKind::translate:
      return "translate";
  }
  SEGPROOF_UNREACHABLE();
}

std::string_view families_word(const model::Stage& stage) {
  return stage.ipv4 && stage.ipv6 ? "46" : stage.ipv4 ? "4" : "6";
}

std::string new_address(const model::Translate& action) {
  switch (action.to) {
    case model::Translate::To::ranges:
      return action.addresses.empty()
                 ? std::string()
                 : fmt::format(" to {}/{}", set_word(IntervalSet::of(action.addresses), action.family),
                               action.family == Family::ipv4 ? 4 : 6);
    case model::Translate::To::interface_address:
      return " to interface";
    case model::Translate::To::network:
      return action.network ? fmt::format(" to {} mapped", prefix_word(*action.network)) : std::string();
  }
  SEGPROOF_UNREACHABLE();
}

struct ActionWords {
  std::string operator()(const model::GoOn&) const { return "continue"; }
  std::string operator()(const model::Decide& action) const { return std::string(verdict_name(action.verdict)); }
  std::string operator()(const model::Call& action) const {
    return fmt::format("{} {}", action.comes_back ? "jump" : "goto", action.chain.index());
  }
  std::string operator()(const model::ComeBack&) const { return "return"; }
  std::string operator()(const model::SetMark& action) const {
    return fmt::format("set {} {} {}", mark_word(action.kind), hexadecimal(action.keep), hexadecimal(action.flip));
  }
  std::string operator()(const model::CopyMark& action) const {
    return fmt::format("copy {} {} {}", mark_word(action.to), hexadecimal(action.to_mask),
                       hexadecimal(action.from_mask));
  }
  std::string operator()(const model::Untrack&) const { return "untrack"; }
  std::string operator()(const model::Translate& action) const {
    return fmt::format("translate {}{}{}{}", action.endpoint == model::Endpoint::source ? "source" : "destination",
                       new_address(action),
                       action.ports ? fmt::format(" port {}", set_word(IntervalSet{*action.ports})) : std::string(),
                       action.keeps_port ? "" : " any-port");
  }
  std::string operator()(const model::Anything& action) const {
    return action.may_deliver_locally ? "anything local" : "anything";
  }
  std::string operator()(const model::Duplicate& action) const {
    return fmt::format("duplicate {}", action.gateway ? to_string(*action.gateway) : "nowhere");
  }
  std::string operator()(const model::AttachHelper& action) const {
    return fmt::format("helper {}", quoted(action.helper));
  }
};

std::string stage_words(const model::Stage& stage, const SourceStore& sources) {
  return fmt::format("stage {} {} order {} chain {} policy {} families {} {} {}", hook_name(stage.hook),
                     kind_word(stage.kind), stage.order,
                     stage.chain.valid() ? fmt::format("{}", stage.chain.index()) : "none", verdict_name(stage.policy),
                     families_word(stage), quoted(stage.label), place_word(stage.policy_origin, sources));
}

}  // namespace

std::string action_words(const model::Action& action) {
  return std::visit(ActionWords{}, action);
}

void write_rules(const model::RuleSet& rules, const SourceStore& sources, std::size_t depth, Page& page) {
  for (const model::Chain& chain : rules.chains) {
    page.line(depth, fmt::format("chain {}", quoted(chain.name)));
    for (const model::Rule& rule : chain.rules) {
      page.line(depth + 1, fmt::format("rule {} {}", place_word(rule.origin, sources), action_words(rule.action)));
      write_tests(rule.condition, depth + 2, page);
    }
  }
  for (const model::Stage& stage : rules.stages) {
    if (stage.ipv4 || stage.ipv6) {
      page.line(depth, stage_words(stage, sources));
    }
  }
}

}  // namespace segproof::proof
