// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "proof/signing.h"

namespace segproof::cli {
namespace {

// Writes a file that did not exist before, nor a link of its name. The reason when it could not be.
std::optional<std::string> write_new(const std::string& path, std::string_view bytes, mode_t mode) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (file < 0) {
    return fmt::format("cannot create {}: {}", quote(path), std::strerror(errno));
  }
  int error = 0;
  while (!bytes.empty() && error == 0) {
    const ssize_t size = ::write(file, bytes.data(), bytes.size());
    if (size > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      error = size == 0 ? EIO : errno;
    }
  }
  error = error == 0 && fsync(file) != 0 ? errno : error;
  error = close(file) != 0 && error == 0 ? errno : error;
  if (error == 0) {
    return std::nullopt;
  }
  unlink(path.c_str());
  return fmt::format("cannot write {}: {}", quote(path), std::strerror(error));
}

}  // namespace

ExitCode run_keygen(const ParsedLine& line, const World& world) {
  const std::string name = line.one("NAME");
  if (name.empty() || name.ends_with('/')) {
    complain(world.terminal, "NAME is the beginning of two file names, NAME.key and NAME.pub");
    return ExitCode::cannot_run;
  }
  const Result<proof::KeyPair> keys = proof::make_key_pair();
  if (!keys) {
    complain(world.terminal, keys.failure().message);
    return ExitCode::cannot_run;
  }
  std::optional<std::string> fault = write_new(name + ".key", keys.value().secret, 0600);
  if (!fault) {
    fault = write_new(name + ".pub", keys.value().open, 0644);
    if (fault) {
      unlink((name + ".key").c_str());
    }
  }
  if (fault) {
    complain(world.terminal, *fault);
    return ExitCode::cannot_run;
  }
  remark(world.terminal,
         fmt::format("keep {} to yourself; {} is for those who check", quote(name + ".key"), quote(name + ".pub")));
  return ExitCode::good;
}

}  // namespace segproof::cli
