// SPDX-License-Identifier: Apache-2.0
#include "cli/front.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "report/tool.h"

namespace segproof::cli {
namespace {

struct Greeting {
  std::string end;  // exit code, or the command to run
  std::string out;
  std::string err;
};

Greeting greeting(const std::vector<std::string>& words) {
  MemoryTerminal terminal;
  const auto result = greet(words, terminal);
  const ExitCode* code = std::get_if<ExitCode>(&result);
  return {.end = code != nullptr ? std::to_string(static_cast<int>(*code)) : std::get<ParsedLine>(result).command,
          .out = terminal.out,
          .err = terminal.err};
}

TEST_CASE("help and version go to standard output, with exit code 0") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--help"},
                                                {"-h"},
                                                {"help"},
                                                {"verify", "--help"},
                                                {"verify", "-h"},
                                                {"help", "verify"},
                                                {"filter", "--help"},
                                                {"--version"},
                                                {"verify", ".", "--help"}}) {
    const Greeting said = greeting(words);
    CHECK(said.end == "0");
    CHECK_FALSE(said.out.empty());
    CHECK(said.err.empty());
  }
  CHECK(greeting({"--version"}).out == "segproof " + std::string(report::tool_version()) + "\n");
  CHECK(greeting({"help", "verify"}).out == greeting({"verify", "--help"}).out);
  CHECK(greeting({"verify", "--help"}).out.find("segproof verify . --only PCI-1 PCI-2") != std::string::npos);
}

TEST_CASE("faults of use go to standard error, with exit code 2") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"verfy"},
                                                {"verify", ".", "--nope"},
                                                {"filter"},
                                                {"verify", ".", "--format"},
                                                {"--generate", "pdf"},
                                                {"help", "verfy"}}) {
    const Greeting said = greeting(words);
    CHECK(said.end == "2");
    CHECK(said.out.empty());
    CHECK(said.err.starts_with("segproof: error: "));
  }
  CHECK(greeting({"verify", ".", "--nope"}).err.find("see `segproof verify --help`") != std::string::npos);
}

TEST_CASE("a command that is complete is left to run") {
  CHECK(greeting({"verify", "."}).end == "verify");
  CHECK(greeting({"filter", "x"}).end == "filter");
  CHECK(greeting({"verify", "."}).out.empty());
}

TEST_CASE("generated texts") {
  CHECK(greeting({"--generate", "man"}).out.find(".TH SEGPROOF 1") != std::string::npos);
  CHECK(greeting({"--generate", "zsh"}).out.starts_with("#compdef segproof\n"));
}

}  // namespace
}  // namespace segproof::cli
