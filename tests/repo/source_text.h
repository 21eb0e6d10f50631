// SPDX-License-Identifier: Apache-2.0
// As much of C++ as the checks need: code without comments and literals, and the include lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace segproof::repo {

// The text with comments, strings and character literals blanked out, line breaks kept.
[[nodiscard]] std::string code_only(std::string_view text);

struct Include {
  std::string path;
  bool quoted = false;  // "path", not <path>
  std::size_t line = 0;
};

[[nodiscard]] std::vector<Include> includes_of(std::string_view text);

// The lines of `default:` labels in switches that also have a case label of an enum class.
[[nodiscard]] std::vector<std::size_t> defaults_of_enum_switches(std::string_view text);

[[nodiscard]] std::size_t line_at(std::string_view text, std::size_t offset);

}  // namespace segproof::repo
