// SPDX-License-Identifier: Apache-2.0
// Places and counts in words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/source.h"

namespace segproof::report {

// "claims.yaml:14", "claims.yaml" for a whole file, "" for no file. Not escaped.
[[nodiscard]] std::string cite(const SourceSpan& span, const SourceStore& sources);

// The file's path, "" for no file.
[[nodiscard]] std::string_view path_of(const SourceSpan& span, const SourceStore& sources);

// The line without white space at its ends, "" for no line.
[[nodiscard]] std::string_view line_text(const SourceSpan& span, const SourceStore& sources);

// "1 claim", "2 claims".
[[nodiscard]] std::string count(std::size_t number, std::string_view one, std::string_view many);
[[nodiscard]] std::string count(std::size_t number, std::string_view one);  // many: with an s

// "dmz -> production"; only one of them, or "-", where a claim has no more.
[[nodiscard]] std::string direction(std::string_view from, std::string_view to);

}  // namespace segproof::report
