// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"

namespace segproof::cli {

// Files that remember what was asked of them, and how it was then: whatever a run read, or missed, or listed.
// Not thread-safe.
class WatchedFiles final : public FileSystem {
 public:
  // `own_output` is written by the program itself, and is not watched. `files` outlives this.
  WatchedFiles(const FileSystem& files, std::string own_output) : files_(files), own_output_(std::move(own_output)) {}

  [[nodiscard]] FileKind kind(const std::string& path) const override;
  [[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<std::string>> list_folder(const std::string& path) const override;
  [[nodiscard]] std::string stamp(const std::string& path) const override { return files_.stamp(path); }

  // A new run begins.
  void forget() { stamps_.clear(); }
  // Some of it may be other than it was when it was asked for.
  [[nodiscard]] bool have_changed() const;
  // How all of it is now: another text when some of it may have changed.
  [[nodiscard]] std::string signature() const;

 private:
  void note(const std::string& path) const;

  const FileSystem& files_;
  std::string own_output_;
  mutable std::map<std::string, std::string> stamps_;  // by path, from before the first question
};

}  // namespace segproof::cli
