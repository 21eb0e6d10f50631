// SPDX-License-Identifier: Apache-2.0
#include "base/line_account.h"

#include <doctest/doctest.h>

namespace segproof {

TEST_CASE("runs hold each line of a use once, and no other") {
  using enum LineUse;
  const LineAccount account{{irrelevant, modelled, modelled, blank, modelled, undecided, irrelevant, irrelevant}, {}};
  CHECK(account.runs(modelled) == std::vector<LineRun>{{2, 3}, {5, 5}});
  CHECK(account.runs(irrelevant) == std::vector<LineRun>{{1, 1}, {7, 8}});
  CHECK(account.runs(unmodelled).empty());
  std::size_t lines = 0;
  for (const LineUse use : {blank, modelled, irrelevant, undecided, unmodelled}) {
    std::size_t in_runs = 0;
    for (const LineRun& run : account.runs(use)) {
      in_runs += run.last - run.first + 1;
    }
    CHECK(in_runs == account.count(use));
    lines += in_runs;
  }
  CHECK(lines == account.uses.size());
  CHECK(LineAccount().runs(blank).empty());
}

TEST_CASE("empty lines and comments") {
  for (const char* blank : {"", " \t\r", "# a", "  #", "; of an INI file"}) {
    CHECK(is_blank_or_comment(blank));
  }
  for (const char* other : {"-A INPUT # no comment of its own", "*filter", "0"}) {
    CHECK_FALSE(is_blank_or_comment(other));
  }
}

}  // namespace segproof
