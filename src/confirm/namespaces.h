// SPDX-License-Identifier: Apache-2.0
// Network namespaces without a name: they hang on open files, so nothing of them is left when the process ends, however
// it ends.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace segproof::confirm {

// Leaves the host's namespaces for good: network, mounts (with a /run of its own, for locks of programs), and, without
// root, users. Precondition: one thread, and a process that may be thrown away. Empty, or why it cannot be.
[[nodiscard]] std::string leave_host();

class Namespace {
 public:
  // A new, empty network namespace; the process is in it afterwards.
  [[nodiscard]] static Result<Namespace> create();
  // The one that the process is in.
  [[nodiscard]] static Result<Namespace> current();
  Namespace(Namespace&& other) noexcept;
  Namespace& operator=(Namespace&& other) noexcept;
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;
  ~Namespace();

  [[nodiscard]] bool enter() const;
  [[nodiscard]] std::string path() const;  // for programs of this process's children: "/proc/123/fd/7"

 private:
  explicit Namespace(int file) : file_(file) {}
  int file_ = -1;
};

// Writes a file below /proc/sys/net of the namespace that the process is in. False: the kernel does not have it, or
// refuses the value.
bool write_setting(const std::string& name, const std::string& value);

}  // namespace segproof::confirm
