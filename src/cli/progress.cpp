// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <fmt/format.h>

namespace segproof::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto quiet_time = 1s;
constexpr auto log_interval = 10s;
constexpr auto tick = 200ms;

bool can_rewrite(const Terminal& terminal) {
  return terminal.is_terminal(Stream::err) && terminal.environment("TERM").value_or("dumb") != "dumb";
}

}  // namespace

std::string ProgressLine::due(std::chrono::steady_clock::time_point now, std::size_t done, std::size_t total) {
  const auto since = now - start_;
  if (since < quiet_time || (!terminal_ && now - last_ < log_interval)) {
    return {};
  }
  last_ = now;
  shown_ = true;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  const std::string text = total == 0 ? fmt::format("segproof: working, {} s", seconds)
                                      : fmt::format("segproof: {} of {} claims, {} s", done, total, seconds);
  return terminal_ ? fmt::format("\r\x1b[K{}", text) : text + "\n";
}

std::string ProgressLine::end() const {
  return terminal_ && shown_ ? "\r\x1b[K" : "";
}

Progress::Progress(Terminal& terminal)
    : terminal_(terminal), line_(can_rewrite(terminal), terminal.now()), thread_([this] { run(); }) {}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  static_cast<void>(terminal_.write(Stream::err, line_.end()));
}

void Progress::set(std::size_t done, std::size_t total) {
  done_ = done;
  total_ = total;
}

void Progress::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, tick, [this] { return stop_; })) {
    const std::string text = line_.due(terminal_.now(), done_, total_);
    if (!text.empty() && terminal_.write(Stream::err, text) != Written::all) {
      return;
    }
  }
}

}  // namespace segproof::cli
