// SPDX-License-Identifier: Apache-2.0
#include "report/cite.h"

#include <fmt/format.h>

#include "base/excerpt.h"
#include "base/text.h"

namespace segproof::report {

std::string_view path_of(const SourceSpan& span, const SourceStore& sources) {
  return span.file.valid() ? sources.path(span.file) : std::string_view{};
}

std::string cite(const SourceSpan& span, const SourceStore& sources) {
  const std::string_view path = path_of(span, sources);
  return path.empty() || span.line == 0 ? std::string(path) : fmt::format("{}:{}", path, span.line);
}

std::string_view line_text(const SourceSpan& span, const SourceStore& sources) {
  if (!span.file.valid() || span.line == 0) {
    return {};
  }
  return trim(front_of(sources.line(span.file, span.line), longest_quoted_line));
}

std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string count(std::size_t number, std::string_view one) {
  return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

std::string direction(std::string_view from, std::string_view to) {
  if (from.empty() || to.empty()) {
    return from.empty() && to.empty() ? "-" : std::string(from.empty() ? to : from);
  }
  return fmt::format("{} -> {}", from, to);
}

}  // namespace segproof::report
