// SPDX-License-Identifier: Apache-2.0
// How the inventory readers speak: one file, one sink, and the counts that end in Inventory. It also knows how to cite
// a part of a value, so that a fault in the third item of a list is shown at the third item.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/line_account.h"
#include "base/source.h"

namespace segproof::input::inventory {

// A piece of text as the file means it (quotes removed), with the place where it is written.
struct Value {
  std::string text;
  SourceSpan span;
};

// Not thread-safe. Keeps references: store and sink outlive it.
class Reporter {
 public:
  Reporter(FileId file, const SourceStore& sources, DiagnosticSink& sink)
      : file_(file), sources_(sources), sink_(sink) {}

  void error(DiagnosticCode code, SourceSpan span, std::string message, std::string hint = "");
  void warning(DiagnosticCode code, SourceSpan span, std::string message, std::string hint = "");
  void note(DiagnosticCode code, SourceSpan span, std::string message, std::string hint = "");
  // With the place that it contradicts or repeats.
  void add(Severity severity, DiagnosticCode code, SourceSpan span, std::string message, DiagnosticNote other,
           std::string hint = "");

  [[nodiscard]] bool has_errors() const { return has_errors_; }
  [[nodiscard]] FileId file() const { return file_; }
  [[nodiscard]] std::string_view text() const { return sources_.text(file_); }
  [[nodiscard]] std::string_view line(std::uint32_t number) const { return sources_.line(file_, number); }
  [[nodiscard]] std::uint32_t line_count() const { return sources_.line_count(file_); }
  // The whole file.
  [[nodiscard]] SourceSpan whole() const { return {.file = file_, .line = 0, .column = 0, .length = 0}; }
  // `length` bytes of a line; the first byte of the line is column 1. Clipped to the line.
  [[nodiscard]] SourceSpan span(std::size_t line, std::size_t column, std::size_t length) const;
  // `length` bytes at an offset of the whole text, clipped to the line. O(log lines).
  [[nodiscard]] SourceSpan span_at(std::size_t offset, std::size_t length) const;
  // The column where `value.text` is written as it is, behind its quote; nothing where escapes stand between.
  // O(length).
  [[nodiscard]] std::optional<std::size_t> text_column(const Value& value) const;
  // The place of `part`, which is a view into `value.text`; all of the value where escapes stand between.
  [[nodiscard]] SourceSpan part_span(const Value& value, std::string_view part) const;

  // Counts one more item of a list of the file. False, and an error once, when there are more than any network needs.
  [[nodiscard]] bool take_item(SourceSpan span);

  // Says of a line that not all of it is taken in.
  void doubt(LineUse use, SourceSpan span, DiagnosticCode code, std::string why);
  [[nodiscard]] std::vector<LineNote> take_doubts() && { return std::move(doubts_); }

 private:
  FileId file_;
  const SourceStore& sources_;
  DiagnosticSink& sink_;
  std::size_t items_ = 0;
  bool has_errors_ = false;
  std::vector<LineNote> doubts_;
};

// "12 things: `a`, `b`, `c` and 9 more": the first names of a list, for notes that stand for many places.
[[nodiscard]] std::string some_names(const std::vector<std::string>& names);

}  // namespace segproof::input::inventory
