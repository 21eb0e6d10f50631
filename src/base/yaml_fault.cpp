// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_fault.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace segproof {
namespace {

struct Wording {
  std::string_view theirs;
  std::string_view ours;
  std::string_view hint;
};

constexpr std::array wordings = std::to_array<Wording>({
    {"illegal tab when looking for indentation", "a tab in the indentation", "indent with spaces"},
    {"end of map not found", "this does not continue the mapping above",
     "check the indentation, and that each key has a `:`"},
    {"end of map flow not found", "a `{` is not closed",
     "add the missing `}`; quote values that hold `{`, `}`, `,` or `: `"},
    {"end of sequence not found", "this does not continue the list above", "check the indentation"},
    {"end of sequence flow not found", "a `[` is not closed",
     "add the missing `]`; quote values that hold `[`, `]`, `,` or `: `"},
    {"illegal map value", "a `:` is not expected here", "quote values that hold `: `"},
    {"illegal EOF in scalar", "the file ends inside a quoted text", "add the closing quote"},
    {"illegal flow end", "a closing bracket without its opening one", ""},
    {"illegal block entry", "a list item is not expected here", "check the indentation"},
    {"illegal map key", "a key is not expected here", "check the indentation"},
    {"unknown token", "a character that cannot begin a value", "quote the value"},
    {"the referenced anchor is not defined", "an alias of an anchor that is not defined",
     "define `&name` before `*name`"},
});

}  // namespace

YamlFault yaml_fault(std::string_view theirs, std::string_view line) {
  const std::size_t tab = line.substr(0, line.find_first_not_of(" \t")).find('\t');
  if (tab != std::string_view::npos) {
    return {.message = "not YAML: a tab in the indentation",
            .hint = "indent with spaces",
            .column = static_cast<std::uint32_t>(tab) + 1};
  }
  for (const Wording& wording : wordings) {
    if (theirs.starts_with(wording.theirs)) {
      return {.message = fmt::format("not YAML: {}", wording.ours), .hint = std::string(wording.hint), .column = {}};
    }
  }
  return {.message = fmt::format("not YAML: {}", escape_controls(theirs)), .hint = {}, .column = {}};
}

}  // namespace segproof
