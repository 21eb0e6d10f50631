// SPDX-License-Identifier: Apache-2.0
// What we tell the user about the files that were read: a code of the catalogue, a place, a message, notes and a hint.
// Messages are lower case, without a full stop, quote with backticks and give the hint last.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic_code.h"
#include "base/source.h"

namespace segproof {

enum class Severity { note, warning, error };

struct DiagnosticNote {
  SourceSpan span = {};
  std::string message;
};

struct Diagnostic {
  DiagnosticCode code{};
  Severity severity = Severity::error;
  SourceSpan span = {};
  std::string message;
  std::vector<DiagnosticNote> notes = {};
  std::string hint = {};
};

// Collects diagnostics in the order in which they are found. It keeps at most `limit` per file and counts the rest, so
// that a hostile file cannot fill the memory.
class DiagnosticSink {
 public:
  explicit DiagnosticSink(std::size_t limit_per_file = 1000) : limit_per_file_(limit_per_file) {}

  void add(Diagnostic diagnostic);
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return diagnostics_; }
  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t error_count() const { return errors_; }
  // Diagnostics that were counted but not kept.
  [[nodiscard]] std::size_t suppressed() const { return suppressed_; }

 private:
  std::size_t limit_per_file_;
  std::size_t errors_ = 0;
  std::size_t suppressed_ = 0;
  std::vector<Diagnostic> diagnostics_;
  std::vector<std::size_t> per_file_;
};

// "FILE:LINE:COLUMN: error: MESSAGE [SP0213]", the line, a caret line under it, notes and the hint, as in house.md.
// Control characters of the input are shown as escapes, long lines are cut around the caret.
[[nodiscard]] std::string render(const Diagnostic& diagnostic, const SourceStore& sources);

}  // namespace segproof
