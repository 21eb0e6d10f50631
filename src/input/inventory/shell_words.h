// SPDX-License-Identifier: Apache-2.0
// Words as a shell cuts them: white space separates, quotes and backslashes join, `#` begins a comment. It follows
// Python's shlex in POSIX mode with comments, which is what Ansible uses, so `#` counts within a word, too.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace segproof::input::inventory {

struct ShellWord {
  std::string text;    // without quotes
  std::size_t offset;  // of the line, as it is written
  std::size_t length;
};

struct ShellWords {
  std::vector<ShellWord> words;
  // Where a quote opens that is not closed, or a backslash ends the line. Then `words` holds what came before.
  std::optional<std::size_t> unfinished;
};

[[nodiscard]] ShellWords shell_words(std::string_view line);

}  // namespace segproof::input::inventory
