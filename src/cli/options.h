// SPDX-License-Identifier: Apache-2.0
// What can be typed: the one table that the parser, the help, the man page, docs/cli.md and the shell completions are
// made from. It holds words only; arguments.h gives them types.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace segproof::cli {

enum class Takes : std::uint8_t { nothing, one, many };
enum class Completes : std::uint8_t { nothing, paths };

struct OptionSpec {
  std::string_view name;  // "topology", without dashes
  char letter = '\0';     // 't', or none
  Takes takes = Takes::nothing;
  std::string_view value;                      // "T", how the help names the value
  std::string_view help;                       // a sentence without full stop
  std::vector<std::string_view> choices = {};  // the only values allowed; empty: anything
  std::string_view fallback = {};              // what holds when it is not given, as the help says it
  Completes completes = Completes::nothing;
};

struct PositionalSpec {
  std::string_view name;  // "FOLDER"; empty: none
  std::string_view help;
  bool required = false;
};

struct ExampleSpec {
  std::string_view command;
  std::string_view meaning;
};

struct ExitSpec {
  int code = 0;
  std::string_view meaning;
};

struct CommandSpec {
  std::string_view name;
  std::string_view summary;                   // a few words
  std::string_view usage;                     // what stands after the name
  std::vector<std::string_view> description;  // paragraphs
  PositionalSpec positional;
  std::vector<OptionSpec> options;
  std::vector<ExampleSpec> examples;
  std::vector<ExitSpec> exits;
};

// In the order in which the help lists them.
[[nodiscard]] std::vector<CommandSpec> commands();

// --help, --version and the hidden --generate, which stand before any command.
[[nodiscard]] std::vector<OptionSpec> global_options();

// Kinds of --generate.
[[nodiscard]] std::vector<std::string_view> generated_kinds();

inline constexpr std::string_view program_name = "segproof";
inline constexpr std::string_view program_summary = "prove or refute network segmentation claims";

}  // namespace segproof::cli
