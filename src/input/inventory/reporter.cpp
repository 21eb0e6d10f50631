// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/reporter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace segproof::input::inventory {

void Reporter::error(DiagnosticCode code, SourceSpan span, std::string message, std::string hint) {
  has_errors_ = true;
  sink_.add({.code = code,
             .severity = Severity::error,
             .span = span,
             .message = std::move(message),
             .notes = {},
             .hint = std::move(hint)});
}

void Reporter::warning(DiagnosticCode code, SourceSpan span, std::string message, std::string hint) {
  sink_.add({.code = code,
             .severity = Severity::warning,
             .span = span,
             .message = std::move(message),
             .notes = {},
             .hint = std::move(hint)});
}

void Reporter::note(DiagnosticCode code, SourceSpan span, std::string message, std::string hint) {
  sink_.add({.code = code,
             .severity = Severity::note,
             .span = span,
             .message = std::move(message),
             .notes = {},
             .hint = std::move(hint)});
}

void Reporter::add(Severity severity, DiagnosticCode code, SourceSpan span, std::string message, DiagnosticNote other,
                   std::string hint) {
  has_errors_ = has_errors_ || severity == Severity::error;
  sink_.add({.code = code,
             .severity = severity,
             .span = span,
             .message = std::move(message),
             .notes = {std::move(other)},
             .hint = std::move(hint)});
}

void Reporter::doubt(LineUse use, SourceSpan span, DiagnosticCode code, std::string why) {
  doubts_.push_back({use, span, code, std::move(why)});
}

bool Reporter::take_item(SourceSpan span) {
  constexpr std::size_t limit = 2'000'000;
  if (items_ > limit) {
    return false;
  }
  if (++items_ > limit) {
    error(DiagnosticCode::inventory_too_large, span,
          fmt::format("the lists of this file have more than {} items", limit));
    return false;
  }
  return true;
}

SourceSpan Reporter::span(std::size_t line, std::size_t column, std::size_t length) const {
  const std::size_t size = sources_.line(file_, static_cast<std::uint32_t>(line)).size();
  const std::size_t room = column <= size ? size - column + 1 : 1;
  return {.file = file_,
          .line = static_cast<std::uint32_t>(line),
          .column = static_cast<std::uint32_t>(column),
          .length = static_cast<std::uint32_t>(std::clamp<std::size_t>(length, 1, room))};
}

SourceSpan Reporter::span_at(std::size_t offset, std::size_t length) const {
  const std::string_view whole_text = text();
  if (whole_text.empty()) {
    return whole();
  }
  std::uint32_t low = 1;  // a line that begins at or before the offset
  std::uint32_t high = std::max(line_count(), low) + 1;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    const auto begin = static_cast<std::size_t>(line(middle).data() - whole_text.data());
    (begin <= offset ? low : high) = middle;
  }
  const auto begin = static_cast<std::size_t>(line(low).data() - whole_text.data());
  return span(low, offset - begin + 1, length);
}

std::optional<std::size_t> Reporter::text_column(const Value& value) const {
  if (value.span.line == 0 || value.span.column == 0 || value.text.empty()) {
    return std::nullopt;
  }
  const std::string_view written = sources_.line(file_, value.span.line);
  const std::size_t begin = value.span.column - 1;
  if (begin >= written.size()) {
    return std::nullopt;
  }
  const std::size_t found = written.substr(begin, value.span.length).find(value.text);
  return found == std::string_view::npos ? std::nullopt : std::optional(begin + found + 1);
}

SourceSpan Reporter::part_span(const Value& value, std::string_view part) const {
  const std::optional<std::size_t> column = text_column(value);
  const auto offset = static_cast<std::size_t>(part.data() - value.text.data());
  return column ? span(value.span.line, *column + offset, part.size()) : value.span;
}

std::string some_names(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) {
    text += (i == 0 ? "" : ", ") + quote(names[i], 60);
  }
  if (names.size() > shown) {
    text += fmt::format(" and {} more", names.size() - shown);
  }
  return text;
}

}  // namespace segproof::input::inventory
