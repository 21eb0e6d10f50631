// SPDX-License-Identifier: Apache-2.0
#include "report/matrix.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "unit/report/samples.h"

namespace segproof::report {
namespace {

TEST_CASE("the JSON holds every cell in order") {
  const test::Sample sample = test::plain_sample();
  const nlohmann::json matrix = nlohmann::json::parse(matrix_json(sample.matrix, sample.sources));
  CHECK(matrix["schema"] == "segproof/matrix/1");
  REQUIRE(matrix["cells"].size() == 9);
  CHECK(matrix["cells"][1] == nlohmann::json{{"from", "corporate"},
                                             {"to", "dmz-transfer"},
                                             {"state", "restricted"},
                                             {"new", {"tcp dport 443", "tcp dport 22 from 10.11.0.0/24"}},
                                             {"replies", false}});
  CHECK(matrix["cells"][5]["state"] == "no-route");
  CHECK(matrix["cells"][2]["replies"] == true);
}

TEST_CASE("the CSV has a line for each cell") {
  const test::Sample sample = test::plain_sample();
  const std::string csv = matrix_csv(sample.matrix);
  CHECK(split(csv, '\n').size() == 11);  // header, nine cells, nothing after the last line break
  CHECK(csv.find("corporate,dmz-transfer,restricted,\"tcp dport 443; tcp dport 22 from 10.11.0.0/24\",no\n") !=
        std::string::npos);
}

TEST_CASE("a grid that does not fit is left out, its cells are not") {
  claim::Matrix matrix;
  for (int i = 0; i < 60; ++i) {
    const std::string name = fmt::format("zone-{:02}", i);
    matrix.cells.push_back({name, "zone-00", i == 0 ? claim::CellState::same : claim::CellState::open, {"any"}, false});
  }
  const std::string text = matrix_text(matrix, {}, {.colour = Colour::off, .width = 80});
  CHECK(text.find("(a grid of 60 columns needs a wider page)") != std::string::npos);
  CHECK(text.find("zone-59 -> zone-00  open") != std::string::npos);
  CHECK(matrix_text(matrix, {}, {.colour = Colour::off, .width = 250}).find("wider page") == std::string::npos);
}

}  // namespace
}  // namespace segproof::report
