// SPDX-License-Identifier: Apache-2.0
#include "laws.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <variant>

#include "base/display.h"

namespace segproof::fuzz {
namespace {

// A rule of one line may name every service of a protocol or the parts of a range; beyond this, something multiplies.
constexpr std::size_t most_weight_per_byte = 256;
constexpr std::size_t weight_of_nothing = 4096;
constexpr std::size_t most_rendered_bytes = 16384;

std::size_t weight(const model::Condition& condition) {
  std::size_t sum = 1;
  for (const model::Test& test : condition.tests) {
    sum += 1;
    if (const auto* field = std::get_if<model::FieldTest>(&test))
      sum += field->values.intervals().size();
    if (const auto* measure = std::get_if<model::MeasureTest>(&test))
      sum += measure->values.intervals().size();
    if (const auto* any = std::get_if<model::AnyTest>(&test)) {
      for (const model::Condition& alternative : any->alternatives)
        sum += weight(alternative);
    }
  }
  return sum;
}

}  // namespace

std::size_t weight(const model::RuleSet& rules) {
  std::size_t sum = rules.stages.size();
  for (const model::Chain& chain : rules.chains) {
    sum += 1;
    for (const model::Rule& rule : chain.rules)
      sum += weight(rule.condition);
  }
  return sum;
}

void Laws::place(const SourceSpan& span, std::string_view whose) {
  const auto fault = [&]() -> std::string_view {
    if (!span.file.valid() || span.file.index() >= sources_.size())
      return "no file";
    if (span.line > sources_.line_count(span.file) + 1)
      return "beyond the last line";
    if (span.line == 0 && span.column != 0)
      return "a column of no line";
    // One more for the carriage return of a last line that has no end.
    return span.column > sources_.line(span.file, span.line).size() + 2 ? "beyond the end of the line" : "";
  }();
  if (!fault.empty())
    hold(false, fmt::format("place of a {}: {}", whose, fault));
}

void Laws::diagnostics(const DiagnosticSink& sink, Errors errors) {
  hold(errors == Errors::allowed || !sink.has_errors(), "a device's configuration stops the run");
  for (const Diagnostic& diagnostic : sink.all()) {
    place(diagnostic.span, "diagnostic");
    for (const DiagnosticNote& note : diagnostic.notes)
      place(note.span, "note");
    const std::string shown = render(diagnostic, sources_);
    hold(shown.size() <= most_rendered_bytes, "a diagnostic without end");
    std::string_view left = shown;
    while (!left.empty()) {
      const Glyph glyph = first_glyph(left);
      hold(glyph.code_point == U'\n' || !must_be_escaped(glyph), "a diagnostic with control characters");
      left.remove_prefix(glyph.bytes.size());
    }
  }
}

void Laws::gaps(const std::vector<model::Gap>& gaps) {
  for (const model::Gap& gap : gaps) {
    place(gap.span, "gap");
    hold(!gap.why.empty(), "a gap without a reason");
  }
}

void Laws::rules(const model::RuleSet& rules, std::size_t text_size) {
  hold(!model::flaw(rules).has_value(), "a rule set with a flaw");
  for (const model::Chain& chain : rules.chains) {
    for (const model::Rule& rule : chain.rules) {
      if (rule.origin.file.valid())
        place(rule.origin, "rule");
    }
  }
  for (const model::Stage& stage : rules.stages) {
    if (stage.policy_origin.file.valid())
      place(stage.policy_origin, "policy");
  }
  hold(weight(rules) <= weight_of_nothing + most_weight_per_byte * text_size, "a model much larger than its text");
}

Digest& Digest::add(std::uint64_t number) {
  for (int i = 0; i < 8; ++i) {
    value_ = (value_ ^ (number >> (8 * i) & 0xffU)) * 0x100000001b3U;
  }
  return *this;
}

Digest& Digest::add(std::string_view text) {
  add(text.size());
  for (const char c : text)
    value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return *this;
}

Digest& Digest::add_wide(Bits value) {
  return add(static_cast<std::uint64_t>(value)).add(static_cast<std::uint64_t>(value >> 64U));
}

Digest& Digest::add(const SourceSpan& span) {
  add(span.file.valid() ? span.file.index() + 1 : 0);
  return add(std::uint64_t{span.line}).add(std::uint64_t{span.column}).add(std::uint64_t{span.length});
}

Digest& Digest::add(const IntervalSet& set) {
  add(set.intervals().size());
  for (const Interval& interval : set.intervals())
    add_wide(interval.low).add_wide(interval.high);
  return *this;
}

Digest& Digest::add(const model::Condition& condition) {
  const auto family = [](const std::optional<Family>& of) { return of ? std::uint64_t{1} + model::index_of(*of) : 0U; };
  add(condition.tests.size());
  for (const model::Test& test : condition.tests) {
    add(test.index());
    std::visit(
        [&](const auto& t) {
          using T = std::decay_t<decltype(t)>;
          if constexpr (std::is_same_v<T, model::FieldTest>) {
            add(static_cast<std::uint64_t>(t.field)).add(t.values).add(family(t.family));
          } else if constexpr (std::is_same_v<T, model::MaskTest>) {
            add(static_cast<std::uint64_t>(t.field)).add_wide(t.value).add_wide(t.mask);
            add(std::uint64_t{t.negated}).add(family(t.family));
          } else if constexpr (std::is_same_v<T, model::InterfaceTest>) {
            add(static_cast<std::uint64_t>(t.direction)).add(t.name);
            add(std::uint64_t{t.is_prefix}).add(std::uint64_t{t.negated});
          } else if constexpr (std::is_same_v<T, model::TrackTest>) {
            add(std::uint64_t{t.states}).add(std::uint64_t{t.translated}).add(std::uint64_t{t.negated});
          } else if constexpr (std::is_same_v<T, model::MarkTest>) {
            add(static_cast<std::uint64_t>(t.kind)).add(std::uint64_t{t.value}).add(std::uint64_t{t.mask});
            add(std::uint64_t{t.negated});
          } else if constexpr (std::is_same_v<T, model::AddressTypeTest>) {
            add(static_cast<std::uint64_t>(t.endpoint)).add(std::uint64_t{t.types}).add(std::uint64_t{t.negated});
            add(t.interface_limit ? 1U + static_cast<std::uint64_t>(*t.interface_limit) : 0U);
          } else if constexpr (std::is_same_v<T, model::MeasureTest>) {
            add(static_cast<std::uint64_t>(t.measure)).add(t.values);
          } else if constexpr (std::is_same_v<T, model::UnknownTest>) {
            add(static_cast<std::uint64_t>(t.kind)).add(t.text).add(std::uint64_t{t.negated});
          } else {
            add(std::uint64_t{t.negated}).add(t.alternatives.size());
            for (const model::Condition& alternative : t.alternatives)
              add(alternative);
          }
        },
        test);
  }
  return *this;
}

Digest& Digest::add(const model::RuleSet& rules) {
  add(rules.chains.size()).add(rules.stages.size());
  for (const model::Chain& chain : rules.chains) {
    add(chain.name).add(chain.origin).add(chain.rules.size());
    for (const model::Rule& rule : chain.rules) {
      add(rule.condition).add(rule.origin).add(rule.action.index());
      if (const auto* decide = std::get_if<model::Decide>(&rule.action))
        add(static_cast<std::uint64_t>(decide->verdict));
      if (const auto* call = std::get_if<model::Call>(&rule.action))
        add(call->chain.index()).add(std::uint64_t{call->comes_back});
      if (const auto* mark = std::get_if<model::SetMark>(&rule.action))
        add(std::uint64_t{mark->keep}).add(std::uint64_t{mark->flip});
      if (const auto* change = std::get_if<model::Translate>(&rule.action)) {
        add(static_cast<std::uint64_t>(change->to)).add(IntervalSet::of(change->addresses));
        add(change->ports ? IntervalSet{*change->ports} : IntervalSet{}).add(std::uint64_t{change->keeps_port});
      }
      if (const auto* anything = std::get_if<model::Anything>(&rule.action))
        add(anything->text);
    }
  }
  for (const model::Stage& stage : rules.stages) {
    add(static_cast<std::uint64_t>(stage.hook)).add(static_cast<std::uint64_t>(stage.kind)).add(stage.label);
    add(static_cast<std::uint64_t>(stage.order)).add(static_cast<std::uint64_t>(stage.policy)).add(stage.policy_origin);
    add(stage.kind == model::StageKind::track ? 0U : stage.chain.index());
  }
  return *this;
}

Digest& Digest::add(const std::vector<model::Gap>& gaps) {
  add(gaps.size());
  for (const model::Gap& gap : gaps)
    add(gap.span).add(static_cast<std::uint64_t>(gap.code)).add(gap.why);
  return *this;
}

Digest& Digest::add(const DiagnosticSink& sink) {
  add(sink.all().size()).add(sink.suppressed());
  for (const Diagnostic& diagnostic : sink.all()) {
    add(diagnostic.span).add(static_cast<std::uint64_t>(diagnostic.code)).add(diagnostic.message);
    add(diagnostic.hint).add(diagnostic.notes.size());
  }
  return *this;
}

std::vector<NamedText> split_files(std::string_view text) {
  constexpr std::string_view mark = "--- ";
  std::vector<NamedText> files;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::string_view whole = text.substr(0, std::min(end + 1, text.size()));
    if (line.starts_with(mark)) {
      files.push_back({std::string(line.substr(mark.size())), {}});
    } else if (!files.empty()) {
      files.back().text += whole;
    }
    text.remove_prefix(whole.size());
  }
  return files;
}

}  // namespace segproof::fuzz
