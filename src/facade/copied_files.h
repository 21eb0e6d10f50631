// SPDX-License-Identifier: Apache-2.0
// Files that were read before, at the paths where they were: what a bundle of evidence holds, or what goes into one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file.h"

namespace segproof::api {

// Folders exist where a file lies below them. Paths may be written in any way that names the same place as text.
class CopiedFiles final : public FileSystem {
 public:
  // `path` as readers account for it (InputFile::path).
  void add(const std::string& path, std::string text) { files_.insert_or_assign(path, std::move(text)); }

  [[nodiscard]] FileKind kind(const std::string& path) const override;
  [[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<std::string>> list_folder(const std::string& path) const override;

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace segproof::api
