// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

namespace segproof::cli {
namespace {

using namespace std::chrono_literals;

TEST_CASE("on a terminal: nothing for a second, then one line that vanishes") {
  const std::chrono::steady_clock::time_point start;
  ProgressLine line(true, start);
  CHECK(line.due(start + 999ms, 1, 9).empty());
  CHECK(line.end().empty());
  CHECK(line.due(start + 1s, 1, 9) == "\r\x1b[Ksegproof: 1 of 9 claims, 1 s");
  CHECK(line.due(start + 2s, 0, 0) == "\r\x1b[Ksegproof: working, 2 s");
  CHECK(line.end() == "\r\x1b[K");
}

TEST_CASE("in a log: a line every ten seconds, without control characters") {
  const std::chrono::steady_clock::time_point start;
  ProgressLine line(false, start);
  CHECK(line.due(start + 9s, 1, 9).empty());
  CHECK(line.due(start + 10s, 1, 9) == "segproof: 1 of 9 claims, 10 s\n");
  CHECK(line.due(start + 15s, 2, 9).empty());
  CHECK(line.due(start + 20s, 3, 9) == "segproof: 3 of 9 claims, 20 s\n");
  CHECK(line.end().empty());
}

TEST_CASE("quick work shows nothing; the thread ends at once") {
  MemoryTerminal terminal;
  terminal.terminal = true;
  terminal.variables["TERM"] = "xterm";
  const auto before = std::chrono::steady_clock::now();
  {
    Progress progress(terminal);
    progress.set(1, 2);
  }
  CHECK(terminal.err.empty());
  CHECK(std::chrono::steady_clock::now() - before < 5s);
}

TEST_CASE("long work shows how far it is") {
  // The clock of the double stands, so the start lies in the past from the beginning.
  class LateTerminal final : public Terminal {
   public:
    Written write(Stream, std::string_view text) override {
      const std::lock_guard lock(mutex_);
      err_ += text;
      return Written::all;
    }
    bool is_terminal(Stream) const override { return true; }
    std::optional<std::size_t> columns(Stream) const override { return 80; }
    std::optional<std::string> environment(const std::string&) const override { return "xterm"; }
    std::chrono::steady_clock::time_point now() const override {
      return std::chrono::steady_clock::time_point(std::chrono::hours(calls_++));
    }
    std::string err() {
      const std::lock_guard lock(mutex_);
      return err_;
    }

   private:
    mutable std::atomic<int> calls_{0};
    std::mutex mutex_;
    std::string err_;
  };
  LateTerminal terminal;
  {
    Progress progress(terminal);
    progress.set(3, 7);
    for (int i = 0; i < 100 && terminal.err().empty(); ++i) {
      std::this_thread::sleep_for(50ms);
    }
  }
  CHECK(terminal.err().find("3 of 7 claims, 3600 s") != std::string::npos);
  CHECK(terminal.err().ends_with("\r\x1b[K"));
}

}  // namespace
}  // namespace segproof::cli
