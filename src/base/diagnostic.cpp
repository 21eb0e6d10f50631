// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "base/display.h"

namespace segproof {
namespace {

constexpr std::size_t tab_width = 8;
// Columns of a source line that are shown; and bytes of it that are looked at, so that a line of 100 MB costs nothing.
constexpr std::size_t shown_columns = 100;
constexpr std::size_t inspected_bytes = 4 * shown_columns;
constexpr std::string_view cut_mark = "...";

std::string_view severity_text(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  SEGPROOF_UNREACHABLE();
}

// "FILE:LINE:COLUMN: ", as much of it as the span knows.
std::string place_text(const SourceSpan& span, const SourceStore& sources) {
  if (!span.file.valid()) {
    return "segproof: ";
  }
  std::string place = escape_controls(sources.path(span.file));
  if (span.line > 0) {
    place += fmt::format(":{}", span.line);
    if (span.column > 0) {
      place += fmt::format(":{}", span.column);
    }
  }
  return place + ": ";
}

// One code point of the source line as it is shown, and whether the span covers it.
struct Cell {
  std::string shown;
  std::size_t width = 0;
  bool marked = false;
};

// The part of the line to look at: it starts on a code point, a little before the span.
struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Window inspected_window(std::string_view line, const SourceSpan& span) {
  const std::size_t mark = std::min<std::size_t>(span.column == 0 ? 0 : span.column - 1, line.size());
  std::size_t begin = mark > inspected_bytes / 2 ? mark - inspected_bytes / 2 : 0;
  for (int i = 0; i < 3 && begin > 0 && (static_cast<unsigned char>(line[begin]) & 0xc0U) == 0x80U; ++i) {
    --begin;
  }
  return {.begin = begin, .end = std::min(line.size(), mark + inspected_bytes)};
}

std::vector<Cell> line_cells(std::string_view line, const SourceSpan& span, Window window) {
  const std::size_t mark_begin = span.column == 0 ? line.size() + 1 : span.column - 1;
  const std::size_t mark_end = mark_begin + std::max<std::size_t>(span.length, 1);
  std::vector<Cell> cells;
  std::size_t column = 0;
  std::size_t at = window.begin;
  while (at < window.end) {
    const Glyph glyph = first_glyph(line.substr(at));
    Cell cell;
    if (glyph.code_point == U'\t') {
      cell.width = tab_width - column % tab_width;
      cell.shown = std::string(cell.width, ' ');
    } else if (must_be_escaped(glyph)) {
      cell.shown = escape_glyph(glyph);
      cell.width = cell.shown.size();
    } else {
      cell.shown = std::string(glyph.bytes);
      cell.width = glyph_width(glyph.code_point);
    }
    cell.marked = at < mark_end && at + glyph.bytes.size() > mark_begin;
    column += cell.width;
    at += glyph.bytes.size();
    cells.push_back(std::move(cell));
  }
  if (span.column > 0 && mark_begin >= line.size()) {
    cells.push_back({.shown = " ", .width = 1, .marked = true});
  }
  return cells;
}

std::string without_trailing_spaces(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// The source line and the carets under it, cut to `shown_columns` so that the first caret stays in sight.
std::string excerpt(const SourceSpan& span, const SourceStore& sources) {
  const std::string_view line = sources.line(span.file, span.line);
  const Window window = inspected_window(line, span);
  const std::vector<Cell> cells = line_cells(line, span, window);

  const auto mark = std::ranges::find(cells, true, &Cell::marked);
  std::size_t first = 0;
  if (mark != cells.end()) {
    // Two thirds of the width stay for the mark and what follows it.
    std::size_t before = 0;
    first = static_cast<std::size_t>(std::distance(cells.begin(), mark));
    std::size_t whole = 0;
    for (const Cell& cell : cells) {
      whole += cell.width;
    }
    const std::size_t room = whole <= shown_columns ? whole : shown_columns / 3;
    while (first > 0 && before + cells[first - 1].width <= room) {
      --first;
      before += cells[first].width;
    }
  }

  const bool cut_left = window.begin > 0 || first > 0;
  std::string text(cut_left ? cut_mark : "");
  std::string carets(text.size(), ' ');
  std::size_t used = 0;
  std::size_t last = first;
  for (; last < cells.size() && used + cells[last].width <= shown_columns; ++last) {
    text += cells[last].shown;
    carets.append(cells[last].width, cells[last].marked ? '^' : ' ');
    used += cells[last].width;
  }
  if (last < cells.size() || window.end < line.size()) {
    text += cut_mark;
  }
  const std::string number = fmt::format("{:>5}", span.line);
  std::string shown = without_trailing_spaces(fmt::format("{} | {}", number, text)) + "\n";
  if (mark != cells.end()) {
    shown += without_trailing_spaces(fmt::format("{:{}} | {}", "", number.size(), carets)) + "\n";
  }
  return shown;
}

}  // namespace

void DiagnosticSink::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) {
    ++errors_;
  }
  // Index 0 counts what belongs to no file.
  const std::size_t index = diagnostic.span.file.valid() ? diagnostic.span.file.index() + 1 : 0;
  if (index >= per_file_.size()) {
    per_file_.resize(index + 1, 0);
  }
  if (per_file_[index] >= limit_per_file_) {
    ++suppressed_;
    return;
  }
  ++per_file_[index];
  diagnostics_.push_back(std::move(diagnostic));
}

std::string render(const Diagnostic& diagnostic, const SourceStore& sources) {
  std::string text =
      fmt::format("{}{}: {} [{}]\n", place_text(diagnostic.span, sources), severity_text(diagnostic.severity),
                  escape_controls(diagnostic.message), code_text(diagnostic.code));
  if (diagnostic.span.file.valid() && diagnostic.span.line > 0) {
    text += excerpt(diagnostic.span, sources);
  }
  for (const DiagnosticNote& note : diagnostic.notes) {
    text += fmt::format("{}note: {}\n", place_text(note.span, sources), escape_controls(note.message));
  }
  if (!diagnostic.hint.empty()) {
    text += fmt::format("      = hint: {}\n", escape_controls(diagnostic.hint));
  }
  return text;
}

}  // namespace segproof
