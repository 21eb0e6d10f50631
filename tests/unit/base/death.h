// SPDX-License-Identifier: Apache-2.0
// Runs something that must fail a contract in a child process.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

namespace segproof::test {

struct Death {
  int exit_code = -1;  // -1: it did not exit
  std::string message;
};

template <class Action>
Death run_to_death(Action action) {
  std::array<int, 2> pipe_ends{};
  if (::pipe(pipe_ends.data()) != 0) {
    return {};
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe_ends[1], STDERR_FILENO);
    action();
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  Death death;
  std::array<char, 4096> block{};
  for (ssize_t got = 0; (got = ::read(pipe_ends[0], block.data(), block.size())) > 0;) {
    death.message.append(block.data(), static_cast<std::size_t>(got));
  }
  ::close(pipe_ends[0]);
  int status = 0;
  if (child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status)) {
    death.exit_code = WEXITSTATUS(status);
  }
  return death;
}

}  // namespace segproof::test
