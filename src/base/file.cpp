// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "base/sha256.h"
#include "base/text.h"

namespace segproof {
namespace {

Failure cannot(std::string_view verb, std::string_view path, std::string_view reason) {
  return Failure{fmt::format("cannot {} {}: {}", verb, quote(path, 400), reason)};
}

std::string error_text(int error) {
  return std::generic_category().message(error);
}

std::string size_text(std::size_t bytes) {
  constexpr std::size_t mebi = std::size_t{1} << 20U;
  return bytes >= mebi && bytes % mebi == 0 ? fmt::format("{} MiB", bytes / mebi) : fmt::format("{} bytes", bytes);
}

std::string above_limit(std::size_t limit) {
  return fmt::format("it is larger than the limit of {}", size_text(limit));
}

// Closes a descriptor at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  [[nodiscard]] int number() const { return number_; }
  // The error of closing, or 0.
  [[nodiscard]] int close_now() { return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno; }

 private:
  int number_;
};

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) {
    return FileKind::file;
  }
  return S_ISDIR(mode) ? FileKind::folder : FileKind::other;
}

bool usable_path(const std::string& path) {
  return !path.empty() && path.find('\0') == std::string::npos;
}

// Why a file of this kind is not read; nothing when it is.
std::optional<std::string> refusal(FileKind kind) {
  switch (kind) {
    case FileKind::missing:
      return "it does not exist";
    case FileKind::folder:
      return "it is a folder";
    case FileKind::other:
      return "it is not a regular file (pipes are read with `-`)";
    case FileKind::file:
      return std::nullopt;
  }
  SEGPROOF_UNREACHABLE();
}

// Reads until the end, even if the file grew since it was measured (or has no measure, as in /proc).
Result<std::string> read_all(int descriptor, const std::string& path, std::size_t expected, std::size_t limit) {
  std::string text;
  text.reserve(expected);
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = ::read(descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return cannot("read", path, error_text(errno));
    }
    if (got == 0) {
      return text;
    }
    if (static_cast<std::size_t>(got) > limit - text.size()) {
      return cannot("read", path, above_limit(limit));
    }
    text.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string FileSystem::stamp(const std::string& path) const {
  switch (kind(path)) {
    case FileKind::file: {
      const Result<std::string> text = read_file(path);
      return text ? "file:" + sha256_hex(text.value()) : "unreadable";
    }
    case FileKind::folder: {
      const Result<std::vector<std::string>> names = list_folder(path);
      return names ? fmt::format("folder:{}", fmt::join(names.value(), "/")) : "unreadable";
    }
    case FileKind::missing:
      return "missing";
    case FileKind::other:
      return "other";
  }
  SEGPROOF_UNREACHABLE();
}

std::string RealFileSystem::stamp(const std::string& path) const {
  struct stat status {};
  if (!usable_path(path) || ::stat(path.c_str(), &status) != 0) {
    return "missing";
  }
  if (kind_of(status.st_mode) == FileKind::folder) {
    return FileSystem::stamp(path);  // its times change with files that come and go between two looks
  }
  return fmt::format("{}:{}:{}:{}:{}.{}:{}.{}", status.st_mode, status.st_dev, status.st_ino, status.st_size,
                     status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

FileKind RealFileSystem::kind(const std::string& path) const {
  struct stat status {};
  return usable_path(path) && ::stat(path.c_str(), &status) == 0 ? kind_of(status.st_mode) : FileKind::missing;
}

Result<std::string> RealFileSystem::read_file(const std::string& path, std::size_t limit) const {
  if (!usable_path(path)) {
    return cannot("read", path, "it is not a usable path");
  }
  // Without O_NONBLOCK the opening of a pipe would wait for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    return cannot("read", path, error_text(errno));
  }
  if (const std::optional<std::string> reason = refusal(kind_of(status.st_mode))) {
    return cannot("read", path, *reason);
  }
  const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  if (size > limit) {
    return cannot("read", path, above_limit(limit));
  }
  try {
    return read_all(file.number(), path, size, limit);
  } catch (const std::bad_alloc&) {
    return cannot("read", path, "not enough memory");
  }
}

Result<std::vector<std::string>> RealFileSystem::list_folder(const std::string& path) const {
  if (!usable_path(path)) {
    return cannot("list", path, "it is not a usable path");
  }
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) {
    return cannot("list", path, error_text(error.value()));
  }
  std::ranges::sort(names);
  return names;
}

void MemoryFileSystem::add(std::string path, std::string text) {
  files_.insert_or_assign(std::move(path), std::move(text));
}

FileKind MemoryFileSystem::kind(const std::string& path) const {
  if (files_.contains(path)) {
    return FileKind::file;
  }
  const std::string prefix = join_path(path, "");
  const auto below = files_.lower_bound(prefix);
  return below != files_.end() && below->first.starts_with(prefix) ? FileKind::folder : FileKind::missing;
}

Result<std::string> MemoryFileSystem::read_file(const std::string& path, std::size_t limit) const {
  if (const std::optional<std::string> reason = refusal(kind(path))) {
    return cannot("read", path, *reason);
  }
  const std::string& text = files_.at(path);
  if (text.size() > limit) {
    return cannot("read", path, above_limit(limit));
  }
  return text;
}

Result<std::vector<std::string>> MemoryFileSystem::list_folder(const std::string& path) const {
  if (kind(path) != FileKind::folder) {
    return cannot("list", path, kind(path) == FileKind::file ? "it is not a folder" : "it does not exist");
  }
  const std::string prefix = join_path(path, "");
  std::set<std::string> names;
  for (auto below = files_.lower_bound(prefix); below != files_.end() && below->first.starts_with(prefix); ++below) {
    const std::string_view rest = std::string_view(below->first).substr(prefix.size());
    names.emplace(rest.substr(0, rest.find('/')));
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::string> read_stream(std::FILE* stream, std::string_view name, std::size_t limit) {
  std::string text;
  std::array<char, 65536> block{};
  try {
    for (;;) {
      const std::size_t got = std::fread(block.data(), 1, block.size(), stream);
      if (got > limit - text.size()) {
        return cannot("read", name, above_limit(limit));
      }
      text.append(block.data(), got);
      if (got < block.size()) {
        break;
      }
    }
  } catch (const std::bad_alloc&) {
    return cannot("read", name, "not enough memory");
  }
  if (std::ferror(stream) != 0) {
    return cannot("read", name, "the stream failed");
  }
  return text;
}

Result<std::size_t> write_file(const std::string& path, std::string_view bytes) {
  if (!usable_path(path)) {
    return cannot("write", path, "it is not a usable path");
  }
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666));
  if (file.number() < 0) {
    return cannot("write", path, error_text(errno));
  }
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t written = ::write(file.number(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return cannot("write", path, error_text(errno));
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (const int error = file.close_now(); error != 0) {
    return cannot("write", path, error_text(error));
  }
  return bytes.size();
}

std::string join_path(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && !path.ends_with('/')) {
    path += '/';
  }
  return path.append(name);
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return ".";
  }
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

}  // namespace segproof
