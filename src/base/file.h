// SPDX-License-Identifier: Apache-2.0
// Files behind a small interface, so that tests need no disk. Reading is bounded: folders, pipes, devices and files
// above the limit are refused before their content is looked at. "-" has no meaning here; read_stream() reads a stream.
#pragma once

#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace segproof {

enum class FileKind { missing, file, folder, other };

// The largest file that is read unless the caller says otherwise.
inline constexpr std::size_t default_file_limit = std::size_t{256} << 20U;

class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  // What a path leads to, links followed. What cannot be looked at is missing.
  [[nodiscard]] virtual FileKind kind(const std::string& path) const = 0;
  // All bytes of a regular file of at most `limit` bytes.
  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path,
                                                      std::size_t limit = default_file_limit) const = 0;
  // The names (not paths) in a folder, dotfiles included, "." and ".." not, in byte order.
  [[nodiscard]] virtual Result<std::vector<std::string>> list_folder(const std::string& path) const = 0;
  // Another text whenever a file, the names in a folder, or whether there is anything may have changed. It is for
  // comparing with an earlier one, and quick where the system keeps times; here it is made of what is read.
  [[nodiscard]] virtual std::string stamp(const std::string& path) const;
};

// The disk. Thread-safe.
class RealFileSystem final : public FileSystem {
 public:
  [[nodiscard]] FileKind kind(const std::string& path) const override;
  [[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<std::string>> list_folder(const std::string& path) const override;
  [[nodiscard]] std::string stamp(const std::string& path) const override;  // does not read it
};

// Files in memory, for tests. Folders exist where a file lies below them. Paths are compared as text ("a/b", no "..").
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem() = default;
  explicit MemoryFileSystem(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  void add(std::string path, std::string text);

  [[nodiscard]] FileKind kind(const std::string& path) const override;
  [[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<std::string>> list_folder(const std::string& path) const override;

 private:
  std::map<std::string, std::string> files_;
};

// All bytes up to the end of an open stream (standard input), at most `limit`. `name` is for the message.
[[nodiscard]] Result<std::string> read_stream(std::FILE* stream, std::string_view name, std::size_t limit);

// Writes all bytes to a file, creating or replacing it. Returns the number of bytes, or why it failed; the file may
// then be incomplete.
[[nodiscard]] Result<std::size_t> write_file(const std::string& path, std::string_view bytes);

// "folder/name" with one slash between; `folder` alone is kept as it is written.
[[nodiscard]] std::string join_path(std::string_view folder, std::string_view name);
// What stands after the last slash; and before it ("." if there is none).
[[nodiscard]] std::string_view file_name(std::string_view path);
[[nodiscard]] std::string_view folder_of(std::string_view path);

}  // namespace segproof
