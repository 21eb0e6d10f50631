// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/native_rules.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "input/yaml/native_guard.h"
#include "input/yaml/native_translation.h"
#include "packet/field.h"

namespace segproof::input::yaml {
namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t bit_of(TrackState state) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(state));
}

// Where a section's rules are asked.
struct SectionPlace {
  std::string_view key;
  model::Hook hook;
  bool ingress;  // `in` means something
  bool egress;
};
constexpr std::array section_places = {
    SectionPlace{"forward", model::Hook::forward, true, true},
    SectionPlace{"input", model::Hook::deliver, true, false},
    SectionPlace{"output", model::Hook::originate, false, true},
};

constexpr std::array verdict_words = {"permit"sv, "deny"sv, "reject"sv};
constexpr std::array verdicts = {model::Verdict::accept, model::Verdict::drop, model::Verdict::reject};

class NativeReader {
 public:
  NativeReader(Faults& faults, NameTable names) : faults_(faults), names_(std::move(names)) {}

  void read(const View& map, NativeHome home) {
    static constexpr std::array keys = {
        "stateful"sv, "accept-established"sv, "anti-spoofing"sv, "forward"sv, "input"sv, "output"sv,
        "nat"sv,      "description"sv,        "names"sv,         "segproof"sv};
    constexpr std::size_t keys_of_files = 2;
    const auto section =
        Section::open(faults_, map, "a native rule set",
                      Keys(keys).first(keys.size() - (home == NativeHome::own_file ? 0 : keys_of_files)));
    if (!section) {
      return;
    }
    if (home == NativeHome::own_file) {
      check_file_kind(*section, "rules/1");
    }
    static_cast<void>(text_at(*section, "description"));
    if (const std::optional<View> names = section->get("names")) {
      names_.read(faults_, *names);
    }
    const std::optional<View> stateful = section->require("stateful");
    stateful_ = stateful && read_switch(faults_, *stateful, "`stateful`").value_or(true);
    if (const std::optional<View> accept = section->get("accept-established"); accept && stateful && !stateful_) {
      faults_.error(DiagnosticCode::key_does_not_apply, accept->span(),
                    "key `accept-established` needs `stateful: true`");
    }
    if (stateful_ && switch_at(*section, "accept-established", true)) {
      established_ = stateful->span();
    }
    if (stateful_) {
      for (const model::Hook hook : {model::Hook::ingress, model::Hook::originate}) {
        add_stage({.hook = hook,
                   .kind = model::StageKind::track,
                   .order = -200,
                   .chain = {},
                   .policy_origin = stateful->span(),
                   .label = "connection tracking"});
      }
    }
    if (const std::optional<View> sources = section->get("anti-spoofing")) {
      read_anti_spoofing(*sources);
    }
    for (const SectionPlace& place : section_places) {
      if (const std::optional<View> rules = section->get(place.key)) {
        read_section(*rules, place);
      }
    }
    if (const std::optional<View> nat = section->get("nat")) {
      if (stateful && !stateful_) {
        faults_.error(DiagnosticCode::key_does_not_apply, nat->span(), "key `nat` needs `stateful: true`");
      }
      read_translations(faults_, *nat, names_, result_);
    }
  }

  [[nodiscard]] NativeRules take() { return std::move(result_); }

 private:
  void add_stage(model::Stage stage) { result_.rules.stages.push_back(std::move(stage)); }

  model::ChainId add_chain(std::string name, const SourceSpan& origin) {
    result_.rules.chains.push_back({.name = std::move(name), .rules = {}, .origin = origin});
    return model::ChainId(result_.rules.chains.size() - 1);
  }

  // Before everything else, so that no state can make up for a false source.
  void read_anti_spoofing(const View& view) {
    model::Chain chain{.name = "anti-spoofing", .rules = {}, .origin = view.span()};
    for_each_named(faults_, view, "anti-spoofing", Names::of_interfaces, [&](const Word& name, const View& value) {
      Resolved own;
      for (const Word& word : read_words(faults_, value, "`anti-spoofing`: prefix")) {
        Resolved one = names_.resolve(faults_, word);
        for (const std::size_t family : {0U, 1U}) {
          own.addresses[family] = own.addresses[family] | one.addresses[family];
        }
        for (std::string& unresolved : one.unresolved) {
          note_gap(word.span, unresolved);
          own.unresolved.push_back(std::move(unresolved));
        }
      }
      model::Condition condition;
      condition.tests.emplace_back(model::InterfaceTest{.direction = model::Direction::ingress, .name = name.text});
      condition.tests.push_back(address_test(Field::source, own, true));
      chain.rules.push_back(
          {.condition = std::move(condition), .action = model::Decide{model::Verdict::drop}, .origin = name.span});
    });
    result_.rules.chains.push_back(std::move(chain));
    add_stage({.hook = model::Hook::ingress,
               .kind = model::StageKind::filter,
               .order = -300,
               .chain = model::ChainId(result_.rules.chains.size() - 1),
               .policy_origin = view.span(),
               .label = "anti-spoofing"});
  }

  void note_gap(const SourceSpan& span, const std::string& name) {
    faults_.warning(DiagnosticCode::unresolved_name, span,
                    fmt::format("name {} is not resolved: the rule may match any address there", quote(name)),
                    names_.hint(name));
    result_.gaps.push_back({.span = span,
                            .code = DiagnosticCode::unresolved_name,
                            .why = fmt::format("name {} is not resolved", quote(name)),
                            .node = {}});
  }

  void read_section(const View& view, const SectionPlace& place) {
    static constexpr std::array keys = {"default"sv, "rules"sv};
    const auto section = Section::open(faults_, view, fmt::format("section `{}`", place.key), keys);
    if (!section) {
      return;
    }
    const std::optional<View> policy = section->require("default");
    const auto choice = policy ? read_choice(faults_, *policy, "`default`", verdict_words) : std::nullopt;
    const model::ChainId chain = add_chain(std::string(place.key), view.span());
    std::vector<model::Rule> rules;
    if (established_) {
      const auto states = static_cast<std::uint8_t>(bit_of(TrackState::established) | bit_of(TrackState::related));
      rules.push_back({.condition = {.tests = {model::TrackTest{.states = states}}},
                       .action = model::Decide{model::Verdict::accept},
                       .origin = *established_});
    }
    if (const std::optional<View> list = section->get("rules")) {
      if (list->shape() == Shape::list) {
        for (const View& item : list->items()) {
          read_rule(item, place, rules);
        }
      } else {
        faults_.error(DiagnosticCode::wrong_shape, list->span(),
                      fmt::format("`rules` is a list, not {}", shape_text(list->shape())));
      }
    }
    result_.rules.chains[chain.index()].rules = std::move(rules);
    if (choice) {
      add_stage({.hook = place.hook,
                 .kind = model::StageKind::filter,
                 .order = 0,
                 .chain = chain,
                 .policy = verdicts[*choice],
                 .policy_origin = policy->span(),
                 .label = std::string(place.key)});
    }
  }

  void read_rule(const View& view, const SectionPlace& place, std::vector<model::Rule>& rules) {
    static constexpr std::array keys = {"permit"sv, "deny"sv,       "reject"sv, "from"sv, "to"sv,    "not-from"sv,
                                        "not-to"sv, "from-ports"sv, "in"sv,     "out"sv,  "state"sv, "comment"sv};
    const auto section = Section::open(faults_, view, "a rule", keys);
    if (!section) {
      return;
    }
    std::optional<View> services;
    std::optional<std::size_t> verdict;
    for (std::size_t i = 0; i < verdict_words.size(); ++i) {
      if (const std::optional<View> value = section->get(verdict_words[i])) {
        if (verdict) {
          faults_.error(DiagnosticCode::contradiction, value->span(),
                        fmt::format("a rule cannot both `{}` and `{}`", verdict_words[*verdict], verdict_words[i]));
        }
        services = value;
        verdict = i;
      }
    }
    if (!verdict) {
      faults_.error(DiagnosticCode::missing_key, view.span(), "a rule needs one of the keys `permit`, `deny`, `reject`",
                    "the value is the service: `permit: tcp/443`, `deny: any`");
    }
    const GuardScope scope{.ingress = place.ingress, .egress = place.egress, .stateful = stateful_};
    Guard guard = read_guard(*section, services, scope, names_);
    for (const std::string& name : guard.unresolved) {
      result_.gaps.push_back({.span = view.span(),
                              .code = DiagnosticCode::unresolved_name,
                              .why = fmt::format("name {} is not resolved", quote(name)),
                              .node = {}});
    }
    if (verdict) {
      rules.push_back({.condition = std::move(guard.condition),
                       .action = model::Decide{verdicts[*verdict]},
                       .origin = view.span()});
    }
  }

  Faults& faults_;
  NameTable names_;
  bool stateful_ = false;
  std::optional<SourceSpan> established_;
  NativeRules result_;
};

}  // namespace

NativeRules read_native_rules(Faults& faults, const View& map, NativeHome home, const NameTable& names) {
  NativeReader reader(faults, names);
  reader.read(map, home);
  return reader.take();
}

}  // namespace segproof::input::yaml
