// SPDX-License-Identifier: Apache-2.0
#include "bench/measure.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include <fmt/format.h>

namespace segproof::bench {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

[[noreturn]] void work_in_child(const std::function<Figures()>& run, unsigned limit, int out) {
  alarm(limit);
  std::string text;
  try {
    for (const auto& [name, value] : run()) {
      text += fmt::format("{} {}\n", name, value);
    }
  } catch (const std::exception& fault) {
    text = fmt::format("!{}\n", fault.what());
  }
  const bool written = write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  _exit(written ? 0 : 1);
}

std::string read_all(int from) {
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(from, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

// The figures, or why there are none.
std::string run_once(const std::function<Figures()>& run, unsigned limit, Figures& figures) {
  int ends[2];
  if (pipe(ends) != 0) {
    return "no pipe";
  }
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    work_in_child(run, limit, ends[1]);
  }
  close(ends[1]);
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) {
    return "no process";
  }
  if (WIFSIGNALED(status)) {
    return WTERMSIG(status) == SIGALRM ? fmt::format("more than {} s", limit)
                                       : fmt::format("killed by signal {}", WTERMSIG(status));
  }
  if (WEXITSTATUS(status) != 0 || text.empty() || text.front() == '!') {
    return text.empty() ? "no figures" : text.substr(1, text.size() - 2);
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    const std::size_t blank = line.rfind(' ');
    figures[line.substr(0, blank)] = std::strtod(line.c_str() + blank, nullptr);
    at = end + 1;
  }
  figures.try_emplace("peak_mb", static_cast<double>(usage.ru_maxrss) / 1024);
  return {};
}

}  // namespace

double Measured::at(const std::string& figure) const {
  const auto found = figures.find(figure);
  return found == figures.end() ? 0 : found->second;
}

std::vector<Measured> measure(const std::string& group, const std::string& name, const std::vector<Work>& works,
                              unsigned rounds, unsigned limit) {
  std::vector<Measured> results;
  for (const Work& work : works) {
    results.push_back({group, name, work.engine, {}, {}, {}});
  }
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      Measured& result = results[i];
      Figures figures;
      if (!result.failure.empty()) {
        continue;
      }
      result.failure = run_once(works[i].run, limit, figures);
      if (!result.failure.empty()) {
        fmt::print(stderr, "{} {}, {}: {}\n", group, name, works[i].engine, result.failure);
        continue;
      }
      result.seconds.push_back(figures["seconds"]);
      if (result.seconds.back() == *std::min_element(result.seconds.begin(), result.seconds.end())) {
        result.figures = figures;
      }
    }
  }
  return results;
}

Figures run_program(const std::vector<std::string>& command) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // when the measurement runs out of time
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& word : command) {
      arguments.push_back(strdup(word.c_str()));
    }
    arguments.push_back(nullptr);
    execv(arguments.front(), arguments.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 127) {
    throw std::runtime_error("the program did not run");
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {{"seconds", seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime)},
          {"wall_seconds", wall.count()},
          {"exit", WEXITSTATUS(status)},
          {"peak_mb", static_cast<double>(usage.ru_maxrss) / 1024}};
}

}  // namespace segproof::bench
