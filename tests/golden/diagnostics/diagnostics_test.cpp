// SPDX-License-Identifier: Apache-2.0
// One folder per code of the diagnostic catalogue, whose text also stands on the code's page, and further ones for the
// same code: SP0213, SP0213-filter.
//   command      the arguments of segproof, separated by spaces; on the second line `exit` and the exit code
//   expected     what it then writes to standard error, and nothing else
//   with-output  optional: then followed by what it writes to standard output, for what stands in verdicts
//   prepare      optional: shell commands that make input files which are too large or too odd to keep
//   ...          the input files
// Each case runs in a copy of its folder. SEGPROOF_UPDATE=1 writes `expected` anew: read the difference before it is
// committed. It never writes the exit code, which is what users' scripts rely on.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "support/skip.h"

namespace segproof {
namespace {

constexpr const char* cases_folder = "tests/golden/diagnostics";

// A copy of a case that goes away with its test.
class Workplace {
 public:
  explicit Workplace(const std::string& case_folder) {
    std::string pattern = (std::filesystem::temp_directory_path() / "segproof-golden-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    std::filesystem::copy(case_folder, folder_ + "/case", std::filesystem::copy_options::recursive);
    for (const char* name : {"command", "expected", "prepare", "with-output"}) {
      std::filesystem::remove(folder_ + "/case/" + name);
    }
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() { std::filesystem::remove_all(folder_); }

  // The exit code of a shell command in the copy; 128 or more when it died of a signal.
  [[nodiscard]] int run(const std::string& command) const {
    const int status = std::system(fmt::format("cd '{}/case' && {}", folder_, command).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }
  [[nodiscard]] std::string path(std::string_view name) const { return join_path(folder_, name); }

 private:
  std::string folder_;
};

std::string text_of(const std::string& path) {
  const Result<std::string> text = RealFileSystem().read_file(path, default_file_limit);
  return text.ok() ? text.value() : text.failure().message;
}

// An argument of a case as the shell takes it literally.
std::string shell_word(std::string_view word) {
  CHECK_MESSAGE(word.find('\'') == std::string_view::npos, "a command holds a quotation mark");
  return fmt::format("'{}'", word);
}

struct Command {
  std::string line;  // for the shell
  std::string ends;  // "exit 2"
};

Command command_of(const std::string& folder) {
  const std::string text = text_of(folder + "/command");
  const std::vector<std::string_view> lines = split(text, '\n');
  REQUIRE_MESSAGE((lines.size() == 3 && lines[2].empty()), folder << "/command has not two lines");
  Command command{.line = SEGPROOF_PROGRAM, .ends = std::string(lines[1])};
  for (const std::string_view word : split_words(lines[0])) {
    command.line += " " + shell_word(word);
  }
  return command;
}

void run_case(const std::string& folder) {
  CAPTURE(folder);
  const Workplace work(folder);
  if (std::filesystem::exists(folder + "/prepare")) {
    REQUIRE(work.run(text_of(folder + "/prepare")) == 0);
  }
  const Command command = command_of(folder);
  const int code =
      work.run(fmt::format("NO_COLOR=1 timeout 20 {} > ../output 2> ../messages < /dev/null", command.line));
  std::string messages = text_of(work.path("messages"));
  if (std::filesystem::exists(folder + "/with-output")) {
    messages += text_of(work.path("output"));
  }
  if (std::getenv("SEGPROOF_UPDATE") != nullptr) {
    CHECK(write_file(folder + "/expected", messages).ok());
  }
  CHECK(messages == text_of(folder + "/expected"));
  CHECK(fmt::format("exit {}", code) == command.ends);
}

}  // namespace

TEST_CASE("every golden case shows its diagnostic") {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(cases_folder)) {
    if (entry.is_directory()) {
      folders.push_back(entry.path().generic_string());
    }
  }
  std::ranges::sort(folders);
  if (folders.empty()) {
    test::skip("golden", "tests/golden/diagnostics holds no cases yet");
    return;
  }
  for (const std::string& folder : folders) {
    run_case(folder);
  }
}

}  // namespace segproof
