// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"

namespace segproof::cli {

// The disk, with "-" for standard input. Standard input can be read once.
class InputFiles final : public FileSystem {
 public:
  [[nodiscard]] FileKind kind(const std::string& path) const override;
  [[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<std::string>> list_folder(const std::string& path) const override;
  [[nodiscard]] std::string stamp(const std::string& path) const override;

 private:
  RealFileSystem disk_;
};

}  // namespace segproof::cli
