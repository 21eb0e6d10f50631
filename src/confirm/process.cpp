// SPDX-License-Identifier: Apache-2.0
#include "confirm/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT: kill() is POSIX
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

namespace segproof::confirm {
namespace {

constexpr std::array<const char*, 4> folders{"/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"};

std::string path_of(const std::string& program) {
  for (const char* folder : folders) {
    std::string path = folder + program;
    if (access(path.c_str(), X_OK) == 0)
      return path;
  }
  return {};
}

// A file without a name that holds the text, read from its beginning; -1 when there is none to be had.
int text_file(const std::string& text) {
  const int file = memfd_create("input", MFD_CLOEXEC);
  if (file < 0)
    return -1;
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = write(file, text.data() + done, text.size() - done);
    if (wrote <= 0)
      break;
    done += static_cast<std::size_t>(wrote);
  }
  lseek(file, 0, SEEK_SET);
  return file;
}

[[noreturn]] void become(const std::string& path, const std::vector<std::string>& command, int in, int out) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command)
    words.push_back(const_cast<char*>(word.c_str()));  // NOLINT: execv promises not to write
  words.push_back(nullptr);
  execv(path.c_str(), words.data());
  _exit(127);
}

// Reads what the child says until it closes its end or the time is over.
bool collect(int from, std::string& output, std::chrono::steady_clock::time_point end) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd ready{from, POLLIN, 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) == 0)
      return false;
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return true;
    output.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

bool is_installed(const std::string& program) {
  return !path_of(program).empty();
}

Ran run(const std::vector<std::string>& command, const std::string& input, int seconds) {
  Ran ran;
  const std::string path = path_of(command.front());
  const int in = text_file(input);
  std::array<int, 2> pipe_ends{-1, -1};
  if (path.empty() || in < 0 || pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    if (in >= 0)
      close(in);
    return ran;
  }
  const pid_t child = fork();
  if (child == 0)
    become(path, command, in, pipe_ends[1]);
  close(in);
  close(pipe_ends[1]);
  if (child > 0) {
    ran.started = true;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    if (!collect(pipe_ends[0], ran.output, end))
      kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  close(pipe_ends[0]);
  return ran;
}

}  // namespace segproof::confirm
