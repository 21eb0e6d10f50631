// SPDX-License-Identifier: Apache-2.0
// The only file that includes CLI11.
#include "cli/parser.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <utility>

#include "base/text.h"
#include "cli/options.h"

namespace segproof::cli {
namespace {

// CLI11 reads "[a,b]" as a list. A mark before a leading bracket keeps such words whole; it is removed again.
constexpr char bracket_mark = '\x01';

std::string guard(const std::string& word) {
  if (word.starts_with('[')) {
    return bracket_mark + word;
  }
  const std::size_t equals = word.find('=');
  if (word.starts_with("--") && equals != std::string::npos && equals + 1 < word.size() && word[equals + 1] == '[') {
    return word.substr(0, equals + 1) + bracket_mark + word.substr(equals + 1);
  }
  return word;
}

std::string unguard(std::string word) {
  std::erase(word, bracket_mark);
  return word;
}

// Where CLI11 puts the words of one option.
struct Slot {
  std::string name;
  const OptionSpec* spec = nullptr;
  CLI::Option* option = nullptr;
  std::string one;
  std::vector<std::string> many;
};

std::string dashed(const OptionSpec& option) {
  return option.letter == '\0' ? fmt::format("--{}", option.name) : fmt::format("-{},--{}", option.letter, option.name);
}

void declare(CLI::App& app, const std::vector<OptionSpec>& options, std::deque<Slot>& slots) {
  app.set_help_flag();
  for (const OptionSpec& option : options) {
    Slot& slot = slots.emplace_back();
    slot.name = option.name;
    slot.spec = &option;
    switch (option.takes) {
      case Takes::nothing:
        slot.option = app.add_flag(dashed(option));
        break;
      case Takes::one:
        slot.option = app.add_option(dashed(option), slot.one);
        break;
      case Takes::many:
        slot.option = app.add_option(dashed(option), slot.many);
        break;
    }
  }
}

std::string hint_for(std::string_view word, const std::vector<std::string>& known) {
  const std::string hint = did_you_mean_hint(word, known);
  return hint.empty() ? "" : "; " + hint;
}

// Words that belong to nothing: a misspelt command, a misspelt option, or one argument too many.
Failure unexpected(const std::string& word, const CommandSpec* command, const std::vector<CommandSpec>& table) {
  std::vector<std::string> known;
  if (word.starts_with('-') && word.size() > 1) {
    const std::string name = word.substr(0, word.find('='));
    for (const OptionSpec& option : command != nullptr ? command->options : global_options()) {
      known.push_back(fmt::format("--{}", option.name));
    }
    return {fmt::format("unknown option {}{}", quote(name), hint_for(name, known))};
  }
  if (command == nullptr) {
    for (const CommandSpec& each : table) {
      known.emplace_back(each.name);
    }
    return {fmt::format("unknown command {}{}", quote(word), hint_for(word, known))};
  }
  return {fmt::format("unexpected argument {}", quote(word))};
}

// CLI11 says what is wrong in words of its own; the option and what is missing are all that we take from it.
Failure translated(const CLI::ParseError& error, const std::deque<Slot>& slots) {
  const std::string what = error.what();
  for (const Slot& slot : slots) {
    const std::string name = fmt::format("--{}", slot.name);
    if (slot.spec != nullptr && what.starts_with(name + ":")) {
      const bool repeated = slot.option->count() > 1;
      return {repeated ? fmt::format("`{}` is given more than once", name) : fmt::format("`{}` needs a value", name)};
    }
  }
  return {what.empty() ? "the command line is not understood" : escape_controls(unguard(what))};
}

// Nothing, or why the values are not allowed.
std::string forbidden(const Slot& slot, const std::vector<std::string>& values) {
  if (slot.spec == nullptr || slot.spec->choices.empty()) {
    return {};
  }
  const auto& choices = slot.spec->choices;
  for (const std::string& value : values) {
    if (std::ranges::find(choices, value) == choices.end()) {
      return fmt::format("`--{}` takes {}, not {}{}", slot.name, fmt::join(choices, ", "), quote(value),
                         hint_for(value, {choices.begin(), choices.end()}));
    }
  }
  return {};
}

Result<ParsedLine> collect(std::string command, const std::deque<Slot>& slots) {
  ParsedLine line{.command = std::move(command), .values = {}};
  for (const Slot& slot : slots) {
    if (slot.option->count() == 0) {
      continue;
    }
    std::vector<std::string> values;
    if (slot.spec == nullptr || slot.spec->takes == Takes::one) {
      values.push_back(unguard(slot.one));
    }
    for (const std::string& value : slot.many) {
      values.push_back(unguard(value));
    }
    if (std::string reason = forbidden(slot, values); !reason.empty()) {
      return Failure{std::move(reason)};
    }
    line.values.emplace(slot.name, std::move(values));
  }
  return line;
}

// A command of the table with its part of the parser.
struct Branch {
  const CommandSpec* spec = nullptr;
  CLI::App* app = nullptr;
  std::deque<Slot> slots;
};

Branch& add_branch(CLI::App& root, const CommandSpec& command, std::deque<Branch>& branches) {
  Branch& branch = branches.emplace_back();
  branch.spec = &command;
  branch.app = root.add_subcommand(std::string(command.name));
  declare(*branch.app, command.options, branch.slots);
  if (!command.positional.name.empty()) {
    Slot& slot = branch.slots.emplace_back();
    slot.name = command.positional.name;
    slot.option = branch.app->add_option(slot.name, slot.one);
  }
  return branch;
}

}  // namespace

std::vector<std::string> ParsedLine::all(std::string_view name) const {
  const auto found = values.find(name);
  return found == values.end() ? std::vector<std::string>{} : found->second;
}

std::string ParsedLine::one(std::string_view name, std::string_view fallback) const {
  const auto found = values.find(name);
  return found == values.end() || found->second.empty() ? std::string(fallback) : found->second.front();
}

Result<ParsedLine> parse_line(std::span<const std::string> words) {
  const std::vector<CommandSpec> table = commands();
  const std::vector<OptionSpec> globals = global_options();
  CLI::App root;
  std::deque<Slot> root_slots;
  std::deque<Branch> branches;
  declare(root, globals, root_slots);
  for (const CommandSpec& command : table) {
    add_branch(root, command, branches);
  }
  root.require_subcommand(0, 1);
  std::vector<std::string> reversed;
  for (const std::string& word : words) {
    reversed.push_back(guard(word));
  }
  std::ranges::reverse(reversed);
  const auto chosen = [&branches] {
    return std::ranges::find_if(branches, [](const Branch& branch) { return branch.app->parsed(); });
  };
  try {
    root.parse(std::move(reversed));
  } catch (const CLI::ExtrasError&) {
    const std::vector<std::string> extras = root.remaining(true);
    const auto branch = chosen();
    return unexpected(extras.empty() ? "" : unguard(extras.front()), branch == branches.end() ? nullptr : branch->spec,
                      table);
  } catch (const CLI::ParseError& error) {
    const auto branch = chosen();
    return translated(error, branch == branches.end() ? root_slots : branch->slots);
  }
  const auto branch = chosen();
  return branch == branches.end() ? collect({}, root_slots) : collect(std::string(branch->spec->name), branch->slots);
}

}  // namespace segproof::cli
