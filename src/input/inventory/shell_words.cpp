// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/shell_words.h"

#include <utility>

#include "base/text.h"

namespace segproof::input::inventory {
namespace {

// Reads the quoted text that opens at `at` into `text`; the offset behind it, or nothing when it does not close.
std::optional<std::size_t> read_quoted(std::string_view line, std::size_t at, std::string& text) {
  const char quote = line[at];
  for (std::size_t i = at + 1; i < line.size(); ++i) {
    if (line[i] == quote) {
      return i + 1;
    }
    const bool escape = quote == '"' && line[i] == '\\' && i + 1 < line.size();
    if (escape && (line[i + 1] == '"' || line[i + 1] == '\\')) {
      ++i;
    }
    text += line[i];
  }
  return std::nullopt;
}

}  // namespace

ShellWords shell_words(std::string_view line) {
  ShellWords result;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && is_space(line[at])) {
      ++at;
    }
    if (at == line.size() || line[at] == '#') {
      return result;
    }
    ShellWord word{.text = {}, .offset = at, .length = 0};
    while (at < line.size() && !is_space(line[at]) && line[at] != '#') {
      if (line[at] == '"' || line[at] == '\'') {
        const std::optional<std::size_t> behind = read_quoted(line, at, word.text);
        if (!behind) {
          result.unfinished = at;
          return result;
        }
        at = *behind;
      } else if (line[at] == '\\') {
        if (at + 1 == line.size()) {
          result.unfinished = at;
          return result;
        }
        word.text += line[at + 1];
        at += 2;
      } else {
        word.text += line[at++];
      }
    }
    word.length = at - word.offset;
    result.words.push_back(std::move(word));
  }
}

}  // namespace segproof::input::inventory
