// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/native_translation.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "input/yaml/native_guard.h"
#include "packet/field.h"

namespace segproof::input::yaml {
namespace {

using namespace std::string_view_literals;
using To = model::Translate::To;

struct TranslationKind {
  std::string_view word;
  model::Endpoint endpoint;
  std::optional<To> to;  // nothing: the packet is not translated
  bool needs_become;
};
constexpr std::array kinds = {
    TranslationKind{"destination", model::Endpoint::destination, To::ranges, true},
    TranslationKind{"source", model::Endpoint::source, To::ranges, true},
    TranslationKind{"masquerade", model::Endpoint::source, To::interface_address, false},
    TranslationKind{"redirect", model::Endpoint::destination, To::interface_address, false},
    TranslationKind{"network-destination", model::Endpoint::destination, To::network, true},
    TranslationKind{"network-source", model::Endpoint::source, To::network, true},
    TranslationKind{"keep-destination", model::Endpoint::destination, std::nullopt, false},
    TranslationKind{"keep-source", model::Endpoint::source, std::nullopt, false},
};

constexpr std::array kind_words = [] {
  std::array<std::string_view, kinds.size()> words;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    words[i] = kinds[i].word;
  }
  return words;
}();

// The addresses of `become`, all of one family; nothing when they cannot be read.
bool read_become(const Section& section, const View& view, const TranslationKind& kind, model::Translate& translate) {
  Faults& faults = section.faults();
  if (kind.to == To::network) {
    const auto prefix = read_prefix(faults, view, "`become`: prefix");
    if (prefix) {
      translate.network = prefix->prefix;
      translate.family = prefix->prefix.address.family;
    }
    return prefix.has_value();
  }
  bool good = true;
  bool first = true;
  for (const Word& word : read_words(faults, view, "`become`")) {
    const std::optional<AddressRange> range = parse_address_range(word.text);
    if (!range) {
      report_bad_address(faults, word, "`become`: address");
      good = false;
    } else if (!first && range->family != translate.family) {
      faults.error(DiagnosticCode::contradiction, word.span, "addresses of both families in `become`",
                   "write one translation for each family");
      good = false;
    } else {
      translate.family = range->family;
      translate.addresses.push_back(range->range);
      first = false;
    }
  }
  return good;
}

void read_become_ports(const Section& section, const TranslationKind& kind, bool has_ports,
                       model::Translate& translate) {
  const std::optional<View> view = section.get("become-ports");
  if (!view) {
    return;
  }
  Faults& faults = section.faults();
  if (!kind.to || kind.to == To::network || !has_ports) {
    faults.error(DiagnosticCode::key_does_not_apply, view->span(),
                 kind.to && kind.to != To::network
                     ? "key `become-ports` needs a `service` with ports"
                     : fmt::format("key `become-ports` means nothing for `{}`", kind.word));
    return;
  }
  const std::optional<IntervalSet> ports = read_ports(faults, *view, "`become-ports`:");
  if (ports && ports->intervals().size() != 1) {
    faults.error(DiagnosticCode::bad_value, view->span(), "`become-ports` is one port or one range");
  } else if (ports) {
    translate.ports = ports->intervals().front();
  }
}

struct Translation {
  model::Endpoint endpoint;
  model::Rule rule;
};

std::optional<Translation> read_translation(Faults& faults, const View& view, const NameTable& names,
                                            NativeRules& result) {
  static constexpr std::array keys = {"translate"sv,  "service"sv, "from"sv, "to"sv,     "not-from"sv,     "not-to"sv,
                                      "from-ports"sv, "in"sv,      "out"sv,  "become"sv, "become-ports"sv, "comment"sv};
  const auto section = Section::open(faults, view, "a translation", keys);
  if (!section) {
    return std::nullopt;
  }
  const std::optional<View> word = section->require("translate");
  const auto choice = word ? read_choice(faults, *word, "`translate`", kind_words) : std::nullopt;
  if (!choice) {
    return std::nullopt;
  }
  const TranslationKind& kind = kinds[*choice];
  const bool is_source = kind.endpoint == model::Endpoint::source;
  Guard guard =
      read_guard(*section, section->get("service"), {.ingress = true, .egress = is_source, .stateful = false}, names);
  for (const std::string& name : guard.unresolved) {
    result.gaps.push_back({.span = view.span(),
                           .code = DiagnosticCode::unresolved_name,
                           .why = fmt::format("name {} is not resolved", quote(name)),
                           .node = {}});
  }
  Translation translation{.endpoint = kind.endpoint,
                          .rule = {.condition = std::move(guard.condition),
                                   .action = model::Decide{model::Verdict::accept},
                                   .origin = view.span()}};
  const std::optional<View> become = section->get("become");
  model::Translate translate;
  translate.endpoint = kind.endpoint;
  translate.to = kind.to.value_or(To::ranges);
  read_become_ports(*section, kind, guard.has_ports, translate);
  if (kind.needs_become && !become) {
    static_cast<void>(section->require("become"));
    return std::nullopt;
  }
  if (!kind.needs_become && become) {
    faults.error(DiagnosticCode::key_does_not_apply, become->span(),
                 fmt::format("key `become` means nothing for `{}`", kind.word));
    return std::nullopt;
  }
  if (become && !read_become(*section, *become, kind, translate)) {
    return std::nullopt;
  }
  if (become) {  // packets of the other family are not translated
    const Bits last = field_max(Field::protocol, translate.family);
    translation.rule.condition.tests.emplace_back(
        model::FieldTest{.field = Field::protocol, .values = IntervalSet::range(0, last), .family = translate.family});
  }
  if (kind.to) {
    translation.rule.action = std::move(translate);
  }
  return translation;
}

}  // namespace

void read_translations(Faults& faults, const View& list, const NameTable& names, NativeRules& result) {
  if (list.shape() != Shape::list) {
    faults.error(DiagnosticCode::wrong_shape, list.span(),
                 fmt::format("`nat` is a list, not {}", shape_text(list.shape())));
    return;
  }
  model::Chain destination{.name = "nat destination", .rules = {}, .origin = list.span()};
  model::Chain source{.name = "nat source", .rules = {}, .origin = list.span()};
  for (const View& item : list.items()) {
    if (std::optional<Translation> read = read_translation(faults, item, names, result)) {
      (read->endpoint == model::Endpoint::destination ? destination : source).rules.push_back(std::move(read->rule));
    }
  }
  const auto add = [&](model::Chain chain, model::Hook hook, int order) {
    if (chain.rules.empty()) {
      return;
    }
    std::string label = chain.name;
    result.rules.chains.push_back(std::move(chain));
    result.rules.stages.push_back({.hook = hook,
                                   .kind = model::StageKind::translate,
                                   .order = order,
                                   .chain = model::ChainId(result.rules.chains.size() - 1),
                                   .policy_origin = list.span(),
                                   .label = std::move(label)});
  };
  add(std::move(destination), model::Hook::ingress, -100);
  add(std::move(source), model::Hook::egress, 100);
}

}  // namespace segproof::input::yaml
