// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace segproof::cli {
namespace {

using report::Column;
using report::Ink;
using report::Page;
using report::Pieces;

constexpr std::size_t left_column = 22;
constexpr std::size_t indent = 2;

void add_title(Page& page, std::string_view title) {
  page.blank();
  page.paragraph({{.text = fmt::format("{}:", title), .ink = Ink::strong}});
}

// The heading and its text side by side; the text below where the heading is too long.
void add_entry(Page& page, const std::string& heading, const std::string& text) {
  if (heading.size() <= left_column) {
    const std::array<Pieces, 2> cells = {Pieces{{.text = heading, .ink = Ink::strong}},
                                         Pieces{{.text = text, .ink = Ink::plain}}};
    page.row(cells, std::array<Column, 2>{{{left_column}, {0}}}, indent);
    return;
  }
  page.paragraph({{.text = heading, .ink = Ink::strong}}, indent);
  page.line(text, indent + left_column + 2);
}

void add_options(Page& page, const std::vector<OptionSpec>& options) {
  for (const OptionSpec& option : options) {
    add_entry(page, option_heading(option), option_text(option));
  }
}

void add_examples(Page& page, const std::vector<ExampleSpec>& examples) {
  for (const ExampleSpec& example : examples) {
    page.paragraph({{.text = std::string(example.command), .ink = Ink::strong}}, indent, 4);
    page.line(example.meaning, 3 * indent);
  }
}

}  // namespace

std::string option_heading(const OptionSpec& option) {
  std::string heading =
      option.letter == '\0' ? fmt::format("--{}", option.name) : fmt::format("-{}, --{}", option.letter, option.name);
  if (option.takes != Takes::nothing) {
    heading += fmt::format(" {}{}", option.value, option.takes == Takes::many ? "..." : "");
  }
  return heading;
}

std::string option_text(const OptionSpec& option) {
  std::string text(option.help);
  if (!option.choices.empty()) {
    text += fmt::format(": {}", fmt::join(option.choices, ", "));
  }
  if (!option.fallback.empty()) {
    text += fmt::format(" [{}]", option.fallback);
  }
  return text;
}

std::string general_help(const report::TextStyle& style) {
  Page page(style);
  page.paragraph({{.text = std::string(program_name), .ink = Ink::strong},
                  {.text = fmt::format(" - {}", program_summary), .ink = Ink::plain}});
  page.blank();
  page.line(
      "Reads firewall rules and host inventories, and says of each claim about the network whether it holds: proved, "
      "or refuted with a packet that breaks it.");
  add_title(page, "Usage");
  page.line("segproof COMMAND [FOLDER] [options]", indent);
  add_title(page, "Commands");
  for (const CommandSpec& command : commands()) {
    add_entry(page, std::string(command.name), std::string(command.summary));
  }
  add_title(page, "Options");
  std::vector<OptionSpec> shown = global_options();
  std::erase_if(shown, [](const OptionSpec& option) { return option.name == "generate"; });
  add_options(page, shown);
  add_title(page, "Begin with");
  std::vector<ExampleSpec> first;
  for (const CommandSpec& command : commands()) {
    first.push_back(command.examples.front());
  }
  add_examples(page, first);
  page.blank();
  page.line("`segproof COMMAND --help` explains a command.");
  return std::move(page).take();
}

std::string command_help(const CommandSpec& command, const report::TextStyle& style) {
  Page page(style);
  page.paragraph({{.text = fmt::format("{} {}", program_name, command.name), .ink = Ink::strong},
                  {.text = fmt::format(" - {}", command.summary), .ink = Ink::plain}});
  add_title(page, "Usage");
  page.paragraph(
      {{.text = fmt::format("{} {} {} [options]", program_name, command.name, command.usage), .ink = Ink::plain}},
      indent, 4);
  for (const std::string_view paragraph : command.description) {
    page.blank();
    page.line(paragraph);
  }
  add_title(page, "Options");
  if (!command.positional.name.empty()) {
    add_entry(page, std::string(command.positional.name), std::string(command.positional.help));
  }
  add_options(page, command.options);
  add_title(page, "Examples");
  add_examples(page, command.examples);
  add_title(page, "Exit codes");
  for (const ExitSpec& exit : command.exits) {
    page.paragraph({{.text = fmt::format("{}", exit.code), .ink = Ink::strong},
                    {.text = fmt::format("  {}", exit.meaning), .ink = Ink::plain}},
                   indent, 3);
  }
  return std::move(page).take();
}

}  // namespace segproof::cli
