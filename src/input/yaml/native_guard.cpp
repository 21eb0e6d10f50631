// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/native_guard.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "packet/field.h"

namespace segproof::input::yaml {
namespace {

using namespace std::string_view_literals;

model::Condition service_condition(const claim::ServiceSpec& service) {
  model::Condition condition;
  if (!service.protocol) {
    return condition;
  }
  condition.tests.emplace_back(
      model::FieldTest{.field = Field::protocol, .values = IntervalSet::single(*service.protocol)});
  if (!service.ports.is_empty()) {
    condition.tests.emplace_back(model::FieldTest{.field = Field::fragment, .values = IntervalSet::single(0)});
    condition.tests.emplace_back(model::FieldTest{.field = Field::destination_port, .values = service.ports});
  }
  return condition;
}

// One of the alternatives, without a wrapping where one is enough.
void require_one_of(std::vector<model::Condition> alternatives, model::Condition& condition) {
  if (alternatives.size() == 1) {
    for (model::Test& test : alternatives.front().tests) {
      condition.tests.push_back(std::move(test));
    }
    return;
  }
  condition.tests.emplace_back(model::AnyTest{.alternatives = std::move(alternatives), .negated = false});
}

void read_services(Faults& faults, const View& view, Guard& guard) {
  std::vector<model::Condition> alternatives;
  bool any = false;
  guard.has_ports = true;
  for_each_item(view, [&](const View& item) {
    if (const auto service = read_service(faults, item, "service")) {
      any = any || !service->service.protocol;
      guard.has_ports = guard.has_ports && service->service.protocol && has_ports(*service->service.protocol);
      alternatives.push_back(service_condition(service->service));
    }
  });
  if (!any) {
    require_one_of(std::move(alternatives), guard.condition);
  }
}

void read_operand(const Section& rule, std::string_view key, Field field, bool negated, const NameTable& names,
                  Guard& guard) {
  Faults& faults = rule.faults();
  const std::vector<Word> words = words_at(rule, key);
  if (!rule.get(key)) {
    return;
  }
  Resolved all;
  bool any = false;
  for (const Word& word : words) {
    if (word.text == "any") {
      any = true;
      if (negated || words.size() > 1) {
        faults.error(DiagnosticCode::contradiction, word.span,
                     fmt::format("`any` {} in `{}`", negated ? "leaves nothing" : "makes the other values idle", key),
                     "leave the key out");
      }
      continue;
    }
    Resolved one = names.resolve(faults, word);
    for (const std::size_t family : {0U, 1U}) {
      all.addresses[family] = all.addresses[family] | one.addresses[family];
    }
    for (std::string& name : one.unresolved) {
      faults.warning(DiagnosticCode::unresolved_name, word.span,
                     fmt::format("name {} is not resolved: the rule may match any address there", quote(name)),
                     names.hint(name));
      all.unresolved.push_back(std::move(name));
    }
  }
  if (any) {
    return;
  }
  guard.unresolved.insert(guard.unresolved.end(), all.unresolved.begin(), all.unresolved.end());
  guard.condition.tests.push_back(address_test(field, all, negated));
}

void read_interfaces(const Section& rule, std::string_view key, model::Direction direction, bool allowed,
                     Guard& guard) {
  const std::optional<View> view = rule.get(key);
  if (!view) {
    return;
  }
  if (!allowed) {
    rule.faults().error(DiagnosticCode::key_does_not_apply, view->span(),
                        fmt::format("key `{}` means nothing here", key));
    return;
  }
  std::vector<model::Condition> alternatives;
  for (const Word& word : read_words(rule.faults(), *view, fmt::format("`{}`", key))) {
    const bool is_prefix = word.text.ends_with('+');
    model::InterfaceTest test{.direction = direction,
                              .name = is_prefix ? word.text.substr(0, word.text.size() - 1) : word.text,
                              .is_prefix = is_prefix};
    if (word.text.empty()) {
      rule.faults().error(DiagnosticCode::bad_name, word.span, "an empty interface name");
      continue;
    }
    alternatives.push_back({.tests = {std::move(test)}});
  }
  require_one_of(std::move(alternatives), guard.condition);
}

void read_states(const Section& rule, bool stateful, Guard& guard) {
  static constexpr std::array words = {"new"sv, "established"sv, "related"sv, "invalid"sv, "untracked"sv};
  const std::optional<View> view = rule.get("state");
  if (!view) {
    return;
  }
  if (!stateful) {
    rule.faults().error(DiagnosticCode::key_does_not_apply, view->span(), "key `state` needs `stateful: true`");
    return;
  }
  std::uint8_t states = 0;
  for_each_item(*view, [&](const View& item) {
    if (const auto choice = read_choice(rule.faults(), item, "`state`", words)) {
      states = static_cast<std::uint8_t>(states | (1U << *choice));
    }
  });
  guard.condition.tests.emplace_back(model::TrackTest{.states = states});
}

}  // namespace

model::Test address_test(Field field, const Resolved& addresses, bool negated) {
  model::AnyTest test{.alternatives = {}, .negated = negated};
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const IntervalSet& set = addresses.addresses[model::index_of(family)];
    if (!set.is_empty()) {
      test.alternatives.push_back({.tests = {model::FieldTest{.field = field, .values = set, .family = family}}});
    }
  }
  for (const std::string& name : addresses.unresolved) {
    test.alternatives.push_back(
        {.tests = {model::UnknownTest{.kind = model::Unknown::unresolved_name, .text = name, .negated = false}}});
  }
  if (!negated && test.alternatives.size() == 1) {
    return std::move(test.alternatives.front().tests.front());
  }
  return test;
}

Guard read_guard(const Section& rule, const std::optional<View>& services, const GuardScope& scope,
                 const NameTable& names) {
  Guard guard;
  read_interfaces(rule, "in", model::Direction::ingress, scope.ingress, guard);
  read_interfaces(rule, "out", model::Direction::egress, scope.egress, guard);
  read_states(rule, scope.stateful, guard);
  if (services) {
    read_services(rule.faults(), *services, guard);
  }
  read_operand(rule, "from", Field::source, false, names, guard);
  read_operand(rule, "not-from", Field::source, true, names, guard);
  read_operand(rule, "to", Field::destination, false, names, guard);
  read_operand(rule, "not-to", Field::destination, true, names, guard);
  if (const std::optional<View> ports = rule.get("from-ports")) {
    const std::optional<IntervalSet> set = read_ports(rule.faults(), *ports, "source port");
    if (!guard.has_ports) {
      rule.faults().error(DiagnosticCode::key_does_not_apply, ports->span(),
                          "key `from-ports` needs services with ports", "write `tcp` or `udp`");
    } else if (set) {
      guard.condition.tests.emplace_back(model::FieldTest{.field = Field::fragment, .values = IntervalSet::single(0)});
      guard.condition.tests.emplace_back(model::FieldTest{.field = Field::source_port, .values = *set});
    }
  }
  static_cast<void>(text_at(rule, "comment"));
  return guard;
}

}  // namespace segproof::input::yaml
