// SPDX-License-Identifier: Apache-2.0
// Includes files from one folder and below.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/file.h"
#include "input/nft/includes.h"

namespace segproof {

class FolderIncludes final : public NftIncludes {
 public:
  using Read = std::function<Result<FileId>(const std::string& path)>;

  // `folder` is that of the ruleset; `read` puts the text of a path into the store, once. All outlive this.
  FolderIncludes(const FileSystem& files, const SourceStore& sources, std::string folder, Read read)
      : files_(files), sources_(sources), folder_(std::move(folder)), read_(std::move(read)) {}

  [[nodiscard]] Result<std::vector<FileId>> open(FileId from, std::string_view pattern) override;

 private:
  const FileSystem& files_;
  const SourceStore& sources_;
  std::string folder_;
  Read read_;
};

// Whether a name fits a pattern in which `*` stands for any text and `?` for one character. O(n * m).
[[nodiscard]] bool fits_pattern(std::string_view name, std::string_view pattern);

// The path of an included file below the folder of the file that names it; nothing where it leads out of `folder`.
[[nodiscard]] std::optional<std::string> included_path(std::string_view from, std::string_view pattern,
                                                       std::string_view folder);

}  // namespace segproof
