// SPDX-License-Identifier: Apache-2.0
#include "cli/watched_files.h"

#include <algorithm>

namespace segproof::cli {

void WatchedFiles::note(const std::string& path) const {
  if (path != own_output_ && !stamps_.contains(path)) {
    stamps_.emplace(path, files_.stamp(path));
  }
}

FileKind WatchedFiles::kind(const std::string& path) const {
  note(path);
  return files_.kind(path);
}

Result<std::string> WatchedFiles::read_file(const std::string& path, std::size_t limit) const {
  note(path);
  return files_.read_file(path, limit);
}

Result<std::vector<std::string>> WatchedFiles::list_folder(const std::string& path) const {
  note(path);
  return files_.list_folder(path);
}

bool WatchedFiles::have_changed() const {
  return std::ranges::any_of(stamps_, [&](const auto& known) { return files_.stamp(known.first) != known.second; });
}

std::string WatchedFiles::signature() const {
  std::string result;
  for (const auto& [path, stamp] : stamps_) {
    result += files_.stamp(path) + '\n';
  }
  return result;
}

}  // namespace segproof::cli
