// SPDX-License-Identifier: Apache-2.0
#include "script.h"

#include <doctest/doctest.h>

namespace segproof::test {
namespace {

constexpr std::string_view page =
    "# Title\n"
    "```\n$ not run\n```\n"
    "<!-- file: a.txt -->\n"
    "```yaml\none\ntwo\n```\n"
    "```console\n$ first\nold\n\n$ second\n```\n"
    "end\n";

}  // namespace

TEST_CASE("a page is read as files and commands") {
  const auto blocks = blocks_of(page);
  REQUIRE(blocks.size() == 2);
  REQUIRE(blocks[0].files.size() == 1);
  CHECK(blocks[0].files[0].name == "a.txt");
  CHECK(blocks[0].files[0].text == "one\ntwo\n");
  REQUIRE(blocks[1].commands.size() == 2);
  CHECK(blocks[1].commands[0].line == "first");
  CHECK(blocks[1].commands[0].output == "old\n\n");
  CHECK(blocks[1].commands[1].line == "second");
  CHECK(blocks[1].commands[1].output.empty());
}

TEST_CASE("outputs are replaced and nothing else") {
  std::string written;
  const std::string result = with_outputs(
      page, [&](const PageFile& file) { written += file.name; },
      [](const std::string& line) { return "<" + line + ">\n"; });
  CHECK(written == "a.txt");
  CHECK(result ==
        "# Title\n"
        "```\n$ not run\n```\n"
        "<!-- file: a.txt -->\n"
        "```yaml\none\ntwo\n```\n"
        "```console\n$ first\n<first>\n$ second\n<second>\n```\n"
        "end\n");
}

TEST_CASE("a name counts only for the fence right after it") {
  const auto blocks = blocks_of("<!-- file: a -->\n\n```\nx\n```\n");
  CHECK(blocks.empty());
}

}  // namespace segproof::test
