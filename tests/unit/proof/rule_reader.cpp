// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "network_reader.h"

namespace segproof::test {
namespace {

using namespace model;

constexpr std::uint32_t any_mark = std::numeric_limits<std::uint32_t>::max();

struct FieldWord {
  Field field = Field::protocol;
  std::optional<Family> family;
};

FieldWord read_field(LineWords& words) {
  const std::string word = words.word();
  const std::size_t slash = word.find('/');
  const std::string_view family =
      slash == std::string::npos ? std::string_view() : std::string_view(word).substr(slash);
  constexpr std::array<std::pair<std::string_view, Field>, 7> fields = {{{"protocol", Field::protocol},
                                                                         {"source", Field::source},
                                                                         {"destination", Field::destination},
                                                                         {"sport", Field::source_port},
                                                                         {"dport", Field::destination_port},
                                                                         {"flags", Field::tcp_flags},
                                                                         {"fragment", Field::fragment}}};
  for (const auto& [name, field] : fields) {
    if (name == std::string_view(word).substr(0, slash) && (family.empty() || family == "/4" || family == "/6")) {
      return {field, family.empty() ? std::nullopt : std::optional(family == "/4" ? Family::ipv4 : Family::ipv6)};
    }
  }
  words.fail("a field");
}

// The bits of words in a list; `none` is no bit. Each once, in their order.
unsigned read_bits(LineWords& words, const std::vector<std::string_view>& names) {
  const std::string list = words.word();
  if (list == "none") {
    return 0;
  }
  unsigned bits = 0;
  for (const std::string_view part : split(list, ',')) {
    const auto found = std::ranges::find(names, part);
    const unsigned bit = found == names.end() ? 0 : 1U << static_cast<unsigned>(found - names.begin());
    if (bit <= bits) {
      words.fail("ascending words of the list");
    }
    bits |= bit;
  }
  return bits;
}

std::uint32_t read_mark(LineWords& words) {
  const Bits value = words.hexadecimal();
  if (value > any_mark) {
    words.fail("32 bits");
  }
  return static_cast<std::uint32_t>(value);
}

Test read_any(bool negated, const std::vector<TextLine>& lines) {
  AnyTest any;
  any.negated = negated;
  for (const TextLine& line : lines) {
    LineWords words(line);
    words.must("or");
    words.end();
    any.alternatives.push_back(read_tests(line.below));
  }
  return any;
}

Test read_type(LineWords& words, bool negated) {
  AddressTypeTest test;
  test.negated = negated;
  test.endpoint = words.one_of({"source", "destination"}) == 0 ? Endpoint::source : Endpoint::destination;
  if (words.has("in")) {
    test.interface_limit = Direction::ingress;
  } else if (words.has("out")) {
    test.interface_limit = Direction::egress;
  }
  test.types = static_cast<std::uint16_t>(read_bits(words, {"unspecified", "unicast", "local", "broadcast", "multicast",
                                                            "anycast", "unreachable", "blackhole", "prohibit"}));
  return test;
}

Test read_state(LineWords& words, bool negated) {
  TrackTest test;
  test.negated = negated;
  test.states = static_cast<std::uint8_t>(read_bits(words, {"new", "established", "related", "invalid", "untracked"}));
  if (words.has("translated")) {
    test.translated = static_cast<std::uint8_t>(words.number(3));
    if (test.translated == 0) {
      words.fail("a bit");
    }
  }
  return test;
}

Test read_field_test(LineWords& words) {
  const auto [field, family] = read_field(words);
  const bool is_address = field == Field::source || field == Field::destination;
  return FieldTest{field, words.set(is_address ? family : std::nullopt), family};
}

Test read_mask(LineWords& words, bool negated) {
  const auto [field, family] = read_field(words);
  const Bits value = words.hexadecimal();
  return MaskTest{field, value, words.hexadecimal(), negated, family};
}

// A test on one line.
Test read_flat_test(LineWords& words) {
  const std::size_t kind = words.one_of({"is", "mask", "in", "out", "state", "mark", "connmark", "type", "unknown"});
  const bool negated = kind != 0 && words.has("not");
  switch (kind) {
    case 0:
      return read_field_test(words);
    case 1:
      return read_mask(words, negated);
    case 2:
    case 3: {
      InterfaceTest test{kind == 2 ? Direction::ingress : Direction::egress, {}, false, negated};
      test.name = words.interface_name(test.is_prefix);
      return test;
    }
    case 4:
      return read_state(words, negated);
    case 5:
    case 6: {
      const std::uint32_t value = read_mark(words);
      return MarkTest{kind == 5 ? MarkKind::packet : MarkKind::connection, value, read_mark(words), negated};
    }
    case 7:
      return read_type(words, negated);
    default:
      return UnknownTest{Unknown::not_understood, words.string(), negated};
  }
}

void read_new_address(LineWords& words, Translate& action) {
  if (words.has("interface")) {
    action.to = Translate::To::interface_address;
    return;
  }
  const std::string target = words.word();
  if (words.has("mapped")) {
    action.to = Translate::To::network;
    action.network = read_prefix(target);
    if (!action.network) {
      words.fail("a prefix");
    }
    action.family = action.network->address.family;
    return;
  }
  const std::size_t slash = std::min(target.rfind('/'), target.size());
  const std::string_view family = std::string_view(target).substr(slash);
  action.family = family == "/6" ? Family::ipv6 : Family::ipv4;
  const auto set = read_set(std::string_view(target).substr(0, slash), action.family);
  if ((family != "/4" && family != "/6") || !set || set->is_empty()) {
    words.fail("addresses and a family");
  }
  action.addresses.assign(set->intervals().begin(), set->intervals().end());
}

Translate read_translate(LineWords& words) {
  Translate action;
  action.endpoint = words.one_of({"source", "destination"}) == 0 ? Endpoint::source : Endpoint::destination;
  if (words.has("to")) {
    read_new_address(words, action);
  }
  if (words.has("port")) {
    const IntervalSet ports = words.set(std::nullopt);
    if (ports.intervals().size() != 1) {
      words.fail("one range of ports");
    }
    action.ports = ports.intervals().front();
  }
  action.keeps_port = !words.has("any-port");
  return action;
}

Action read_action(LineWords& words) {
  switch (words.one_of({"continue", "accept", "drop", "reject", "jump", "goto", "return", "set", "copy", "untrack",
                        "translate", "anything", "duplicate", "helper"})) {
    case 0:
      return GoOn{};
    case 1:
      return Decide{Verdict::accept};
    case 2:
      return Decide{Verdict::drop};
    case 3:
      return Decide{Verdict::reject};
    case 4:
      return Call{ChainId(static_cast<std::size_t>(words.number(any_mark - 1))), true};
    case 5:
      return Call{ChainId(static_cast<std::size_t>(words.number(any_mark - 1))), false};
    case 6:
      return ComeBack{};
    case 7: {
      const MarkKind kind = words.one_of({"mark", "connmark"}) == 0 ? MarkKind::packet : MarkKind::connection;
      const std::uint32_t keep = read_mark(words);
      return SetMark{kind, keep, read_mark(words)};
    }
    case 8: {
      const MarkKind to = words.one_of({"mark", "connmark"}) == 0 ? MarkKind::packet : MarkKind::connection;
      const std::uint32_t to_mask = read_mark(words);
      return CopyMark{to, to_mask, read_mark(words)};
    }
    case 9:
      return Untrack{};
    case 10:
      return read_translate(words);
    case 11:
      return Anything{{}, words.has("local")};
    case 12:
      return Duplicate{words.has("nowhere") ? std::nullopt : std::optional(words.address())};
    default:
      return AttachHelper{words.string()};
  }
}

Rule read_rule(const TextLine& line, Places& places) {
  LineWords words(line);
  words.must("rule");
  Rule rule;
  rule.origin = places.span(words.place());
  rule.action = read_action(words);
  words.end();
  rule.condition = read_tests(line.below);
  return rule;
}

Stage read_stage(LineWords& words, Places& places) {
  Stage stage;
  stage.hook = static_cast<Hook>(words.one_of({"ingress", "forward", "deliver", "originate", "egress"}));
  stage.kind = static_cast<StageKind>(words.one_of({"filter", "track", "translate"}));
  words.must("order");
  const std::string order = words.word();
  const bool is_negative = order.starts_with('-');
  const auto size = read_number(std::string_view(order).substr(is_negative ? 1 : 0), 0x7fffffffU);
  if (!size || (is_negative && *size == 0)) {
    words.fail("an order");
  }
  stage.order = is_negative ? -static_cast<int>(*size) : static_cast<int>(*size);
  words.must("chain");
  if (!words.has("none")) {
    stage.chain = ChainId(static_cast<std::size_t>(words.number(any_mark - 1)));
  }
  words.must("policy");
  stage.policy = static_cast<Verdict>(words.one_of({"accept", "drop", "reject"}));
  words.must("families");
  const std::size_t families = words.one_of({"4", "6", "46"});
  stage.ipv4 = families != 1;
  stage.ipv6 = families != 0;
  stage.label = words.string();
  stage.policy_origin = places.span(words.place());
  words.leaf();
  return stage;
}

}  // namespace

Condition read_tests(const std::vector<TextLine>& lines) {
  Condition condition;
  for (const TextLine& line : lines) {
    LineWords words(line);
    if (words.has("any")) {
      const bool negated = words.has("not");
      words.end();
      condition.tests.push_back(read_any(negated, line.below));
      continue;
    }
    condition.tests.push_back(read_flat_test(words));
    words.leaf();
  }
  return condition;
}

RuleSet read_rules(const std::vector<TextLine>& lines, Places& places) {
  RuleSet rules;
  Order order;
  for (const TextLine& line : lines) {
    LineWords words(line);
    const std::size_t kind = words.one_of({"chain", "stage"});
    order.at(kind, words);
    if (kind == 1) {
      rules.stages.push_back(read_stage(words, places));
      continue;
    }
    Chain& chain = rules.chains.emplace_back();
    chain.name = words.string();
    words.end();
    for (const TextLine& rule : line.below) {
      chain.rules.push_back(read_rule(rule, places));
    }
  }
  return rules;
}

}  // namespace segproof::test
