// SPDX-License-Identifier: Apache-2.0
// The completion for bash, run by bash.
#include "cli/completion.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "support/skip.h"
#include "unit/cli/shell.h"

namespace segproof::cli {
namespace {

std::string offered(const TextFile& script, const std::string& words, std::size_t at) {
  const auto [ended_well, output] =
      shell_output(fmt::format("bash -c 'source {} && COMP_WORDS=({}) && COMP_CWORD={} && _segproof && "
                               "printf \"%s \" \"${{COMPREPLY[@]}}\"'",
                               script.path(), words, at));
  CHECK(ended_well);
  return output;
}

TEST_CASE("bash offers commands, options and choices") {
  if (!shell_output("bash -c true").first) {
    test::skip("shells", "there is no bash");
    return;
  }
  const TextFile script(bash_completion());
  CHECK(offered(script, "segproof \"\"", 1).starts_with("verify confirm trace reach matrix blast filter"));
  CHECK(offered(script, "segproof ve", 1) == "verify");
  CHECK(offered(script, "segproof verify --f", 2) == "--format");
  CHECK(offered(script, "segproof verify . --format \"\"", 4) == "text json junit sarif");
  CHECK(offered(script, "segproof matrix . --format c", 4) == "csv");
  CHECK(offered(script, "segproof blast . --pivot l", 4) == "listening");
  CHECK(offered(script, "segproof verify docs/cl", 2) == "docs/cli.md");
}

}  // namespace
}  // namespace segproof::cli
