// SPDX-License-Identifier: Apache-2.0
// What is shown on standard error while work takes long. Nothing for the first second. Then, on a terminal, one line
// that is written over again and vanishes at the end; elsewhere (the log of a pipeline) a line every ten seconds.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

#include "cli/terminal.h"

namespace segproof::cli {

// When and what to show; no thread and no clock of its own.
class ProgressLine {
 public:
  ProgressLine(bool terminal, std::chrono::steady_clock::time_point start)
      : terminal_(terminal), start_(start), last_(start) {}

  // The text to write now; empty when nothing is due.
  [[nodiscard]] std::string due(std::chrono::steady_clock::time_point now, std::size_t done, std::size_t total);
  // The text that removes what stands there; empty when nothing does.
  [[nodiscard]] std::string end() const;

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

// Shows a ProgressLine from a thread of its own, from construction to destruction.
class Progress {
 public:
  explicit Progress(Terminal& terminal);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void set(std::size_t done, std::size_t total);

 private:
  void run();

  Terminal& terminal_;
  ProgressLine line_;
  std::atomic<std::size_t> done_{0};
  std::atomic<std::size_t> total_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace segproof::cli
