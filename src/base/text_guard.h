// SPDX-License-Identifier: Apache-2.0
// What a text must be before any parser sees it: not too large, no line too long, no NUL byte, UTF-8. Parsers then need
// no such checks of their own, and their libraries are not handed a line of 100 MB.
#pragma once

#include <cstddef>

#include "base/diagnostic.h"
#include "base/file.h"
#include "base/source.h"

namespace segproof {

struct TextLimits {
  std::size_t bytes = default_file_limit;
  // Formats that put a whole document on one line (JSON) set this to `bytes`.
  std::size_t line_bytes = std::size_t{1} << 20U;
  // A configuration in an old encoding is readable but for its comments: its reader may ask for a warning.
  Severity bad_utf8 = Severity::error;
};

// Adds at most one diagnostic of each kind, at its first place. True when nothing of severity error was found, so that
// the parser may run. O(n).
[[nodiscard]] bool guard_text(const SourceStore& sources, FileId file, const TextLimits& limits, DiagnosticSink& sink);

}  // namespace segproof
