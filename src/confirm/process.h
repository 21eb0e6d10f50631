// SPDX-License-Identifier: Apache-2.0
// Programs that speak to the kernel (ip, iptables-restore, nft), each with a text on standard input and a bounded time.
// A child dies with this process.
#pragma once

#include <string>
#include <vector>

namespace segproof::confirm {

struct Ran {
  bool started = false;
  int code = -1;       // exit code; -1: killed, or it ran out of time
  std::string output;  // standard output and standard error, as they came
};

// Runs `command` (looked up in PATH and the sbin folders). Never waits longer than `seconds`.
[[nodiscard]] Ran run(const std::vector<std::string>& command, const std::string& input, int seconds = 20);

// Whether the program is installed.
[[nodiscard]] bool is_installed(const std::string& program);

}  // namespace segproof::confirm
