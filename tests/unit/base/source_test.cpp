// SPDX-License-Identifier: Apache-2.0
#include "base/source.h"

#include <doctest/doctest.h>

#include <random>

#include "death.h"
#include "support/skip.h"

namespace segproof {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  SourceStore store;
  const FileId file = store.add("f", text);
  std::vector<std::string> lines;
  for (std::uint32_t number = 1; number <= store.line_count(file); ++number) {
    lines.emplace_back(store.line(file, number));
  }
  return lines;
}

}  // namespace

TEST_CASE("lines") {
  using Lines = std::vector<std::string>;
  CHECK(lines_of("") == Lines{});
  CHECK(lines_of("a") == Lines{"a"});
  CHECK(lines_of("a\n") == Lines{"a"});
  CHECK(lines_of("a\nb") == Lines{"a", "b"});
  CHECK(lines_of("a\r\nb\r\n") == Lines{"a", "b"});
  CHECK(lines_of("\n\n") == Lines{"", ""});
  CHECK(lines_of("a\rb\n") == Lines{"a\rb"});
  CHECK(lines_of(std::string("a\0b\nc", 5)) == Lines{std::string("a\0b", 3), "c"});
}

TEST_CASE("a line that does not exist is empty") {
  SourceStore store;
  const FileId file = store.add("f", "a\nb\n");
  CHECK(store.line(file, 0).empty());
  CHECK(store.line(file, 3).empty());
  CHECK(store.line(file, 0xffffffffU).empty());
}

TEST_CASE("files keep path and text, and their views stay valid while files are added") {
  SourceStore store;
  const FileId first = store.add("a.yaml", "one");
  const std::string_view text = store.text(first);
  for (int i = 0; i < 100; ++i) {
    CHECK(store.add("b", "two").valid());
  }
  CHECK(store.path(first) == "a.yaml");
  CHECK(text == "one");
  CHECK(text.data() == store.text(first).data());
  CHECK(store.size() == 101);
}

TEST_CASE("an id that the store did not issue fails a contract") {
  const SourceStore store;
  CHECK(test::run_to_death([&] { static_cast<void>(store.path(FileId())); }).exit_code == 4);
  CHECK(test::run_to_death([&] { static_cast<void>(store.text(FileId(0))); }).exit_code == 4);
}

TEST_CASE("joined lines give the text back, whatever the text") {
  std::mt19937_64 random(test::seed("source lines", 7));
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t i = random() % 12; i > 0; --i) {
      text += "ab\n"[random() % 3];
    }
    std::string joined;
    for (const std::string& line : lines_of(text)) {
      joined += line + "\n";
    }
    CHECK(joined == (text.empty() || text.ends_with('\n') ? text : text + "\n"));
  }
}

}  // namespace segproof
