// SPDX-License-Identifier: Apache-2.0
#include "confirm/experiment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>  // NOLINT: kill() is POSIX
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string_view>

#include "base/text.h"
#include "confirm/laboratory.h"
#include "confirm/namespaces.h"

namespace segproof::confirm {
namespace {

constexpr std::size_t most_repeats = 40;  // of shots that differ; more of them are believed at once

// One line for each thing that the laboratory has to say.
class Reporter {
 public:
  explicit Reporter(int file) : file_(file) {}

  void fault(model::NodeId node, std::string_view why) {
    line(fmt::format("fault {} {}", node.index(), one_line(why)));
  }
  void failed(std::string_view why) { line(fmt::format("failed {}", one_line(why))); }
  void seen(std::size_t trial, std::size_t shot, const std::set<Seat>& seats) {
    std::string text = fmt::format("seen {} {}", trial, shot);
    for (const Seat& seat : seats) {
      text += seat.node.valid() ? fmt::format(" n{}", seat.node.index()) : fmt::format(" s{}", seat.segment.index());
    }
    line(text);
  }
  void end() { line("end"); }

 private:
  static std::string one_line(std::string_view text) {
    std::string line(text);
    std::ranges::replace(line, '\n', ' ');
    return line;
  }
  void line(const std::string& text) {
    const std::string whole = text + "\n";
    std::size_t done = 0;
    while (done < whole.size()) {
      const ssize_t wrote = write(file_, whole.data() + done, whole.size() - done);
      if (wrote < 0 && errno == EINTR) {
        continue;
      }
      if (wrote <= 0) {
        _exit(1);  // nobody listens
      }
      done += static_cast<std::size_t>(wrote);
    }
  }
  int file_;
};

std::set<std::uint8_t> protocols_of(const std::vector<Trial>& trials) {
  std::set<std::uint8_t> protocols;
  for (const Trial& trial : trials) {
    for (const Shot& shot : trial.shots) {
      protocols.insert(shot.packet.protocol());
    }
  }
  return protocols;
}

void observe(const Blueprint& blueprint, const std::vector<Trial>& trials, Reporter& reporter) {
  if (const std::string why = leave_host(); !why.empty()) {
    return reporter.failed(why);
  }
  Result<std::unique_ptr<Laboratory>> lab = Laboratory::build(blueprint, protocols_of(trials));
  if (!lab) {
    return reporter.failed(lab.failure().message);
  }
  for (const auto& [node, why] : lab.value()->faults()) {
    reporter.fault(node, why);
  }
  std::size_t repeats = 0;
  for (std::size_t t = 0; t < trials.size(); ++t) {
    std::vector<std::set<Seat>> seen = lab.value()->run(trials[t]);
    for (std::size_t s = 0; s < seen.size(); ++s) {
      const Shot& shot = trials[t].shots[s];
      if (!is_as_expected(shot, seen[s]) && trials[t].order == Trial::Order::together && repeats < most_repeats) {
        ++repeats;
        seen[s] = lab.value()->run({.order = Trial::Order::in_turn, .shots = {shot}, .nodes = {}}).front();
      }
      reporter.seen(t, s, seen[s]);
    }
  }
  reporter.end();
}

[[noreturn]] void be_the_laboratory(const Blueprint& blueprint, const std::vector<Trial>& trials, int file,
                                    pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(1);  // it died before it was asked to take this process along
  }
  Reporter reporter(file);
  try {
    observe(blueprint, trials, reporter);
  } catch (const std::exception& error) {
    reporter.failed(error.what());
  }
  _exit(0);
}

std::string all_of(int file) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return text;
    }
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

std::size_t number(std::string_view text) {
  return parse_unsigned<std::uint32_t>(text).value_or(0);
}

Result<Observations> understood(const std::string& text, const std::vector<Trial>& trials) {
  Observations result;
  for (const Trial& trial : trials) {
    result.seen.emplace_back(trial.shots.size());
  }
  bool is_whole = false;
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> words = split(line, ' ');
    if (words[0] == "failed") {
      return Failure{std::string(line.substr(7))};
    }
    if (words[0] == "fault" && words.size() > 2) {
      result.faults.emplace(model::NodeId(number(words[1])),
                            std::string(line.substr(words[0].size() + words[1].size() + 2)));
    }
    if (words[0] == "seen" && words.size() > 2) {
      std::set<Seat>& seats = result.seen.at(number(words[1])).at(number(words[2]));
      for (std::size_t i = 3; i < words.size(); ++i) {
        const std::size_t index = number(words[i].substr(1));
        seats.insert(words[i].front() == 'n' ? Seat{model::NodeId(index), {}} : Seat{{}, model::SegmentId(index)});
      }
    }
    is_whole = is_whole || line == "end";
  }
  if (!is_whole) {
    return Failure{"the process with the namespaces ended early"};
  }
  return result;
}

}  // namespace

bool is_as_expected(const Shot& shot, const std::set<Seat>& seen) {
  if (shot.may_end_anywhere) {
    return true;
  }
  if (!shot.expected) {
    return seen.empty();
  }
  return seen.contains(*shot.expected) || (shot.as_good && seen.contains(*shot.as_good));
}

Result<Observations> experiment(const Blueprint& blueprint, const std::vector<Trial>& trials) {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Failure{fmt::format("a pipe: {}", std::strerror(errno))};
  }
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    be_the_laboratory(blueprint, trials, ends[1], parent);
  }
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return Failure{fmt::format("a process of its own: {}", std::strerror(errno))};
  }
  const std::string text = all_of(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return understood(text, trials);
}

}  // namespace segproof::confirm
