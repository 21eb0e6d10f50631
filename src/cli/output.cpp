// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "cli/signal_shield.h"

namespace segproof::cli {
namespace {

Failure cannot_write(const std::string& path, int error) {
  return {fmt::format("cannot write {}: {}", quote(path), std::strerror(error))};
}

// Zero, or the error number.
int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(file, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return size == 0 ? EIO : errno;
    }
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return 0;
}

Result<std::size_t> write_directly(const std::string& path, std::string_view bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) {
    return cannot_write(path, errno);
  }
  const int error = write_all(file, bytes);
  const int close_error = close(file) == 0 ? 0 : errno;
  if (error == EPIPE) {
    return bytes.size();
  }
  if (error != 0 || close_error != 0) {
    return cannot_write(path, error != 0 ? error : close_error);
  }
  return bytes.size();
}

// Zero, or the error number; the file is closed in any case.
int fill(int file, std::string_view bytes, mode_t mode) {
  int error = write_all(file, bytes);
  if (error == 0 && fchmod(file, mode) != 0) {
    error = errno;
  }
  if (error == 0 && fsync(file) != 0) {
    error = errno;
  }
  if (close(file) != 0 && error == 0) {
    error = errno;
  }
  return error;
}

mode_t usual_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666U & ~mask;
}

std::string resolved(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  std::string target = real == nullptr ? path : real;
  std::free(real);
  return target;
}

}  // namespace

Result<std::size_t> write_atomically(const std::string& path, std::string_view bytes) {
  struct stat before {};
  const bool exists = stat(path.c_str(), &before) == 0;
  if (exists && S_ISDIR(before.st_mode)) {
    return cannot_write(path, EISDIR);
  }
  if (exists && !S_ISREG(before.st_mode)) {
    return write_directly(path, bytes);
  }
  const std::string target = exists ? resolved(path) : path;
  std::string temporary = target + ".XXXXXX";
  const SignalShield shield;
  const int file = mkstemp(temporary.data());
  if (file < 0) {
    return cannot_write(path, errno);
  }
  int error = fill(file, bytes, exists ? before.st_mode & 0777U : usual_mode());
  if (error == 0 && std::rename(temporary.c_str(), target.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    unlink(temporary.c_str());
    return cannot_write(path, error);
  }
  return bytes.size();
}

Result<std::size_t> deliver(Terminal& terminal, const std::string& file, std::string_view answer) {
  if (!file.empty() && file != "-") {
    return write_atomically(file, answer);
  }
  if (terminal.write(Stream::out, answer) == Written::failed) {
    return Failure{"cannot write to standard output"};
  }
  return answer.size();
}

void remark(Terminal& terminal, std::string_view message) {
  static_cast<void>(terminal.write(Stream::err, fmt::format("segproof: note: {}\n", escape_controls(message))));
}

void complain(Terminal& terminal, std::string_view message) {
  // When standard error cannot be written either, there is nobody left to tell.
  static_cast<void>(terminal.write(Stream::err, fmt::format("segproof: error: {}\n", escape_controls(message))));
}

}  // namespace segproof::cli
