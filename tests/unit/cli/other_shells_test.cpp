// SPDX-License-Identifier: Apache-2.0
// The completions for zsh and fish, read by those shells. A program of its own, because few machines have both.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "cli/completion.h"
#include "support/skip.h"
#include "unit/cli/shell.h"

namespace segproof::cli {
namespace {

TEST_CASE("zsh and fish can read theirs") {
  const std::array shells = {std::pair{std::string("zsh"), zsh_completion()},
                             std::pair{std::string("fish"), fish_completion()}};
  for (const auto& [shell, text] : shells) {
    if (!shell_output(fmt::format("{} -c true", shell)).first) {
      test::skip("shells", fmt::format("there is no {}", shell));
      continue;
    }
    const TextFile script(text);
    const std::pair<bool, std::string> result = shell_output(fmt::format("{} -n {}", shell, script.path()));
    const std::string& output = result.second;
    CAPTURE(output);
    CHECK(result.first);
  }
}

}  // namespace
}  // namespace segproof::cli
