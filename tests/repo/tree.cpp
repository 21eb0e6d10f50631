// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace segproof::repo {

Tree project_tree() {
  namespace fs = std::filesystem;
  constexpr std::uintmax_t largest = std::uintmax_t{1} << 20U;
  Tree tree;
  const fs::recursive_directory_iterator end;
  for (fs::recursive_directory_iterator entry("."); entry != end; ++entry) {
    const std::string name = entry->path().filename().string();
    const bool top = entry.depth() == 0;
    if (entry->is_directory() &&
        ((top && (name == "build" || name == ".git" || name == ".cache")) || name == "__pycache__")) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || entry->file_size() > largest) {
      continue;
    }
    std::ifstream file(entry->path(), std::ios::binary);
    tree[entry->path().lexically_normal().generic_string()] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return tree;
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

bool has_extension(std::string_view path, std::string_view extension) {
  return path.ends_with(extension);
}

bool is_cxx(std::string_view path) {
  return has_extension(path, ".h") || has_extension(path, ".cpp") || has_extension(path, ".def");
}

bool is_build_list(std::string_view path) {
  return path == "CMakeLists.txt" || path.ends_with("/CMakeLists.txt");
}

std::string listed(const Complaints& complaints) {
  std::string text;
  for (const std::string& complaint : complaints) {
    text += complaint + "\n";
  }
  return text;
}

}  // namespace segproof::repo
