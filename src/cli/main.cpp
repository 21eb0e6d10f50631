// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "cli/input_files.h"
#include "cli/output.h"
#include "cli/run.h"
#include "cli/terminal.h"

namespace {

using segproof::cli::ExitCode;

// Nothing is half done when we stop here: files are written at the end, whole, with this signal held back.
extern "C" void stop(int) {
  _exit(static_cast<int>(ExitCode::interrupted));
}

void set_signals() {
  struct sigaction interrupt {};
  interrupt.sa_handler = stop;
  sigaction(SIGINT, &interrupt, nullptr);
  struct sigaction pipe {};
  pipe.sa_handler = SIG_IGN;  // a closed pipe is seen where it is written
  sigaction(SIGPIPE, &pipe, nullptr);
}

ExitCode guarded_run(std::span<const std::string> words, segproof::cli::RealTerminal& terminal) {
  const segproof::cli::InputFiles files;
  try {
    return segproof::cli::run(words, {.terminal = terminal, .files = files});
  } catch (const std::bad_alloc&) {
    segproof::cli::complain(terminal, "out of memory");
    return ExitCode::cannot_run;
  } catch (const std::exception& error) {
    segproof::cli::complain(terminal, fmt::format("internal error: {}", error.what()));
    return ExitCode::fault;
  }
}

}  // namespace

int main(int argc, char** argv) {
  set_signals();
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  std::vector<std::string> words;
  for (const char* word : arguments.subspan(arguments.empty() ? 0 : 1)) {
    words.emplace_back(word);
  }
  segproof::cli::RealTerminal terminal;
  return static_cast<int>(guarded_run(words, terminal));
}
