// SPDX-License-Identifier: Apache-2.0
// Words of a command line, sorted by the options they belong to. Their meaning is arguments.h's.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace segproof::cli {

struct ParsedLine {
  std::string command;  // empty: none was given
  // Values by option name; a flag that was given has an empty list. The positional argument stands under its name.
  std::map<std::string, std::vector<std::string>, std::less<>> values;

  [[nodiscard]] bool has(std::string_view name) const { return values.contains(name); }
  // The values of an option, none when it was not given.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  // The only value, or the fallback.
  [[nodiscard]] std::string one(std::string_view name, std::string_view fallback = {}) const;
};

// Checks names, numbers of values and choices against the table. A failure is a message for the user; for a word that
// is nearly right it says which one was meant.
[[nodiscard]] Result<ParsedLine> parse_line(std::span<const std::string> words);

}  // namespace segproof::cli
