// SPDX-License-Identifier: Apache-2.0
#include "dump.h"

#include <fmt/format.h>

#include "input/iptables/reader.h"

namespace segproof::test {
namespace {

using namespace model;

std::string number(Bits value) {
  if (value <= ~std::uint64_t{0})
    return fmt::format("{}", static_cast<std::uint64_t>(value));
  return fmt::format("0x{:x}{:016x}", static_cast<std::uint64_t>(value >> 64U), static_cast<std::uint64_t>(value));
}

std::string value_text(Field field, std::optional<Family> family, Bits value) {
  const bool address = field == Field::source || field == Field::destination;
  return address && family ? to_string(Address{*family, value}) : number(value);
}

std::string set_text(const IntervalSet& set, Field field = Field::protocol, std::optional<Family> family = {}) {
  std::string text;
  for (const Interval& interval : set.intervals()) {
    if (!text.empty())
      text += ' ';
    text += value_text(field, family, interval.low);
    if (interval.high != interval.low)
      text += "-" + value_text(field, family, interval.high);
  }
  return text.empty() ? "nothing" : text;
}

std::string condition_text(const Condition& condition);

struct TestText {
  std::string operator()(const FieldTest& test) const {
    return fmt::format("{} {}", field_name(test.field), set_text(test.values, test.field, test.family));
  }
  std::string operator()(const MaskTest& test) const {
    return fmt::format("{}&{} {} {}", field_name(test.field), value_text(test.field, test.family, test.mask),
                       test.negated ? "!=" : "==", value_text(test.field, test.family, test.value));
  }
  std::string operator()(const InterfaceTest& test) const {
    return fmt::format("{}{} {}{}", test.negated ? "!" : "", test.direction == Direction::ingress ? "in" : "out",
                       test.name, test.is_prefix ? "+" : "");
  }
  std::string operator()(const TrackTest& test) const {
    return fmt::format("{}state {:05b}/{:02b}", test.negated ? "!" : "", test.states, test.translated);
  }
  std::string operator()(const MarkTest& test) const {
    return fmt::format("{}{} {:#x}/{:#x}", test.negated ? "!" : "", test.kind == MarkKind::packet ? "mark" : "connmark",
                       test.value, test.mask);
  }
  std::string operator()(const AddressTypeTest& test) const {
    return fmt::format("{}{} type {:#x}{}", test.negated ? "!" : "",
                       test.endpoint == Endpoint::source ? "source" : "destination", test.types,
                       !test.interface_limit                         ? ""
                       : *test.interface_limit == Direction::ingress ? " on in"
                                                                     : " on out");
  }
  std::string operator()(const MeasureTest& test) const {
    constexpr std::array<std::string_view, 4> names{"length", "hops", "class", "kind"};
    return fmt::format("{} {}", names[static_cast<std::size_t>(test.measure)], set_text(test.values));
  }
  std::string operator()(const UnknownTest& test) const {
    return fmt::format("{}?{}({})", test.negated ? "!" : "", unknown_name(test.kind), test.text);
  }
  std::string operator()(const AnyTest& test) const {
    std::string text = test.negated ? "none of [" : "any of [";
    for (std::size_t i = 0; i < test.alternatives.size(); ++i) {
      text += (i > 0 ? " or " : "") + condition_text(test.alternatives[i]);
    }
    return text + "]";
  }
};

std::string condition_text(const Condition& condition) {
  std::string text;
  for (const Test& test : condition.tests)
    text += (text.empty() ? "" : "; ") + std::visit(TestText(), test);
  return text.empty() ? "any" : text;
}

struct ActionText {
  const RuleSet& rules;
  std::string operator()(const GoOn&) const { return "go on"; }
  std::string operator()(const Decide& action) const { return std::string(verdict_name(action.verdict)); }
  std::string operator()(const Call& action) const {
    return fmt::format("{} {}", action.comes_back ? "call" : "go to", rules.chain(action.chain).name);
  }
  std::string operator()(const ComeBack&) const { return "come back"; }
  std::string operator()(const SetMark& action) const {
    return fmt::format("{} keep {:#x} flip {:#x}", action.kind == MarkKind::packet ? "mark" : "connmark", action.keep,
                       action.flip);
  }
  std::string operator()(const CopyMark& action) const {
    return fmt::format("copy to {} {:#x} from {:#x}", action.to == MarkKind::packet ? "mark" : "connmark",
                       action.to_mask, action.from_mask);
  }
  std::string operator()(const Untrack&) const { return "untrack"; }
  std::string operator()(const Translate& action) const {
    std::string text = action.endpoint == Endpoint::source ? "source" : "destination";
    if (action.to == Translate::To::interface_address)
      text += " to interface";
    if (action.to == Translate::To::network)
      text += " to network " + to_string(*action.network);
    for (const Interval& interval : action.addresses) {
      const IntervalSet one{interval};
      text += " to " + set_text(one, Field::source, action.family);
    }
    if (action.ports)
      text += " port " + set_text(IntervalSet{*action.ports});
    return text + (action.keeps_port ? "" : " random");
  }
  std::string operator()(const Anything& action) const { return fmt::format("anything ({})", action.text); }
  std::string operator()(const Duplicate& action) const {
    return fmt::format("copy to {}", action.gateway ? to_string(*action.gateway) : "?");
  }
  std::string operator()(const AttachHelper& action) const { return fmt::format("helper {}", action.helper); }
};

}  // namespace

std::string dump(const Rule& rule, const RuleSet& rules) {
  return condition_text(rule.condition) + " -> " + std::visit(ActionText{rules}, rule.action);
}

std::string dump_rule(std::string_view rule, Family family, std::string_view table, std::string_view chain) {
  SourceStore sources;
  const std::string text =
      fmt::format("*{}\n:{} ACCEPT [0:0]\n:user - [0:0]\n-A {} {}\nCOMMIT\n", table, chain, chain, rule);
  const FileId file = sources.add("rules", text);
  DiagnosticSink sink;
  const IptablesResult read = read_iptables_save(file, sources, family, sink);
  if (!read.unmodelled.empty())
    return "NOT UNDERSTOOD: " + read.unmodelled.front().why;
  std::string found;
  for (const Rule& one : read.rules.chains.front().rules) {
    found += (found.empty() ? "" : " | ") + dump(one, read.rules);
  }
  return found;
}

}  // namespace segproof::test
