// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace segproof::input::yaml {
namespace {

using namespace std::string_view_literals;

constexpr std::array rule_formats = {"iptables-save"sv, "ip6tables-save"sv, "native"sv,    "nft"sv,
                                     "nft-json"sv,      "cisco-asa"sv,      "cisco-ios"sv, "cisco-nxos"sv,
                                     "ipset-save"sv,    "cisco-routes"sv};
constexpr std::array file_kinds = {"topology/1"sv, "policy/1"sv, "claims/1"sv, "rules/1"sv};

void read_rule_file(Faults& faults, const View& view, WrittenRules& rules) {
  static constexpr std::array keys = {"format"sv, "file"sv};
  const auto section = Section::open(faults, view, "a rule set", keys);
  if (!section) {
    return;
  }
  const std::optional<View> format = section->require("format");
  const std::optional<View> file = section->require("file");
  const std::optional<Word> path = file ? read_word(faults, *file, "`file`") : std::nullopt;
  const std::optional<Word> word = format ? read_word(faults, *format, "`format`") : std::nullopt;
  if (!word) {
    return;
  }
  const auto found = std::ranges::find(rule_formats, word->text);
  if (found == rule_formats.end()) {
    std::string hint = did_you_mean_hint(word->text, rule_formats);
    faults.error(DiagnosticCode::unknown_format, word->span,
                 fmt::format("there is no format {} for rules", quote(word->text)),
                 hint.empty() ? fmt::format("the formats are {}", fmt::join(rule_formats, ", ")) : std::move(hint));
  } else if (path) {
    rules.files.push_back({.format = static_cast<RuleFormat>(found - rule_formats.begin()), .file = *path});
  }
}

void read_node_rules(Faults& faults, const Word& node, const View& view, PolicyFile& policy) {
  static constexpr std::array keys = {"native"sv};
  WrittenRules rules{.node = node, .origin = view.span(), .none = false, .files = {}, .native = {}};
  switch (view.shape()) {
    case Shape::text:
      rules.none = view.text() == "none";
      if (!rules.none) {
        faults.error(DiagnosticCode::bad_value, view.span(),
                     fmt::format("the rules of {} are a list of files, `native: ...` or `none`, not {}",
                                 quote(node.text), quote(view.text())));
      }
      break;
    case Shape::list:
      for (const View& item : view.items()) {
        read_rule_file(faults, item, rules);
      }
      if (view.items().empty()) {
        faults.error(DiagnosticCode::bad_value, view.span(),
                     fmt::format("the rules of {} are an empty list", quote(node.text)),
                     "write `none` if it filters nothing, or leave it out if its configuration is missing");
      }
      break;
    case Shape::map:
      if (view.find("format") || view.find("file")) {  // one file needs no list
        read_rule_file(faults, view, rules);
        break;
      }
      if (const auto section = Section::open(faults, view, fmt::format("the rules of {}", quote(node.text)), keys)) {
        if (const std::optional<View> native = section->require("native")) {
          rules.native = read_native_rules(faults, *native, NativeHome::policy, policy.names);
        }
      }
      break;
    case Shape::nothing:
      faults.error(DiagnosticCode::wrong_shape, node.span,
                   fmt::format("the rules of {} have no value", quote(node.text)),
                   "write `none` if it filters nothing, or leave it out if its configuration is missing");
      break;
  }
  policy.rules.push_back(std::move(rules));
}

void read_header(const Section& section, PolicyFile& policy) {
  Faults& faults = section.faults();
  if (const std::optional<View> epoch = section.require("epoch")) {
    if (const std::optional<Word> word = read_word(faults, *epoch, "`epoch`")) {
      if (usable_name(faults, *word, "epochs", Names::of_interfaces)) {
        policy.epoch = word->text;
        policy.epoch_span = word->span;
      }
    }
  }
  if (const std::optional<View> date = section.require("date")) {
    policy.date = read_date(faults, *date, "`date`").value_or("");
  }
  policy.state_flushed = switch_at(section, "state-flushed", false);
  policy.previous = word_at(section, "previous");
  policy.includes = words_at(section, "include");
  static_cast<void>(text_at(section, "name"));
  static_cast<void>(text_at(section, "description"));
}

void read_policy_routing(const Section& section, PolicyFile& policy) {
  Faults& faults = section.faults();
  const auto routing_of = [&](const Word& node) -> WrittenRouting& {
    const auto found = std::ranges::find(policy.routing, node.text, [](const auto& entry) { return entry.first.text; });
    return found != policy.routing.end() ? found->second : policy.routing.emplace_back(node, WrittenRouting{}).second;
  };
  if (const std::optional<View> routes = section.get("routes")) {
    for_each_named(faults, *routes, "routes", Names::of_places,
                   [&](const Word& node, const View& value) { read_routes(faults, value, routing_of(node)); });
  }
  if (const std::optional<View> rules = section.get("route-rules")) {
    for_each_named(faults, *rules, "route-rules", Names::of_places,
                   [&](const Word& node, const View& value) { read_route_rules(faults, value, routing_of(node)); });
  }
}

}  // namespace

std::string_view rule_format_name(RuleFormat format) {
  return rule_formats[static_cast<std::size_t>(format)];
}
std::string_view file_kind_name(FileKind kind) {
  return file_kinds[static_cast<std::size_t>(kind)];
}

PolicyFile read_policy(const Tree& tree, DiagnosticSink& sink) {
  static constexpr std::array keys = {"segproof"sv,    "epoch"sv,  "date"sv,   "state-flushed"sv, "previous"sv,
                                      "include"sv,     "rules"sv,  "routes"sv, "route-rules"sv,   "names"sv,
                                      "assumptions"sv, "claims"sv, "name"sv,   "description"sv};
  Faults faults(sink);
  PolicyFile policy;
  const auto section = Section::open(faults, tree.root(), "a policy", keys);
  if (!section) {
    return policy;
  }
  check_file_kind(*section, "policy/1");
  read_header(*section, policy);
  if (const std::optional<View> names = section->get("names")) {
    policy.names.read(faults, *names);
  }
  if (const std::optional<View> rules = section->get("rules")) {
    for_each_named(faults, *rules, "rules", Names::of_places,
                   [&](const Word& node, const View& value) { read_node_rules(faults, node, value, policy); });
  }
  read_policy_routing(*section, policy);
  if (const std::optional<View> assumptions = section->get("assumptions")) {
    read_assumptions(faults, *assumptions, policy.assumptions);
  }
  if (const std::optional<View> claims = section->get("claims")) {
    read_claims(faults, *claims, policy.claims);
  }
  return policy;
}

NativeRules read_rules_file(const Tree& tree, const NameTable& names, DiagnosticSink& sink) {
  Faults faults(sink);
  return read_native_rules(faults, tree.root(), NativeHome::own_file, names);
}

FileKindAnswer file_kind(FileId file, const SourceStore& sources, DiagnosticSink& sink) {
  constexpr std::uint32_t looked_at = 200;
  constexpr std::string_view key = "segproof:";
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  const std::uint32_t last = std::min(sources.line_count(file), looked_at);
  for (std::uint32_t number = 1; number <= last; ++number) {
    std::string_view line = sources.line(file, number);
    if (line.starts_with(byte_order_mark)) {
      line.remove_prefix(byte_order_mark.size());
    }
    if (!line.starts_with(key)) {
      continue;
    }
    const std::string_view rest = line.substr(key.size());
    std::string_view value = trim(rest.substr(0, rest.find(" #")));
    if (value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'')) {
      value = value.substr(1, value.size() - 2);
    }
    const auto found = std::ranges::find(file_kinds, value);
    if (found != file_kinds.end()) {
      return {.has_key = true, .kind = static_cast<FileKind>(found - file_kinds.begin())};
    }
    std::string hint = did_you_mean_hint(value, file_kinds);
    const auto column = static_cast<std::uint32_t>(value.empty() ? 1 : value.data() - line.data() + 1);
    Faults(sink).error(
        DiagnosticCode::unknown_file_kind,
        {.file = file, .line = number, .column = column, .length = static_cast<std::uint32_t>(value.size())},
        fmt::format("there is no kind of file {}", quote(value)),
        hint.empty() ? fmt::format("the kinds are {}", fmt::join(file_kinds, ", ")) : std::move(hint));
    return {.has_key = true, .kind = std::nullopt};
  }
  return {};
}

}  // namespace segproof::input::yaml
