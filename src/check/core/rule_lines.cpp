// SPDX-License-Identifier: Apache-2.0
#include "check/core/rule_lines.h"

#include <algorithm>

namespace check {
namespace {

using std::size_t;

constexpr std::uint64_t most = most_numbered;
constexpr size_t deepest_call = 1000;

// Comma-separated words as bits.
unsigned word_bits(Words& words, const std::vector<std::string_view>& names) {
  std::string_view left = words.next();
  unsigned result = 0;
  while (left != "none") {
    const size_t comma = left.find(',');
    const auto found = std::find(names.begin(), names.end(), left.substr(0, comma));
    if (found == names.end()) {
      words.fail("an unknown word in a list");
    }
    result |= 1U << static_cast<unsigned>(found - names.begin());
    if (comma == std::string_view::npos) {
      break;
    }
    left.remove_prefix(comma + 1);
  }
  return result;
}

void field_of(Words& words, Test& test) {
  std::string_view word = words.next();
  const size_t slash = word.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view family = word.substr(slash + 1);
    if (family != "4" && family != "6") {
      words.fail("an unknown family");
    }
    test.family = family == "4" ? Family::ipv4 : Family::ipv6;
    word = word.substr(0, slash);
  }
  const std::vector<std::string_view> names{"protocol", "source", "destination", "sport", "dport", "flags", "fragment"};
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end()) {
    words.fail("an unknown field");
  }
  test.field = static_cast<Field>(found - names.begin());
}

std::string interface_name(Words& words, bool& is_prefix) {
  std::string_view word = words.next();
  is_prefix = word.ends_with('*');
  const Line line{0, {is_prefix ? word.substr(0, word.size() - 1) : word}, {}};
  return Words(line).string();
}

Test read_test(const Line& line) {
  using Kind = Test::Kind;
  Words words(line);
  Test test;
  test.kind = static_cast<Kind>(
      words.one_of({"is", "mask", "in", "out", "state", "mark", "connmark", "type", "unknown", "any"}));
  test.negated = test.kind != Kind::is && words.take("not");
  switch (test.kind) {
    case Kind::is:
      field_of(words, test);
      test.values = words.set(test.family && (test.field == source || test.field == destination));
      break;
    case Kind::mask:
      field_of(words, test);
      [[fallthrough]];
    case Kind::mark:
    case Kind::connmark:
      test.value = words.hexadecimal();
      test.mask = words.hexadecimal();
      break;
    case Kind::in:
    case Kind::out:
      test.name = interface_name(words, test.is_prefix);
      break;
    case Kind::state:
      test.bits = word_bits(words, {"new", "established", "related", "invalid", "untracked"});
      test.translated = words.take("translated") ? static_cast<unsigned>(words.number(3)) : 0;
      break;
    case Kind::type:
      test.field = words.one_of({"source", "destination"}) == 0 ? source : destination;
      if (words.take("in")) {
        test.interface_limit = Hook::ingress;
      } else if (words.take("out")) {
        test.interface_limit = Hook::egress;
      }
      test.bits = word_bits(words, {"unspecified", "unicast", "local", "broadcast", "multicast", "anycast",
                                    "unreachable", "blackhole", "prohibit"});
      break;
    case Kind::unknown:
      static_cast<void>(words.string());
      break;
    case Kind::any:
      words.end();
      for (const Line& below : line.below) {
        Words alternative(below);
        if (!alternative.take("or")) {
          alternative.fail("`or` is missing");
        }
        alternative.end();
        test.alternatives.push_back(read_tests(below.below));
      }
      return test;
  }
  words.leaf();
  return test;
}

void read_translation(Words& words, Action& action) {
  action.endpoint = words.one_of({"source", "destination"}) == 0 ? source : destination;
  if (words.take("to")) {
    if (words.take("interface")) {
      action.to_interface = true;
    } else {
      std::string_view word = words.next();
      const size_t slash = word.rfind('/');
      if (words.take("mapped")) {
        const Line line{0, {word}, {}};
        const Prefix prefix = Words(line).prefix();
        action.is_mapped = true;
        action.family = prefix.address.family;
        action.addresses = {prefix.range()};
      } else {
        const std::string_view family = slash == std::string_view::npos ? "" : word.substr(slash + 1);
        if (family != "4" && family != "6") {
          words.fail("a family is missing");
        }
        const Line line{0, {word.substr(0, slash)}, {}};
        action.family = family == "4" ? Family::ipv4 : Family::ipv6;
        action.addresses = Words(line).set(true);
      }
    }
  }
  if (words.take("port")) {
    action.ports = words.set(false);
  }
  action.any_port = words.take("any-port");
}

Action read_action(Words& words) {
  using Kind = Action::Kind;
  Action action;
  const size_t which = words.one_of({"continue", "accept", "drop", "reject", "jump", "goto", "return", "set", "copy",
                                     "untrack", "translate", "anything", "duplicate", "helper"});
  // A reject is a drop.
  action.kind = static_cast<Kind>(which <= 2 ? which : which - 1);
  switch (action.kind) {
    case Kind::jump:
    case Kind::go_to:
      action.chain = words.number(most);
      break;
    case Kind::set_mark:
    case Kind::copy_mark:
      action.on_connection = words.one_of({"mark", "connmark"}) == 1;
      action.first = words.hexadecimal();
      action.second = words.hexadecimal();
      break;
    case Kind::translate:
      read_translation(words, action);
      break;
    case Kind::anything:
      action.is_local = words.take("local");
      break;
    case Kind::duplicate:
      if (!words.take("nowhere")) {
        action.gateway = words.address();
      }
      break;
    case Kind::helper:
      static_cast<void>(words.string());
      break;
    case Kind::go_on:
    case Kind::accept:
    case Kind::drop:
    case Kind::come_back:
    case Kind::untrack:
      break;
  }
  words.end();
  return action;
}

// Calls lead to chains that exist, and never in a circle.
void check_calls(const RuleSet& rules, const Words& words) {
  std::vector<int> state(rules.chains.size(), 0);
  std::vector<std::pair<size_t, size_t>> path;
  for (size_t root = 0; root < rules.chains.size(); ++root) {
    path.assign(state[root] == 0 ? 1 : 0, {root, 0});
    while (!path.empty()) {
      if (path.size() > deepest_call) {
        words.fail("chains call each other too deep");
      }
      auto& [chain, next] = path.back();
      state[chain] = 1;
      if (next == rules.chains[chain].size()) {
        state[chain] = 2;
        path.pop_back();
        continue;
      }
      const Action& action = rules.chains[chain][next++].action;
      if (action.kind != Action::Kind::jump && action.kind != Action::Kind::go_to) {
        continue;
      }
      if (action.chain >= rules.chains.size() || state[action.chain] == 1) {
        words.fail("a chain is called that does not exist, or that calls itself");
      }
      if (state[action.chain] == 0) {
        path.emplace_back(action.chain, 0);
      }
    }
  }
}

Stage read_stage(Words& words) {
  Stage stage;
  stage.hook = static_cast<Hook>(words.one_of({"ingress", "forward", "deliver", "originate", "egress"}));
  stage.kind = static_cast<Stage::Kind>(words.one_of({"filter", "track", "translate"}));
  static_cast<void>(words.one_of({"order"}));
  stage.order = words.signed_number();
  static_cast<void>(words.one_of({"chain"}));
  if (!words.take("none")) {
    stage.chain = words.number(most);
  }
  static_cast<void>(words.one_of({"policy"}));
  stage.accepts = words.one_of({"accept", "drop", "reject"}) == 0;
  static_cast<void>(words.one_of({"families"}));
  const size_t families = words.one_of({"46", "4", "6"});
  stage.sees[0] = families != 2;
  stage.sees[1] = families != 1;
  static_cast<void>(words.string());
  read_place(words);
  return stage;
}

}  // namespace

Tests read_tests(const std::vector<Line>& lines) {
  Tests result;
  for (const Line& line : lines) {
    result.push_back(read_test(line));
  }
  return result;
}

std::string read_place(Words& words) {
  const std::string_view word = words.next();
  if (word.empty() || word[0] != '@') {
    words.fail("a place is missing");
  }
  return std::string(word);
}

RuleSet read_rules(const Line& line) {
  RuleSet result;
  for (const Line& below : line.below) {
    Words words(below);
    if (words.take("chain")) {
      static_cast<void>(words.string());
      words.end();
      result.chains.emplace_back();
      for (const Line& rule : below.below) {
        Words parts(rule);
        static_cast<void>(parts.one_of({"rule"}));
        std::string origin = read_place(parts);
        const Action action = read_action(parts);
        result.chains.back().push_back({read_tests(rule.below), action, std::move(origin)});
      }
    } else {
      static_cast<void>(words.one_of({"stage"}));
      result.stages.push_back(read_stage(words));
      words.leaf();
    }
  }
  const Words words(line);
  check_calls(result, words);
  for (const Stage& stage : result.stages) {
    if (stage.chain ? *stage.chain >= result.chains.size() : stage.kind != Stage::Kind::track) {
      words.fail("a stage without its chain");
    }
  }
  std::stable_sort(result.stages.begin(), result.stages.end(),
                   [](const Stage& a, const Stage& b) { return a.order < b.order; });
  return result;
}

}  // namespace check
