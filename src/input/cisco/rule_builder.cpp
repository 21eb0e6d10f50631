// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/rule_builder.h"

#include <fmt/format.h>

#include <utility>

namespace segproof::cisco {

model::InterfaceTest enters(std::string_view interface) {
  return {.direction = model::Direction::ingress, .name = std::string(interface)};
}
model::InterfaceTest leaves(std::string_view interface) {
  return {.direction = model::Direction::egress, .name = std::string(interface)};
}

model::Test one_of(model::Direction direction, const std::vector<std::string>& interfaces, bool negated) {
  if (interfaces.size() == 1)
    return model::InterfaceTest{.direction = direction, .name = interfaces.front(), .negated = negated};
  model::AnyTest any;
  any.negated = negated;
  for (const std::string& name : interfaces)
    any.alternatives.push_back({{model::InterfaceTest{.direction = direction, .name = name}}});
  return any;
}

model::FieldTest field_in(Field field, IntervalSet values, std::optional<Family> family) {
  return {.field = field, .values = std::move(values), .family = family};
}
model::UnknownTest perhaps(model::Unknown kind, std::string why) {
  return {kind, std::move(why), false};
}
model::TrackTest in_state(std::uint8_t states) {
  return {.states = states};
}
model::Condition all_of(std::vector<model::Test> tests) {
  return {std::move(tests)};
}

model::ChainId RuleBuilder::chain(std::string name, const SourceSpan& origin) {
  rules_.chains.push_back({std::move(name), {}, origin});
  return model::ChainId(rules_.chains.size() - 1);
}

void RuleBuilder::add(model::ChainId chain, std::vector<model::Test> tests, model::Action action,
                      const SourceSpan& origin) {
  rules_.chains[chain.index()].rules.push_back({{std::move(tests)}, std::move(action), origin});
}

void RuleBuilder::stage(model::Hook hook, model::StageKind kind, int order, model::ChainId chain,
                        model::Verdict policy) {
  const model::Chain& named = rules_.chains[chain.index()];
  rules_.stages.push_back({.hook = hook,
                           .kind = kind,
                           .order = order,
                           .chain = chain,
                           .policy = policy,
                           .policy_origin = named.origin,
                           .label = named.name});
}

void RuleBuilder::stage_if_used(model::Hook hook, model::StageKind kind, int order, model::ChainId chain) {
  if (!is_empty(chain))
    stage(hook, kind, order, chain);
}

void RuleBuilder::track(int order) {
  for (const model::Hook hook : {model::Hook::ingress, model::Hook::originate}) {
    rules_.stages.push_back({.hook = hook,
                             .kind = model::StageKind::track,
                             .order = order,
                             .chain = {},
                             .policy = model::Verdict::accept,
                             .policy_origin = {},
                             .label = "connections"});
  }
}

void RuleBuilder::known_connections(model::ChainId known, model::ChainId chain, const SourceSpan& origin) {
  const auto states = static_cast<std::uint8_t>(state_bit(TrackState::established) | state_bit(TrackState::related));
  add(chain, {in_state(states)}, model::Call{known, true}, origin);
  rules_.known_connections = known;
}

model::ChainId RuleBuilder::list(const AccessList& list, const ListUse& use) {
  const std::string key = fmt::format("{} {} {} {} {}", use.key, static_cast<int>(list.kind), use.meaning.ipv4,
                                      use.meaning.ipv6, list.name);
  if (const auto known = lists_.find(key); known != lists_.end())
    return known->second;
  const model::ChainId made = chain(fmt::format("access list {}", list.name), list.origin);
  lists_.emplace(key, made);
  if (list.may_pass_fragments) {
    add(made,
        {field_in(Field::fragment, IntervalSet::single(1)),
         perhaps(model::Unknown::not_understood, "fragments are treated apart")},
        use.on_permit, list.origin);
  }
  std::vector<model::Rule>& rules = rules_.chains[made.index()].rules;
  for (const Entry& entry : list.entries) {
    for (model::Condition& condition : conditions_of(entry, use.meaning)) {
      if (entry.is_unclear)
        rules.push_back({condition, use.on_deny, entry.origin});
      rules.push_back({std::move(condition), entry.permits ? use.on_permit : use.on_deny, entry.origin});
    }
  }
  if (list.kind == ListKind::ipv6 && use.at_end) {
    // Neighbour discovery passes before the implicit denial of an IPv6 list.
    add(made,
        {field_in(Field::protocol, IntervalSet::single(protocol_number::icmpv6), Family::ipv6),
         field_in(Field::destination_port, IntervalSet::range(Bits{135} * 256, Bits{136} * 256 + 255))},
        use.on_permit, list.origin);
  }
  if (use.at_end)
    add(made, {}, *use.at_end, list.origin);
  return made;
}

}  // namespace segproof::cisco
