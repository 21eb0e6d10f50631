// SPDX-License-Identifier: Apache-2.0
#include "cli/front.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/manual.h"
#include "cli/options.h"
#include "cli/output.h"
#include "report/tool.h"

namespace segproof::cli {
namespace {

ExitCode say(Terminal& terminal, std::string_view text) {
  const Result<std::size_t> said = deliver(terminal, {}, text);
  if (!said) {
    complain(terminal, said.failure().message);
    return ExitCode::cannot_run;
  }
  return ExitCode::good;
}

std::string generated(std::string_view kind) {
  if (kind == "man") {
    return man_page(report::tool_version());
  }
  if (kind == "markdown") {
    return markdown_page();
  }
  if (kind == "bash") {
    return bash_completion();
  }
  return kind == "zsh" ? zsh_completion() : fish_completion();
}

ExitCode refuse(Terminal& terminal, const std::string& message, std::string_view command) {
  complain(terminal, message);
  const std::string help = command.empty() ? "segproof: see `segproof --help`\n"
                                           : fmt::format("segproof: see `segproof {} --help`\n", command);
  static_cast<void>(terminal.write(Stream::err, help));
  return ExitCode::cannot_run;
}

// `segproof help`, `segproof help verify`, as other tools have it.
std::vector<std::string> without_help_command(std::span<const std::string> words) {
  std::vector<std::string> plain(words.begin(), words.end());
  if (!plain.empty() && plain.front() == "help") {
    plain.erase(plain.begin());
    plain.resize(std::min<std::size_t>(plain.size(), 1));
    plain.emplace_back("--help");
  }
  return plain;
}

}  // namespace

std::variant<ParsedLine, ExitCode> greet(std::span<const std::string> words, Terminal& terminal) {
  const report::TextStyle style = style_for(terminal, Stream::out, ColourChoice::automatic);
  const std::vector<CommandSpec> table = commands();
  Result<ParsedLine> parsed = parse_line(without_help_command(words));
  if (!parsed) {
    const auto named = std::ranges::find_if(
        table, [&words](const CommandSpec& command) { return !words.empty() && command.name == words.front(); });
    return refuse(terminal, parsed.failure().message, named == table.end() ? "" : named->name);
  }
  const ParsedLine& line = parsed.value();
  const auto command = std::ranges::find(table, line.command, &CommandSpec::name);
  if (command == table.end()) {
    if (line.has("help")) {
      return say(terminal, general_help(style));
    }
    if (line.has("version")) {
      return say(terminal, fmt::format("segproof {}\n", report::tool_version()));
    }
    if (line.has("generate")) {
      return say(terminal, generated(line.one("generate")));
    }
    return refuse(terminal,
                  "a command is needed: verify, confirm, trace, reach, matrix, blast, filter, inputs or normalise", "");
  }
  if (line.has("help")) {
    return say(terminal, command_help(*command, style));
  }
  if (command->positional.required && line.one(command->positional.name).empty()) {
    return refuse(terminal, fmt::format("`{}` needs {}", command->name, command->positional.name), command->name);
  }
  return std::move(parsed).value();
}

}  // namespace segproof::cli
