// SPDX-License-Identifier: Apache-2.0
#include "script.h"

#include <optional>

namespace segproof::test {
namespace {

constexpr std::string_view fence = "```";
constexpr std::string_view file_mark = "<!-- file: ";
constexpr std::string_view file_mark_end = " -->";
constexpr std::string_view prompt = "$ ";

std::optional<std::string> file_named_by(std::string_view line) {
  if (!line.starts_with(file_mark) || !line.ends_with(file_mark_end)) {
    return std::nullopt;
  }
  line.remove_prefix(file_mark.size());
  line.remove_suffix(file_mark_end.size());
  return std::string(line);
}

std::vector<Command> commands_in(std::string_view text) {
  std::vector<Command> result;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, length);
    if (line.starts_with(prompt)) {
      result.push_back({std::string(line.substr(prompt.size(), length - prompt.size() - 1)), ""});
    } else if (!result.empty()) {
      result.back().output += line;
    }
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace

std::vector<Block> blocks_of(std::string_view page) {
  std::vector<Block> result;
  std::optional<std::string> name;  // of the file that the next fence holds
  std::optional<Block> open;
  bool runs = false;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t newline = std::min(page.find('\n', at), page.size());
    const std::string_view line = page.substr(at, newline - at);
    const std::size_t next = std::min(newline + 1, page.size());
    if (open && line == fence) {
      open->end = at;
      const std::string_view text = page.substr(open->begin, open->end - open->begin);
      if (name) {
        open->files.push_back({*name, std::string(text)});
      } else if (runs) {
        open->commands = commands_in(text);
      }
      if (name || runs) {
        result.push_back(std::move(*open));
      }
      open.reset();
      name.reset();
    } else if (!open && line.starts_with(fence)) {
      runs = line == "```console";
      open = Block{{}, {}, next, next};
    } else if (!open) {
      name = file_named_by(line);
    }
    at = next;
  }
  return result;
}

std::string with_outputs(std::string_view page, const std::function<void(const PageFile&)>& write_file,
                         const std::function<std::string(const std::string&)>& output_of) {
  std::string result;
  std::size_t done = 0;
  for (const Block& block : blocks_of(page)) {
    for (const PageFile& file : block.files) {
      write_file(file);
    }
    if (block.commands.empty()) {
      continue;
    }
    result += page.substr(done, block.begin - done);
    for (const Command& command : block.commands) {
      result += std::string(prompt) + command.line + "\n" + output_of(command.line);
    }
    done = block.end;
  }
  return result + std::string(page.substr(done));
}

}  // namespace segproof::test
