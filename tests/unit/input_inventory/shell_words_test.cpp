// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/shell_words.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "support/skip.h"

namespace segproof::input::inventory {
namespace {

std::string shown(std::string_view line) {
  const ShellWords words = shell_words(line);
  std::string text;
  for (const ShellWord& word : words.words) {
    text += fmt::format("<{}>@{}+{}", word.text, word.offset, word.length);
  }
  return text + (words.unfinished ? fmt::format("!{}", *words.unfinished) : "");
}

// The expectations are those of Python's shlex.split(line, comments=True).
TEST_CASE("words") {
  struct Row {
    std::string_view line, result;
  };
  for (const Row& row : std::vector<Row>{
           {"", ""},
           {"  ", ""},
           {"a b", "<a>@0+1<b>@2+1"},
           {" a\tb=c ", "<a>@1+1<b=c>@3+3"},
           {"a b='c d' e", "<a>@0+1<b=c d>@2+7<e>@10+1"},
           {"a b=\"c 'd' #e\"", "<a>@0+1<b=c 'd' #e>@2+12"},
           {"a b=c\\ d", "<a>@0+1<b=c d>@2+6"},
           {"'a\\'", "<a\\>@0+4"},
           {"\"a\\\"b\\c\"", "<a\"b\\c>@0+8"},
           {"a''b", "<ab>@0+4"},
           {"''", "<>@0+2"},
           {"a # b", "<a>@0+1"},
           {"a b=c#d e", "<a>@0+1<b=c>@2+3"},
           {"# a", ""},
           {"a 'b", "<a>@0+1!2"},
           {"a \"b\\\"", "<a>@0+1!2"},
           {"a b\\", "<a>@0+1!3"},
       }) {
    CAPTURE(row.line);
    CHECK(shown(row.line) == row.result);
  }
}

TEST_CASE("quoted words come back") {
  std::mt19937_64 random(test::seed("shell words", 20261121));
  constexpr std::string_view letters = "ab \t#'\"\\=;";
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> words(1 + random() % 4);
    std::string line;
    for (std::string& word : words) {
      std::string quoted;
      for (std::size_t i = random() % 6; i > 0; --i) {
        const char c = letters[random() % letters.size()];
        word += c;
        quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
      }
      line += "\"" + quoted + "\" ";
    }
    const ShellWords cut = shell_words(line);
    REQUIRE_FALSE(cut.unfinished.has_value());
    std::vector<std::string> texts;
    for (const ShellWord& word : cut.words) {
      texts.push_back(word.text);
    }
    CAPTURE(line);
    CHECK(texts == words);
  }
}

}  // namespace
}  // namespace segproof::input::inventory
