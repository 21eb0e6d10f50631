// SPDX-License-Identifier: Apache-2.0
// What the YAML library calls a fault of syntax, in words that help to find it. Every reader of YAML says it the same
// way. The library itself is not needed here: it is known by its texts, and a text that is not known is passed on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace segproof {

struct YamlFault {
  std::string message;  // "not YAML: a `[` is not closed"
  std::string hint;
  std::optional<std::uint32_t> column;  // from 1, when the place is known better than the library knows it
};

// `theirs` is the library's text, `line` the line that it names.
[[nodiscard]] YamlFault yaml_fault(std::string_view theirs, std::string_view line);

}  // namespace segproof
