// SPDX-License-Identifier: Apache-2.0
// The files of a run: each path is read once, kept in the source store and accounted for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/file.h"
#include "base/input_file.h"
#include "base/source.h"
#include "input/reading_memory.h"
#include "input/snapshot.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::input {

// `.` and `..` taken out of a path as text: "a/b/../c" is "a/c". A link in the path is not looked at.
[[nodiscard]] std::string normal_path(std::string_view path);

class InputFiles {
 public:
  InputFiles(const FileSystem& files, SourceStore& sources, DiagnosticSink& sink, ReadingMemory* memory = nullptr)
      : files_(&files), sources_(&sources), sink_(&sink), memory_(memory) {}

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

  // What a reader makes of a file that was read, given a sink; from memory where there is one that knows it. `reader`
  // names the reader and all that it is given beside the file.
  template <class T>
  [[nodiscard]] std::shared_ptr<const T> once(FileId file, std::string_view reader,
                                              const std::function<T(DiagnosticSink&)>& read) {
    return memory_ == nullptr ? std::make_shared<const T>(read(*sink_))
                              : memory_->once<T>(memory_key(file, reader), *sink_, read);
  }

  // The same, and nothing that it says is heard.
  template <class T>
  [[nodiscard]] std::shared_ptr<const T> once_unheard(FileId file, std::string_view reader,
                                                      const std::function<T(DiagnosticSink&)>& read) {
    DiagnosticSink unheard;
    return memory_ == nullptr ? std::make_shared<const T>(read(unheard))
                              : memory_->once<T>(memory_key(file, reader), unheard, read);
  }

  [[nodiscard]] bool was_read(const std::string& path) const { return ids_.contains(normal_path(path)); }
  void take_format(FileId file, std::string_view format);
  [[nodiscard]] const InputFile& account(FileId file);
  // What a reader leaves undecided or does not understand, each said of the line where it stands.
  void doubt(LineUse use, const std::vector<model::Gap>& gaps);
  void doubt(LineNote note);
  // How the lines of a file were taken, from a reader that says so of each.
  void take_lines(FileId file, std::vector<LineUse> uses);
  // By path. What no reader spoke of is modelled, in a file that nobody recognised unmodelled.
  [[nodiscard]] std::vector<InputFile> accounts() const;

 private:
  [[nodiscard]] InputFile& entry(FileId file);
  [[nodiscard]] std::string memory_key(FileId file, std::string_view reader);

  const FileSystem* files_;
  SourceStore* sources_;
  DiagnosticSink* sink_;
  ReadingMemory* memory_;
  std::map<std::string, FileId> ids_;
  std::vector<InputFile> accounts_;
};

}  // namespace segproof::input
