// SPDX-License-Identifier: Apache-2.0
// The files of a run: each path is read once, kept in the source store and accounted for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/file.h"
#include "base/source.h"
#include "input/snapshot.h"
#include "model/claim.h"

namespace segproof::input {

// `.` and `..` taken out of a path as text: "a/b/../c" is "a/c". A link in the path is not looked at.
[[nodiscard]] std::string normal_path(std::string_view path);

class InputFiles {
 public:
  InputFiles(const FileSystem& files, SourceStore& sources, DiagnosticSink& sink)
      : files_(&files), sources_(&sources), sink_(&sink) {}

  [[nodiscard]] const FileSystem& system() const { return *files_; }
  [[nodiscard]] SourceStore& sources() const { return *sources_; }
  [[nodiscard]] DiagnosticSink& sink() const { return *sink_; }

  // The file at a path, read before or now.
  [[nodiscard]] Result<FileId> read(const std::string& path);
  // The same for a path that a file names, relative to that file. What cannot be read is reported there.
  [[nodiscard]] std::optional<FileId> read_named(const claim::Name& name);
  // Where such a path leads.
  [[nodiscard]] std::string path_from(const claim::Name& name) const;
  // The names in a folder that count: no dotfiles, no *.md, no folders. Sorted.
  [[nodiscard]] Result<std::vector<std::string>> paths_in(const std::string& folder) const;

  [[nodiscard]] bool was_read(const std::string& path) const { return ids_.contains(normal_path(path)); }
  [[nodiscard]] InputFile& account(FileId file);
  [[nodiscard]] std::vector<InputFile> accounts() const;  // by path

 private:
  const FileSystem* files_;
  SourceStore* sources_;
  DiagnosticSink* sink_;
  std::map<std::string, FileId> ids_;
  std::vector<InputFile> accounts_;
};

}  // namespace segproof::input
