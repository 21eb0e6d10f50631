// SPDX-License-Identifier: Apache-2.0
// Includes files from one folder and below.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/file.h"
#include "input/nft/includes.h"

namespace segproof {

class FolderIncludes final : public NftIncludes {
 public:
  // `folder` is that of the ruleset. Files are added to `sources`; both outlive this.
  FolderIncludes(const FileSystem& files, SourceStore& sources, std::string folder)
      : files_(files), sources_(sources), folder_(std::move(folder)) {}

  [[nodiscard]] Result<std::vector<FileId>> open(FileId from, std::string_view pattern) override;

 private:
  Result<FileId> read(const std::string& path);
  const FileSystem& files_;
  SourceStore& sources_;
  std::string folder_;
  std::map<std::string, FileId> known_;
};

// Whether a name fits a pattern in which `*` stands for any text and `?` for one character. O(n * m).
[[nodiscard]] bool fits_pattern(std::string_view name, std::string_view pattern);

// The path of an included file below the folder of the file that names it; nothing where it leads out of `folder`.
[[nodiscard]] std::optional<std::string> included_path(std::string_view from, std::string_view pattern,
                                                       std::string_view folder);

}  // namespace segproof
