// SPDX-License-Identifier: Apache-2.0
#include "build_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/text.h"

namespace segproof::repo {
namespace {

// A word of the list, without quotation marks and closing brackets.
bool lists(std::string_view build_list, std::string_view path) {
  for (const std::string_view line : split(build_list, '\n')) {
    for (std::string_view word : split_words(line.substr(0, line.find('#')))) {
      while (!word.empty() && (word.back() == ')' || word.back() == '"')) {
        word.remove_suffix(1);
      }
      word.remove_prefix(std::min(word.find_last_of("(\"") + 1, word.size()));
      if (word == path) {
        return true;
      }
    }
  }
  return false;
}

// The path of the nearest list, and the source's path relative to it.
struct Nearest {
  const std::string* build_list;
  std::string_view relative;
};

std::optional<Nearest> nearest_list(const Tree& tree, std::string_view path) {
  std::string_view folder = folder_of(path);
  while (folder != ".") {
    const auto found = tree.find(join_path(folder, "CMakeLists.txt"));
    if (found != tree.end()) {
      return Nearest{.build_list = &found->second, .relative = path.substr(folder.size() + 1)};
    }
    folder = folder_of(folder);
  }
  return std::nullopt;
}

}  // namespace

Complaints unlisted_sources(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!has_extension(path, ".cpp") || (!is_below(path, "src") && !is_below(path, "tests"))) {
      continue;
    }
    const std::optional<Nearest> nearest = nearest_list(tree, path);
    if (!nearest || !lists(*nearest->build_list, nearest->relative)) {
      complaints.push_back(fmt::format("{}:1: no CMakeLists.txt lists it", path));
    }
  }
  return complaints;
}

}  // namespace segproof::repo
