// SPDX-License-Identifier: Apache-2.0
// Source text and places in it. Every rule, route, host and claim keeps a SourceSpan, so that every answer can cite
// file and line. A SourceStore owns the texts; spans are only valid together with the store that issued their file.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.h"

namespace segproof {

using FileId = StrongId<struct FileTag>;

// A run of bytes on one line. Lines and columns count from 1; line 0 means the whole file; columns count bytes.
struct SourceSpan {
  FileId file = {};
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0;
  friend auto operator<=>(const SourceSpan&, const SourceSpan&) = default;
};

// Owns the text of all files of a run. Not thread-safe while files are added.
class SourceStore {
 public:
  // `path` is what the user wrote (it is what messages and results cite). The text is kept as it is, byte for byte.
  // Precondition: the text is smaller than 4 GiB (read_file has a far lower limit).
  FileId add(std::string path, std::string text);

  [[nodiscard]] std::size_t size() const { return files_.size(); }
  [[nodiscard]] std::string_view path(FileId file) const;
  [[nodiscard]] std::string_view text(FileId file) const;
  // The line without its end (\n or \r\n); empty when the file has no such line. O(1).
  [[nodiscard]] std::string_view line(FileId file, std::uint32_t number) const;
  [[nodiscard]] std::uint32_t line_count(FileId file) const;

 private:
  struct File {
    std::string path;
    std::string text;
    std::vector<std::uint32_t> line_starts;
  };
  [[nodiscard]] const File& at(FileId file) const;
  std::deque<File> files_;
};

}  // namespace segproof
