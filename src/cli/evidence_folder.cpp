// SPDX-License-Identifier: Apache-2.0
#include "cli/evidence_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/signal_shield.h"

namespace segproof::cli {
namespace {

namespace fs = std::filesystem;

std::string cannot_write(const std::string& path, int error) {
  return fmt::format("cannot write {}: {}", quote(path), std::strerror(error));
}

// Without slashes at its end; where a link leads to, if it leads anywhere.
std::string target_of(const std::string& path) {
  std::string name = path;
  while (name.size() > 1 && name.ends_with('/')) {
    name.pop_back();
  }
  std::error_code error;
  const fs::path real = fs::canonical(name, error);
  return error ? name : real.string();
}

mode_t usual_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0777U & ~mask;
}

// Removes the temporary folder unless it was renamed.
class Temporary {
 public:
  explicit Temporary(const std::string& target) : path_(target + ".XXXXXX") {
    exists_ = mkdtemp(path_.data()) != nullptr;
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    std::error_code ignored;
    if (exists_) {
      fs::remove_all(path_, ignored);
    }
  }
  [[nodiscard]] bool exists() const { return exists_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Zero, or the error number.
  int become(const std::string& target) {
    const bool is_done = std::rename(path_.c_str(), target.c_str()) == 0;
    exists_ = !is_done;
    return is_done ? 0 : errno;
  }

 private:
  std::string path_;
  bool exists_ = false;
};

// What was renamed stays renamed when the power fails. Where a folder cannot be opened for that, nothing is lost yet.
void settle(const std::string& folder) {
  const int number = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number >= 0) {
    static_cast<void>(fsync(number));
    close(number);
  }
}

}  // namespace

std::optional<std::string> unusable_folder(const std::string& path) {
  const std::string target = target_of(path);
  if (path.empty()) {
    return "the folder for the evidence has no name";
  }
  struct stat status {};
  const bool exists = lstat(target.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) {
    return cannot_write(path, errno);
  }
  if (exists) {
    std::error_code error;
    const bool is_empty = S_ISDIR(status.st_mode) && fs::is_empty(target, error) && !error;
    if (!is_empty) {
      return fmt::format("{} exists; evidence goes into a new or an empty folder", quote(path));
    }
  }
  const std::string parent(folder_of(target));
  return access(parent.c_str(), W_OK | X_OK) == 0 ? std::nullopt : std::optional(cannot_write(path, errno));
}

Result<std::size_t> write_folder(const std::string& path, const std::map<std::string, std::string>& files) {
  if (const std::optional<std::string> reason = unusable_folder(path)) {
    return Failure{*reason};
  }
  const std::string target = target_of(path);
  const SignalShield shield;
  Temporary temporary(target);
  if (!temporary.exists()) {
    return Failure{cannot_write(path, errno)};
  }
  const mode_t mode = usual_mode();
  for (const auto& [name, bytes] : files) {
    const std::string file = join_path(temporary.path(), name);
    const std::string folder(folder_of(file));
    if (mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) {
      return Failure{cannot_write(path, errno)};
    }
    const Result<std::size_t> written = write_atomically(file, bytes);
    if (!written) {
      return written.failure();
    }
  }
  struct stat before {};
  const mode_t wanted = stat(target.c_str(), &before) == 0 ? before.st_mode & 07777U : mode;
  if (chmod(temporary.path().c_str(), wanted) != 0) {
    return Failure{cannot_write(path, errno)};
  }
  if (const int error = temporary.become(target); error != 0) {
    return Failure{cannot_write(path, error)};
  }
  settle(std::string(folder_of(target)));
  return files.size();
}

}  // namespace segproof::cli
