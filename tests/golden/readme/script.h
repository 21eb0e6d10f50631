// SPDX-License-Identifier: Apache-2.0
// A Markdown page as a script: fenced blocks that are files (the line `<!-- file: NAME -->` stands before them), and
// fenced blocks of the language `console` whose lines with `$ ` are commands and whose other lines are their output.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace segproof::test {

struct PageFile {
  std::string name;
  std::string text;
};

struct Command {
  std::string line;
  std::string output;  // as the page has it
};

// What the page does, in its order: a block of files or of commands.
struct Block {
  std::vector<PageFile> files;
  std::vector<Command> commands;
  std::size_t begin = 0;  // of the text between the fences, in the page
  std::size_t end = 0;
};

[[nodiscard]] std::vector<Block> blocks_of(std::string_view page);
// The page with every command's output replaced by what `output_of` says.
[[nodiscard]] std::string with_outputs(std::string_view page, const std::function<void(const PageFile&)>& write_file,
                                       const std::function<std::string(const std::string&)>& output_of);

}  // namespace segproof::test
