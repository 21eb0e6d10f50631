// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.h"

#include <fmt/format.h>

#include "cli/help.h"
#include "cli/options.h"

namespace segproof::cli {
namespace {

constexpr std::string_view introduction =
    "segproof reads firewall rules and host inventories, and says of each claim about the network whether it holds: "
    "proved, or refuted with a packet that breaks it and every rule that lets the packet pass.";
constexpr std::string_view input_note =
    "Topology, policy and claims are files or folders. A folder is one epoch and is not read recursively; the kind of "
    "each file is recognised from its content. One FOLDER stands for all three. `-` reads standard input where one "
    "file is meant. Values of an option that takes several end at the next option, or at `--`: put FOLDER before them.";
constexpr std::string_view stream_note =
    "Answers go to standard output, everything else (diagnostics, progress) to standard error. The output format never "
    "changes the exit code.";

constexpr ExitSpec common_exits[] = {
    {4, "a fault of segproof: please report it with the message"},
    {130, "interrupted"},
};

// For roff: a dash that stays a dash, no backslash of its own, no request at the start of a line.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '\\':
        escaped += "\\e";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      case '`':
        escaped += "\\(ga";
        break;
      case '^':
        escaped += "\\(ha";
        break;
      case '~':
        escaped += "\\(ti";
        break;
      default:
        escaped += c;
        break;
    }
  }
  return escaped.starts_with('.') ? "\\&" + escaped : escaped;
}

std::string man_option(const OptionSpec& option) {
  return fmt::format(".TP\n.B {}\n{}\n", roff(option_heading(option)), roff(option_text(option)));
}

std::string man_command(const CommandSpec& command) {
  std::string page = fmt::format(".SS {}\n.B {} {}\n{} [options]\n.PP\n{}.\n", roff(command.name), program_name,
                                 roff(command.name), roff(command.usage), roff(command.summary));
  for (const std::string_view paragraph : command.description) {
    page += fmt::format(".PP\n{}\n", roff(paragraph));
  }
  if (!command.positional.name.empty()) {
    page += fmt::format(".TP\n.B {}\n{}\n", roff(command.positional.name), roff(command.positional.help));
  }
  for (const OptionSpec& option : command.options) {
    page += man_option(option);
  }
  page += ".PP\nExit codes:\n";
  for (const ExitSpec& exit : command.exits) {
    page += fmt::format(".TP\n.B {}\n{}\n", exit.code, roff(exit.meaning));
  }
  page += ".PP\nExamples:\n";
  for (const ExampleSpec& example : command.examples) {
    page += fmt::format(".TP\n.B {}\n{}\n", roff(example.command), roff(example.meaning));
  }
  return page;
}

// For a Markdown table.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '|' ? "\\|" : c == '<' ? "&lt;" : std::string(1, c);
  }
  return escaped;
}

std::string markdown_command(const CommandSpec& command) {
  std::string page = fmt::format("\n## {0} {1}\n\n```\n{0} {1} {2} [options]\n```\n\n{3}.\n", program_name,
                                 command.name, command.usage, command.summary);
  for (const std::string_view paragraph : command.description) {
    page += fmt::format("\n{}\n", paragraph);
  }
  page += "\n| option | meaning |\n|---|---|\n";
  if (!command.positional.name.empty()) {
    page += fmt::format("| `{}` | {} |\n", command.positional.name, cell(command.positional.help));
  }
  for (const OptionSpec& option : command.options) {
    page += fmt::format("| `{}` | {} |\n", cell(option_heading(option)), cell(option_text(option)));
  }
  page += "\n| exit code | meaning |\n|---|---|\n";
  for (const ExitSpec& exit : command.exits) {
    page += fmt::format("| {} | {} |\n", exit.code, cell(exit.meaning));
  }
  page += "\n```\n";
  for (const ExampleSpec& example : command.examples) {
    page += fmt::format("# {}\n{}\n", example.meaning, example.command);
  }
  return page + "```\n";
}

}  // namespace

std::string man_page(std::string_view version) {
  std::string page = fmt::format(
      ".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Written by segproof --generate man.\n"
      ".TH SEGPROOF 1 \"\" \"segproof {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n"
      ".B {}\n.I COMMAND\n[\n.I FOLDER\n]\n[options]\n.SH DESCRIPTION\n{}\n.PP\n{}\n.PP\n{}\n.SH COMMANDS\n",
      roff(version), program_name, roff(program_summary), program_name, roff(introduction), roff(input_note),
      roff(stream_note));
  for (const CommandSpec& command : commands()) {
    page += man_command(command);
  }
  page += ".SH OPTIONS\n";
  for (const OptionSpec& option : global_options()) {
    page += man_option(option);
  }
  page += ".SH EXIT STATUS\nThe codes of each command stand with it. For all of them:\n";
  for (const ExitSpec& exit : common_exits) {
    page += fmt::format(".TP\n.B {}\n{}\n", exit.code, roff(exit.meaning));
  }
  page +=
      ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nNo colour unless \\-\\-color always, whatever the value.\n"
      ".TP\n.B TERM\nNo colour when it is unset or \\(aqdumb\\(aq.\n"
      ".TP\n.B COLUMNS\nThe width of a terminal that does not say its own.\n";
  return page;
}

std::string markdown_page() {
  std::string page = fmt::format(
      "<!-- SPDX-License-Identifier: Apache-2.0 -->\n<!-- Written by `segproof --generate markdown`; the table behind "
      "it "
      "is src/cli/options.cpp. -->\n# The command line\n\n{}\n\n{}\n\n{}\n\n| exit code of every command | meaning "
      "|\n|---|---|\n",
      introduction, input_note, stream_note);
  for (const ExitSpec& exit : common_exits) {
    page += fmt::format("| {} | {} |\n", exit.code, exit.meaning);
  }
  page += "\n| option before any command | meaning |\n|---|---|\n";
  for (const OptionSpec& option : global_options()) {
    page += fmt::format("| `{}` | {} |\n", option_heading(option), cell(option_text(option)));
  }
  page +=
      "\nThe environment: `NO_COLOR` (set to anything but nothing) and `TERM=dumb` switch colour off unless `--color "
      "always`; `COLUMNS` is the width of a terminal that does not say its own.\n";
  for (const CommandSpec& command : commands()) {
    page += markdown_command(command);
  }
  return page;
}

}  // namespace segproof::cli
