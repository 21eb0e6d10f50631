// SPDX-License-Identifier: Apache-2.0
#include "report/csv.h"

#include <doctest/doctest.h>

#include <string>

namespace segproof::report {
namespace {

TEST_CASE("cells are quoted where they must be") {
  CHECK(csv_cell("plain") == "plain");
  CHECK(csv_cell("two words") == "two words");
  CHECK(csv_cell("") == "");
  CHECK(csv_cell("a,b") == "\"a,b\"");
  CHECK(csv_cell("a\"b") == "\"a\"\"b\"");
  CHECK(csv_cell("a;b") == "\"a;b\"");
  CHECK(csv_cell("a\nb\x1b") == "a\\nb\\x1b");
  CHECK(csv_cell(" x") == "\" x\"");
}

TEST_CASE("no cell is a formula") {
  for (const char* start : {"=", "+", "-", "@", "|", "%", " =", "＝"}) {
    const std::string cell = csv_cell(std::string(start) + "cmd");
    CAPTURE(cell);
    CHECK(cell == "\"'" + std::string(start) + "cmd\"");
  }
  CHECK(csv_cell("a=b") == "a=b");
}

}  // namespace
}  // namespace segproof::report
