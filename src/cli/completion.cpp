// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#include "cli/options.h"

namespace segproof::cli {
namespace {

std::string words_of(const std::vector<OptionSpec>& options) {
  std::vector<std::string> words;
  for (const OptionSpec& option : options) {
    if (option.letter != '\0') {
      words.push_back(fmt::format("-{}", option.letter));
    }
    words.push_back(fmt::format("--{}", option.name));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::string command_words() {
  std::vector<std::string_view> names;
  for (const CommandSpec& command : commands()) {
    names.push_back(command.name);
  }
  return fmt::format("{}", fmt::join(names, " "));
}

// Patterns of the bash `case` over COMMAND:OPTION that mean this one.
std::string pattern_of(const CommandSpec& command, const OptionSpec& option) {
  const std::string name = fmt::format("{}:--{}", command.name, option.name);
  return option.letter == '\0' ? name : fmt::format("{}:-{}|{}", command.name, option.letter, name);
}

// What bash offers after an option of a command; nothing for those that are followed by files or by any word.
std::string bash_choices(const CommandSpec& command) {
  std::string cases;
  for (const OptionSpec& option : command.options) {
    if (option.takes == Takes::nothing || option.completes == Completes::paths) {
      continue;
    }
    cases +=
        fmt::format("      {})\n        COMPREPLY=($(compgen -W \"{}\" -- \"$word\"))\n        return\n        ;;\n",
                    pattern_of(command, option), fmt::join(option.choices, " "));
  }
  return cases;
}

// Between single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return escaped;
}

// Inside the brackets of a zsh _arguments specification.
std::string zsh_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '[' || c == ']' || c == ':' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return quoted(escaped);
}

std::string zsh_action(const OptionSpec& option) {
  if (option.completes == Completes::paths) {
    return "_files";
  }
  return option.choices.empty() ? " " : fmt::format("({})", fmt::join(option.choices, " "));
}

std::string zsh_option(const OptionSpec& option) {
  std::string names = fmt::format("--{}", option.name);
  std::string line;
  for (const std::string& name :
       option.letter == '\0' ? std::vector{names} : std::vector{fmt::format("-{}", option.letter), names}) {
    // An option with several values may be repeated, so it is offered again.
    line += fmt::format(
        "        '{}{}[{}]{}' \\\n", option.takes == Takes::many ? "*" : "", name, zsh_text(option.help),
        option.takes == Takes::nothing ? "" : fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option)));
  }
  return line;
}

std::string fish_option(std::string_view command, const OptionSpec& option) {
  std::string line =
      fmt::format("complete -c {} -n '__fish_seen_subcommand_from {}' -l {}", program_name, command, option.name);
  if (option.letter != '\0') {
    line += fmt::format(" -s {}", option.letter);
  }
  if (option.takes != Takes::nothing) {
    line += option.completes == Completes::paths ? " -r -F" : " -x";
  }
  if (!option.choices.empty()) {
    line += fmt::format(" -a '{}'", fmt::join(option.choices, " "));
  }
  return fmt::format("{} -d '{}'\n", line, quoted(option.help));
}

}  // namespace

std::string bash_completion() {
  std::string alternatives;
  std::string choices;
  std::string options;
  for (const CommandSpec& command : commands()) {
    alternatives += fmt::format("{}{}", alternatives.empty() ? "" : "|", command.name);
    choices += bash_choices(command);
    options += fmt::format("    {})\n      options=\"{}\"\n      ;;\n", command.name, words_of(command.options));
  }
  return fmt::format(
      R"(# SPDX-License-Identifier: Apache-2.0
# Written by segproof --generate bash.
_segproof() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" command="" options="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${{COMP_WORDS[i]}}" in
      {})
        command="${{COMP_WORDS[i]}}"
        break
        ;;
    esac
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "{} {}" -- "$word"))
    return
  fi
  if [[ $word != -* ]]; then
    case "$command:$before" in
{}    esac
    COMPREPLY=($(compgen -f -- "$word"))
    return
  fi
  case "$command" in
{}  esac
  COMPREPLY=($(compgen -W "$options" -- "$word"))
}}
complete -o filenames -F _segproof segproof
)",
      alternatives, command_words(), words_of(global_options()), choices, options);
}

std::string zsh_completion() {
  std::string names;
  std::string cases;
  for (const CommandSpec& command : commands()) {
    names += fmt::format("    '{}:{}'\n", command.name, zsh_text(command.summary));
    cases += fmt::format("    {})\n      _arguments \\\n", command.name);
    for (const OptionSpec& option : command.options) {
      cases += zsh_option(option);
    }
    cases += "        '*:file:_files'\n      ;;\n";
  }
  return fmt::format(
      R"(#compdef segproof
# SPDX-License-Identifier: Apache-2.0
# Written by segproof --generate zsh.
_segproof() {{
  local -a names
  names=(
{}  )
  if ((CURRENT == 2)); then
    _describe 'command' names
    _values 'option' --help --version
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
{}  esac
}}
_segproof "$@"
)",
      names, cases);
}

std::string fish_completion() {
  std::string script = fmt::format(
      "# SPDX-License-Identifier: Apache-2.0\n# Written by segproof --generate fish.\n"
      "complete -c {0} -n '__fish_use_subcommand' -f\n"
      "complete -c {0} -n '__fish_use_subcommand' -l help -s h -d 'show this help'\n"
      "complete -c {0} -n '__fish_use_subcommand' -l version -d 'show the version'\n",
      program_name);
  for (const CommandSpec& command : commands()) {
    script += fmt::format("complete -c {} -n '__fish_use_subcommand' -a {} -d '{}'\n", program_name, command.name,
                          quoted(command.summary));
    for (const OptionSpec& option : command.options) {
      script += fish_option(command.name, option);
    }
  }
  return script;
}

}  // namespace segproof::cli
