// SPDX-License-Identifier: Apache-2.0
#include "base/text_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace segproof {
namespace {

// The place of a byte; O(lines).
SourceSpan span_at(std::string_view text, FileId file, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
  const std::size_t start = before.rfind('\n') + 1;  // 0 when there is none
  return {.file = file,
          .line = static_cast<std::uint32_t>(line),
          .column = static_cast<std::uint32_t>(offset - start + 1),
          .length = 1};
}

// The offset at which the first line that is longer than `limit` passes it.
std::optional<std::size_t> first_long_line(std::string_view text, std::size_t limit) {
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    if (end - start > limit) {
      return start + limit;
    }
    start = end + 1;
  }
  return std::nullopt;
}

bool looks_like_utf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0'));
}

// Collects what is found and remembers whether the parser may run.
class Findings {
 public:
  Findings(std::string_view text, FileId file, DiagnosticSink& sink) : text_(text), file_(file), sink_(sink) {}

  void add(DiagnosticCode code, Severity severity, std::size_t offset, std::string message, std::string hint) {
    add_at(span_at(text_, file_, offset), code, severity, std::move(message), std::move(hint));
  }
  void add_at(SourceSpan span, DiagnosticCode code, Severity severity, std::string message, std::string hint) {
    passed_ = passed_ && severity != Severity::error;
    sink_.add({.code = code,
               .severity = severity,
               .span = span,
               .message = std::move(message),
               .notes = {},
               .hint = std::move(hint)});
  }
  [[nodiscard]] bool passed() const { return passed_; }

 private:
  std::string_view text_;
  FileId file_;
  DiagnosticSink& sink_;
  bool passed_ = true;
};

}  // namespace

bool guard_text(const SourceStore& sources, FileId file, const TextLimits& limits, DiagnosticSink& sink) {
  const std::string_view text = sources.text(file);
  Findings findings(text, file, sink);
  if (text.size() > limits.bytes) {
    findings.add_at({.file = file}, DiagnosticCode::file_too_large, Severity::error,
                    fmt::format("the file has {} bytes, the limit is {}", text.size(), limits.bytes), "");
    return false;
  }
  if (const std::optional<std::size_t> at = first_long_line(text, limits.line_bytes)) {
    findings.add(DiagnosticCode::line_too_long, Severity::error, *at,
                 fmt::format("the line is longer than {} bytes", limits.line_bytes), "");
  }
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    findings.add(DiagnosticCode::nul_byte, Severity::error, at, "the file contains a NUL byte",
                 looks_like_utf16(text) ? "this looks like UTF-16; save the file as UTF-8" : "");
  }
  if (const std::optional<std::size_t> at = first_invalid_utf8(text)) {
    findings.add(DiagnosticCode::invalid_utf8, limits.bad_utf8, *at,
                 fmt::format("byte 0x{:02x} is not valid UTF-8", static_cast<unsigned char>(text[*at])),
                 "save the file as UTF-8");
  }
  return findings.passed();
}

}  // namespace segproof
