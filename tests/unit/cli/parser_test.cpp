// SPDX-License-Identifier: Apache-2.0
#include "cli/parser.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/options.h"
#include "support/skip.h"

namespace segproof::cli {
namespace {

using Words = std::vector<std::string>;

// "verify FOLDER=. only=A,B", or "error: ...".
std::string dump(const Words& words) {
  const Result<ParsedLine> line = parse_line(words);
  if (!line) {
    return "error: " + line.failure().message;
  }
  std::string text = line.value().command;
  for (const auto& [name, values] : line.value().values) {
    text += " " + name;
    for (std::size_t i = 0; i < values.size(); ++i) {
      text += (i == 0 ? "=" : ",") + values[i];
    }
  }
  return text;
}

TEST_CASE("words go to their options") {
  CHECK(dump({}).empty());
  CHECK(dump({"--version"}) == " version");
  CHECK(dump({"verify", "."}) == "verify FOLDER=.");
  CHECK(dump({"verify", "-t", "a", "b", "-p", "c", "-c", "d"}) == "verify claims=d policy=c topology=a,b");
  CHECK(dump({"verify", "--topology", "a", "--policy=c"}) == "verify policy=c topology=a");
  CHECK(dump({"verify", "-ta", "-pb"}) == "verify policy=b topology=a");
  CHECK(dump({"verify", "-t", "a", "-t", "b"}) == "verify topology=a,b");
  CHECK(dump({"verify", ".", "--only", "A", "B", "--format", "json"}) == "verify FOLDER=. format=json only=A,B");
  CHECK(dump({"verify", "--only", "A", "--", "."}) == "verify FOLDER=. only=A");
  CHECK(dump({"reach", ".", "--from", "dmz", "--to", "lan", "--new-only"}) ==
        "reach FOLDER=. from=dmz new-only to=lan");
  CHECK(dump({"verify", "-t", "-", "-p", "x"}) == "verify policy=x topology=-");
  CHECK(dump({"verify", "-h"}) == "verify help");
}

TEST_CASE("names of commands are words like others after the command") {
  CHECK(dump({"verify", "verify"}) == "verify FOLDER=verify");
  CHECK(dump({"blast", ".", "--from", "matrix"}) == "blast FOLDER=. from=matrix");
  CHECK(dump({"reach", ".", "--from", "trace", "reach", "--to", "filter"}) ==
        "reach FOLDER=. from=trace,reach to=filter");
}

TEST_CASE("brackets stay brackets") {
  CHECK(dump({"verify", "-t", "[a,b]", "-p", "x"}) == "verify policy=x topology=[a,b]");
  CHECK(dump({"verify", "--topology=[a,b]"}) == "verify topology=[a,b]");
  CHECK(dump({"trace", ".", "--packet", "[::1] > [::2]"}) == "trace FOLDER=. packet=[::1] > [::2]");
}

TEST_CASE("faults name the word, and what was meant") {
  CHECK(dump({"verfy", "."}) == "error: unknown command `verfy`; did you mean `verify`?");
  CHECK(dump({"verify", ".", "--foramt", "json"}) == "error: unknown option `--foramt`; did you mean `--format`?");
  CHECK(dump({"verify", ".", "--foramt=json"}) == "error: unknown option `--foramt`; did you mean `--format`?");
  CHECK(dump({"verify", ".", "--envelope", "x"}) == "error: unknown option `--envelope`");
  CHECK(dump({"withstand", "."}) == "error: unknown command `withstand`");
  CHECK(dump({"verify", ".", "x"}) == "error: unexpected argument `x`");
  CHECK(dump({"verify", ".", "--format"}) == "error: `--format` needs a value");
  CHECK(dump({"verify", ".", "--only"}) == "error: `--only` needs a value");
  CHECK(dump({"verify", ".", "--format", "json", "--format", "text"}) == "error: `--format` is given more than once");
  CHECK(dump({"verify", ".", "--format", "jsno"}) ==
        "error: `--format` takes text, json, junit, sarif, not `jsno`; did you mean `json`?");
  CHECK(dump({"verify", ".", "--format", "csv"}) == "error: `--format` takes text, json, junit, sarif, not `csv`");
  CHECK(dump({"\x1b[31m"}) == "error: unknown command `\\x1b[31m`");
}

TEST_CASE("random words never escape as an exception") {
  std::mt19937_64 random(test::seed("parser", 11));
  Words all = {"", "-", "--", "---", "-x", "--x", "=", "--=", "--format=", "[", "[]", "[a]", "\x01", "\xff", "."};
  for (const CommandSpec& command : commands()) {
    all.emplace_back(command.name);
    for (const OptionSpec& option : command.options) {
      all.push_back("--" + std::string(option.name));
      if (option.letter != '\0') {
        all.push_back(std::string("-") + option.letter);
      }
    }
  }
  for (int round = 0; round < 500; ++round) {
    Words words;
    for (std::size_t i = random() % 8; i > 0; --i) {
      words.push_back(all[random() % all.size()]);
    }
    const std::string text = dump(words);
    CHECK((!text.starts_with("error: ") || text.size() > 10));
  }
}

TEST_CASE("the table is sound") {
  for (const CommandSpec& command : commands()) {
    CAPTURE(command.name);
    CHECK_FALSE(command.summary.empty());
    CHECK_FALSE(command.description.empty());
    CHECK_FALSE(command.examples.empty());
    CHECK_FALSE(command.exits.empty());
    for (const OptionSpec& option : command.options) {
      CAPTURE(option.name);
      CHECK_FALSE(option.help.empty());
      CHECK(option.help.back() != '.');
      CHECK((option.takes == Takes::nothing) == option.value.empty());
    }
  }
}

// The words of an example as a shell splits them.
Words shell_words(std::string_view text) {
  Words words;
  bool quoted = false;
  bool open = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      open = false;
      continue;
    }
    if (!open) {
      words.emplace_back();
      open = true;
    }
    if (c != '\'') {
      words.back() += c;
    }
  }
  return words;
}

TEST_CASE("every example of the help parses") {
  for (const CommandSpec& command : commands()) {
    for (const ExampleSpec& example : command.examples) {
      CAPTURE(example.command);
      Words words = shell_words(example.command.substr(example.command.find("segproof ")));
      REQUIRE(words.front() == "segproof");
      words.erase(words.begin());
      const Result<ParsedLine> line = parse_line(words);
      REQUIRE(line.ok());
      CHECK(line.value().command == command.name);
    }
  }
}

}  // namespace
}  // namespace segproof::cli
