// SPDX-License-Identifier: Apache-2.0
// Runs README.md. With SEGPROOF_UPDATE=1 the outputs in it are written anew instead of compared.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "script.h"

namespace segproof::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A folder of its own, in which the reader's walk-through happens, gone at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "segproof-readme-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Standard output of a command (the other stream tells the progress of slow runs); `echo $?` is the exit code of the
// one before.
class Shell {
 public:
  std::string run(const std::string& line, const fs::path& folder) {
    if (line == "echo $?") {
      return std::to_string(last_) + "\n";
    }
    const std::string program_folder = fs::path(SEGPROOF_PROGRAM).parent_path().string();
    const std::string command = "exec 2> /dev/null; cd '" + folder.string() + "' && PATH='" + program_folder +
                                "':\"$PATH\" && export PATH && unset COLUMNS && " + line;
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      output.append(buffer.data(), n);
    }
    const int status = pclose(pipe);
    last_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return output;
  }

 private:
  int last_ = 0;
};

}  // namespace

TEST_CASE("the outputs in the README are what its commands print") {
  const std::string page = text_of("README.md");
  REQUIRE(!page.empty());
  const Folder walk;
  Shell shell;
  fs::path here = fs::current_path();  // the shipped example first, then the reader's own folder
  std::size_t commands = 0;
  const std::string fresh = with_outputs(
      page,
      [&](const PageFile& file) {
        here = walk.path();
        std::ofstream(here / file.name, std::ios::binary) << file.text;
      },
      [&](const std::string& line) {
        ++commands;
        return shell.run(line, here);
      });
  CHECK(commands >= 10);
  const char* update = std::getenv("SEGPROOF_UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream("README.md", std::ios::binary) << fresh;
    return;
  }
  CHECK_MESSAGE(fresh == page,
                "README.md shows other outputs than its commands print; write them anew with "
                "SEGPROOF_UPDATE=1 and read the difference");
}

}  // namespace segproof::test
