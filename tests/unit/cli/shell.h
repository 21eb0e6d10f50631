// SPDX-License-Identifier: Apache-2.0
// Shell commands and the files that they read, for tests.
#pragma once

#include <string>
#include <utility>

namespace segproof::cli {

// Whether the command ended well, and what it printed on both streams, trimmed.
[[nodiscard]] std::pair<bool, std::string> shell_output(const std::string& command);

// A file that exists as long as this does.
class TextFile {
 public:
  // `name` tells files of one test apart.
  explicit TextFile(const std::string& text, const std::string& name = "file");
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace segproof::cli
