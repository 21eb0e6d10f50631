// SPDX-License-Identifier: Apache-2.0
// The manual and the completions that are checked in are what the table of options gives. SEGPROOF_UPDATE_GOLDEN=1
// writes them anew.
#include "cli/manual.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/display.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "report/tool.h"

namespace segproof::cli {
namespace {

std::vector<std::pair<std::string, std::string>> generated_files() {
  std::vector<std::pair<std::string, std::string>> files = {
      {"docs/man/segproof.1", man_page(report::tool_version())},
      {"docs/cli.md", markdown_page()},
      {"docs/completion/segproof.bash", bash_completion()},
      {"docs/completion/_segproof", zsh_completion()},
      {"docs/completion/segproof.fish", fish_completion()},
      {"tests/golden/cli/help.txt", general_help({.colour = report::Colour::off, .width = 80})}};
  for (const CommandSpec& command : commands()) {
    files.emplace_back("tests/golden/cli/help-" + std::string(command.name) + ".txt",
                       command_help(command, {.colour = report::Colour::off, .width = 80}));
  }
  return files;
}

TEST_CASE("the files that are checked in are what the table says") {
  const bool update = std::getenv("SEGPROOF_UPDATE_GOLDEN") != nullptr;
  for (const auto& generated : generated_files()) {
    const std::string& path = generated.first;
    const std::string& text = generated.second;
    CAPTURE(path);
    if (update) {
      REQUIRE(write_file(path, text).ok());
    }
    const Result<std::string> file = RealFileSystem().read_file(path, default_file_limit);
    REQUIRE(file.ok());
    CHECK(text == file.value());
  }
}

TEST_CASE("each command and each option is in the manual, the help and every completion") {
  const std::string markdown = markdown_page();
  const std::string bash = bash_completion();
  const std::string zsh = zsh_completion();
  const std::string fish = fish_completion();
  for (const CommandSpec& command : commands()) {
    const std::string help = command_help(command, {.colour = report::Colour::off, .width = 80});
    for (const OptionSpec& option : command.options) {
      const std::string name = "--" + std::string(option.name);
      CAPTURE(name);
      CHECK(help.find(name) != std::string::npos);
      CHECK(markdown.find(name) != std::string::npos);
      CHECK(bash.find(name) != std::string::npos);
      CHECK(zsh.find(name) != std::string::npos);
      CHECK(fish.find("-l " + std::string(option.name)) != std::string::npos);
    }
  }
}

TEST_CASE("the help keeps to the width of the terminal") {
  for (const std::size_t width : {40U, 60U, 80U, 200U}) {
    for (const CommandSpec& command : commands()) {
      const std::string help = command_help(command, {.colour = report::Colour::off, .width = width});
      for (const std::string_view line : split(help, '\n')) {
        CAPTURE(line);
        CHECK(display_width(line) <= width);
      }
    }
  }
}

TEST_CASE("no line of the man page is a request by accident") {
  const std::string page = man_page("1");
  for (const std::string_view line : split(page, '\n')) {
    CAPTURE(line);
    CHECK_FALSE(line.starts_with("'"));
    if (line.starts_with('.')) {
      const std::string_view request = split_words(line).front();
      bool known = false;
      for (const std::string_view each : {".\\\"", ".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".I"}) {
        known = known || request == each;
      }
      CHECK(known);
    }
  }
}

}  // namespace
}  // namespace segproof::cli
