// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_fault.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace segproof {
namespace {

// "MESSAGE | HINT", with "@COLUMN" in front when the place is known better.
std::string said(std::string_view theirs, std::string_view line) {
  const YamlFault fault = yaml_fault(theirs, line);
  const std::string place = fault.column ? fmt::format("@{} ", *fault.column) : std::string();
  return fmt::format("{}{} | {}", place, fault.message, fault.hint);
}

}  // namespace

TEST_CASE("faults of YAML are said in our words") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"end of sequence flow not found",
       "not YAML: a `[` is not closed | add the missing `]`; quote values that hold `[`, `]`, `,` or `: `"},
      {"end of sequence not found", "not YAML: this does not continue the list above | check the indentation"},
      {"illegal flow end", "not YAML: a closing bracket without its opening one | "},
      {"the referenced anchor is not defined: x",
       "not YAML: an alias of an anchor that is not defined | define `&name` before `*name`"},
  };
  for (const auto& [theirs, ours] : table) {
    CHECK(said(theirs, "a: b") == ours);
  }
}

TEST_CASE("a tab in the indentation is named whatever the library says") {
  CHECK(said("illegal map value", "  \ta:") == "@3 not YAML: a tab in the indentation | indent with spaces");
  CHECK(said("something new", "\ta:") == "@1 not YAML: a tab in the indentation | indent with spaces");
  CHECK(said("illegal map value", "a:\tb: c") == "not YAML: a `:` is not expected here | quote values that hold `: `");
}

TEST_CASE("a text that is not known is passed on, without its control characters") {
  CHECK(said("something new", "a: b") == "not YAML: something new | ");
  CHECK(said("a\x1b[31m", "") == "not YAML: a\\x1b[31m | ");
}

}  // namespace segproof
