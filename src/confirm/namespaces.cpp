// SPDX-License-Identifier: Apache-2.0
#include "confirm/namespaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace segproof::confirm {
namespace {

bool write_file(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return written;
}

std::string failure(std::string_view what) {
  return fmt::format("{}: {}", what, std::strerror(errno));
}

// As root within a namespace of users, where the process is not root outside.
std::string become_root_inside() {
  const std::string user = fmt::format("0 {} 1", geteuid());
  const std::string group = fmt::format("0 {} 1", getegid());
  if (unshare(CLONE_NEWUSER) != 0) {
    return failure("neither root nor a user namespace of its own");
  }
  if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", user) ||
      !write_file("/proc/self/gid_map", group)) {
    return failure("a user namespace of its own");
  }
  return {};
}

}  // namespace

std::string leave_host() {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
    if (errno != EPERM) {
      return failure("network namespaces");
    }
    if (std::string why = become_root_inside(); !why.empty()) {
      return why;
    }
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
      return failure("network namespaces");
    }
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return failure("a mount namespace of its own");
  }
  const bool has_run = access("/run", F_OK) == 0;
  return has_run && mount("none", "/run", "tmpfs", MS_NOSUID | MS_NODEV, nullptr) != 0 ? failure("a /run of its own")
                                                                                       : std::string();
}

Result<Namespace> Namespace::create() {
  if (unshare(CLONE_NEWNET) != 0) {
    return Failure{failure("a network namespace")};
  }
  return current();
}

Result<Namespace> Namespace::current() {
  const int file = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return Failure{failure("/proc/self/ns/net")};
  }
  return Namespace(file);
}

Namespace::Namespace(Namespace&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

Namespace& Namespace::operator=(Namespace&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

Namespace::~Namespace() {
  if (file_ >= 0) {
    close(file_);
  }
}

bool Namespace::enter() const {
  return setns(file_, CLONE_NEWNET) == 0;
}

std::string Namespace::path() const {
  return fmt::format("/proc/{}/fd/{}", getpid(), file_);
}

bool write_setting(const std::string& name, const std::string& value) {
  return write_file("/proc/sys/net/" + name, value + "\n");
}

}  // namespace segproof::confirm
