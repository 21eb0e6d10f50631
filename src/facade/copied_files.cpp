// SPDX-License-Identifier: Apache-2.0
#include "facade/copied_files.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "base/text.h"
#include "input/snapshot_files.h"

namespace segproof::api {
namespace {

// What the paths of everything below a folder begin with. The current folder holds all that does not lead out of it.
std::string beginning_of(const std::string& folder) {
  const std::string normal = input::normal_path(folder);
  return normal == "." ? "" : join_path(normal, "");
}

bool is_below(std::string_view path, std::string_view beginning) {
  const bool leads_out = path.starts_with('/') || path.starts_with("../");
  return beginning.empty() ? !leads_out : path.starts_with(beginning) && path.size() > beginning.size();
}

Failure none(std::string_view path) {
  return Failure{fmt::format("there is no copy of {}", quote(path, 400))};
}

}  // namespace

FileKind CopiedFiles::kind(const std::string& path) const {
  if (files_.contains(input::normal_path(path))) {
    return FileKind::file;
  }
  const auto names = list_folder(path);
  return names.ok() ? FileKind::folder : FileKind::missing;
}

Result<std::string> CopiedFiles::read_file(const std::string& path, std::size_t limit) const {
  const auto found = files_.find(input::normal_path(path));
  if (found == files_.end() || found->second.size() > limit) {
    return none(path);
  }
  return found->second;
}

Result<std::vector<std::string>> CopiedFiles::list_folder(const std::string& path) const {
  const std::string beginning = beginning_of(path);
  std::set<std::string> names;
  for (const auto& [name, text] : files_) {
    if (is_below(name, beginning)) {
      const std::string_view rest = std::string_view(name).substr(beginning.size());
      names.emplace(rest.substr(0, rest.find('/')));
    }
  }
  if (names.empty()) {
    return none(path);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace segproof::api
