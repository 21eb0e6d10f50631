// SPDX-License-Identifier: Apache-2.0
#include "input/nft/folder_includes.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/text.h"

namespace segproof {

bool fits_pattern(std::string_view name, std::string_view pattern) {
  std::size_t n = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == name[n] || pattern[p] == '?')) {
      ++n;
      ++p;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

std::optional<std::string> included_path(std::string_view from, std::string_view pattern, std::string_view folder) {
  if (pattern.starts_with('/'))
    return std::nullopt;
  // From the folder at hand, part by part; never above `folder`.
  std::string_view below = folder_of(from);
  if (below == folder) {
    below = {};
  } else if (below.starts_with(folder) && (folder.ends_with('/') || below.substr(folder.size()).starts_with('/'))) {
    below.remove_prefix(folder.size() + (folder.ends_with('/') ? 0 : 1));
  } else {
    return std::nullopt;
  }
  std::vector<std::string_view> parts;
  for (const std::string_view text : {below, pattern}) {
    for (const std::string_view part : split(text, '/')) {
      if (part.empty() || part == ".")
        continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return std::nullopt;
      } else {
        parts.pop_back();
      }
    }
  }
  std::string path(folder);
  for (const std::string_view part : parts)
    path = join_path(path, part);
  return path;
}

Result<std::vector<FileId>> FolderIncludes::open(FileId from, std::string_view pattern) {
  const auto path = included_path(sources_.path(from), pattern, folder_);
  if (!path)
    return Failure{fmt::format("{} is not below the folder of the ruleset", quote(pattern))};
  std::vector<FileId> opened;
  if (path->find_first_of("*?[") == std::string::npos) {
    auto file = read_(*path);
    if (!file)
      return file.failure();
    opened.push_back(file.value());
    return opened;
  }
  const std::string_view place = folder_of(*path);
  if (place.find_first_of("*?[") != std::string_view::npos || path->find('[') != std::string::npos)
    return Failure{fmt::format("{} is a pattern that is not followed", quote(pattern))};
  if (files_.kind(std::string(place)) != FileKind::folder)
    return opened;
  const auto names = files_.list_folder(std::string(place));
  if (!names)
    return names.failure();
  for (const std::string& name : names.value()) {
    if (name.starts_with('.') || !fits_pattern(name, file_name(*path)))
      continue;
    auto file = read_(join_path(place, name));
    if (!file)
      return file.failure();
    opened.push_back(file.value());
  }
  return opened;
}

}  // namespace segproof
