// SPDX-License-Identifier: Apache-2.0
#include "input/iptables/rule_line.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "input/iptables/values.h"

namespace segproof::iptables {
namespace {

constexpr std::size_t longest_interface_name = 15;
constexpr std::size_t most_rules_per_line = 10000;

bool is_ipv6_extension_header(std::uint8_t protocol) {
  return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 || protocol == 60;
}

void protocol_test(const OptionUse& option, RuleDraft& draft) {
  const std::string_view text = option.values.front();
  const auto protocol = parse_protocol_option(text);
  if (!protocol)
    return draft.add_unknown(model::Unknown::unresolved_name, fmt::format("protocol {}", text));
  if (*protocol == 0) {
    if (option.negated)
      draft.fail("rule would never match protocol", option.column);
    return;
  }
  if (!option.negated)
    draft.protocol = *protocol;
  if (draft.family == Family::ipv6 && is_ipv6_extension_header(*protocol)) {
    return draft.add_unknown(model::Unknown::extension_header, fmt::format("protocol {}", text));
  }
  draft.add_field(Field::protocol, IntervalSet::single(*protocol), option.negated);
}

void interface_test(const OptionUse& option, RuleDraft& draft, model::Direction direction,
                    std::set<std::string, std::less<>>& interfaces) {
  std::string name(option.values.front());
  if (name.size() > longest_interface_name) {
    return draft.fail(fmt::format("interface name {} is too long", quote(name)), option.column);
  }
  if (name.empty())
    return;  // any interface
  interfaces.insert(name);
  const bool is_prefix = name.back() == '+';
  if (is_prefix)
    name.pop_back();
  draft.add(model::InterfaceTest{direction, std::move(name), is_prefix, option.negated});
}

void fragment_test(const OptionUse& option, RuleDraft& draft) {
  if (draft.family == Family::ipv6)
    return draft.fail("option `-f` in an IPv6 table", option.column);
  draft.add_field(Field::fragment, IntervalSet::single(1), option.negated);
}

// One test for each address of the list; no test in a place means any address.
std::vector<std::optional<model::Test>> address_tests(const OptionUse& option, Field field, RuleDraft& draft) {
  std::vector<std::optional<model::Test>> tests;
  const auto parts = split(option.values.front(), ',');
  if (option.negated && parts.size() > 1)
    draft.fail("`!` before several addresses", option.column);
  for (const std::string_view part : parts) {
    const ParsedAddress parsed = parse_masked_address(trim(part), draft.family);
    switch (parsed.fault) {
      case AddressFault::wrong:
        draft.fail(fmt::format("bad address {}", quote(part)), option.column);
        break;
      case AddressFault::name:
        tests.emplace_back(
            model::UnknownTest{model::Unknown::unresolved_name, fmt::format("host {}", part), option.negated});
        break;
      case AddressFault::none: {
        const auto [value, mask] = parsed.address;
        const auto length = prefix_length(mask, draft.family);
        if (mask == 0 && !option.negated) {
          tests.emplace_back(std::nullopt);
        } else if (length) {
          const Bits host = low_ones(address_width(draft.family) - *length);
          IntervalSet values = IntervalSet::range(value, value | host);
          if (option.negated)
            values = values.complement(field_max(field, draft.family));
          tests.emplace_back(model::FieldTest{field, std::move(values), draft.family});
        } else {
          tests.emplace_back(model::MaskTest{field, value, mask, option.negated, draft.family});
        }
        break;
      }
    }
  }
  return tests;
}

bool given_twice(const Command& command, RuleDraft& draft) {
  for (std::size_t i = 0; i < command.basics.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (command.basics[i].name != command.basics[j].name)
        continue;
      draft.fail(fmt::format("option --{} is given twice", command.basics[i].name), command.basics[i].column);
      return true;
    }
  }
  return false;
}

void match_tests(const Command& command, RuleDraft& draft) {
  for (const ExtensionUse& match : command.matches) {
    if (match.known == nullptr) {
      draft.add_unknown(model::Unknown::not_understood, fmt::format("match {}", text_of(match)));
    } else if (match.known->match != nullptr) {
      match.known->match(match, draft);
    } else {
      draft.add_unknown(match.known->unknown, text_of(match));
    }
  }
}

void target_action(const Command& command, RuleMeaning& meaning) {
  if (!command.target || command.target->name.empty())
    return;
  const ExtensionUse& target = *command.target;
  meaning.comes_back = !command.goes_to;
  if (target.known == nullptr && target.options.empty()) {
    meaning.chain = target.name;
  } else if (target.known == nullptr) {
    meaning.action = model::Anything{text_of(target), true};
  } else if (target.known->target != nullptr) {
    meaning.action = target.known->target(target, meaning.draft);
  }
}

}  // namespace

RuleMeaning meaning_of(const Command& command, Family family, std::string_view table,
                       std::set<std::string, std::less<>>& interfaces, const model::SetLookup& sets) {
  RuleMeaning meaning;
  RuleDraft& draft = meaning.draft;
  draft.sets = &sets;
  draft.family = family;
  draft.table = table;
  if (given_twice(command, draft))
    return meaning;
  if (const OptionUse* option = command.basic("in-interface")) {
    interface_test(*option, draft, model::Direction::ingress, interfaces);
  }
  if (const OptionUse* option = command.basic("out-interface")) {
    interface_test(*option, draft, model::Direction::egress, interfaces);
  }
  if (const OptionUse* option = command.basic("protocol"))
    protocol_test(*option, draft);
  if (const OptionUse* option = command.basic("fragments"))
    fragment_test(*option, draft);
  match_tests(command, draft);
  target_action(command, meaning);

  std::vector<std::optional<model::Test>> sources{std::nullopt};
  std::vector<std::optional<model::Test>> destinations{std::nullopt};
  if (const OptionUse* option = command.basic("source"))
    sources = address_tests(*option, Field::source, draft);
  if (const OptionUse* option = command.basic("destination")) {
    destinations = address_tests(*option, Field::destination, draft);
  }
  if (sources.size() * destinations.size() > most_rules_per_line) {
    draft.fail("too many combinations of addresses", 1);
  }
  if (draft.fault)
    return meaning;
  for (const auto& source : sources) {
    for (const auto& destination : destinations) {
      model::Condition condition = draft.condition;
      if (source)
        condition.tests.push_back(*source);
      if (destination)
        condition.tests.push_back(*destination);
      meaning.conditions.push_back(std::move(condition));
    }
  }
  return meaning;
}

std::string undecided_part(const model::Condition& condition) {
  for (const model::Test& test : condition.tests) {
    if (const auto* unknown = std::get_if<model::UnknownTest>(&test)) {
      return fmt::format("{}: {}", model::unknown_name(unknown->kind), unknown->text);
    }
    if (const auto* any = std::get_if<model::AnyTest>(&test)) {
      for (const model::Condition& alternative : any->alternatives) {
        std::string part = undecided_part(alternative);
        if (!part.empty())
          return part;
      }
    }
  }
  return {};
}

void doubt_state_tests(model::Condition& condition) {
  for (model::Test& test : condition.tests) {
    if (std::holds_alternative<model::TrackTest>(test)) {
      test = model::UnknownTest{model::Unknown::history, "a state before connection tracking", false};
    } else if (auto* any = std::get_if<model::AnyTest>(&test)) {
      for (model::Condition& alternative : any->alternatives) {
        doubt_state_tests(alternative);
      }
    }
  }
}

}  // namespace segproof::iptables
