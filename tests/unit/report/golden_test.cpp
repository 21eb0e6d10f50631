// SPDX-License-Identifier: Apache-2.0
// Whole outputs against tests/golden/report. SEGPROOF_UPDATE_GOLDEN=1 writes them anew (see the README there).
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "report/answers.h"
#include "report/inputs.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/matrix.h"
#include "report/sarif.h"
#include "report/text.h"
#include "unit/report/samples.h"

namespace segproof::report {
namespace {

using Outputs = std::vector<std::pair<std::string, std::string>>;

Outputs outputs_of(const test::Sample& sample) {
  const SourceStore& sources = sample.sources;
  const TextStyle narrow{.colour = Colour::off, .width = 40};
  const TextStyle normal{.colour = Colour::off, .width = 80};
  const TextStyle wide{.colour = Colour::off, .width = 200};
  return {{"verify-40.txt", verify_text(sample.results, sources, narrow)},
          {"verify-80.txt", verify_text(sample.results, sources, normal)},
          {"verify-200.txt", verify_text(sample.results, sources, wide)},
          {"verify-80-colour.txt", verify_text(sample.results, sources, {.colour = Colour::on, .width = 80})},
          {"verify.json", verify_json(sample.results, sources)},
          {"verify.junit.xml", verify_junit(sample.results, sources)},
          {"verify.sarif", verify_sarif(sample.results, sources)},
          {"matrix.txt", matrix_text(sample.matrix, sources, normal)},
          {"matrix.json", matrix_json(sample.matrix, sources)},
          {"matrix.csv", matrix_csv(sample.matrix)},
          {"inputs.txt", inputs_text(sample.results.inputs, sources, normal)},
          {"inputs.json", inputs_json(sample.results.inputs, sources)},
          {"reach.txt", reach_text(sample.reach, sources, normal)},
          {"reach.json", reach_json(sample.reach, sources)},
          {"blast.txt", blast_text(sample.blast, sources, normal)},
          {"blast.json", blast_json(sample.blast, sources)},
          {"trace.txt", trace_text(sample.trace, sources, normal)},
          {"trace.json", trace_json(sample.trace, sources)}};
}

TEST_CASE("every format writes what its golden file says") {
  const bool update = std::getenv("SEGPROOF_UPDATE_GOLDEN") != nullptr;
  for (const auto& written : outputs_of(test::plain_sample())) {
    const std::string& name = written.first;
    const std::string& output = written.second;
    CAPTURE(name);
    const std::string path = "tests/golden/report/" + name;
    if (update) {
      REQUIRE(write_file(path, output).ok());
    }
    const Result<std::string> golden = RealFileSystem().read_file(path, default_file_limit);
    REQUIRE(golden.ok());
    CHECK(output == golden.value());
  }
}

TEST_CASE("two runs write the same bytes, and each output ends with one line break") {
  const Outputs first = outputs_of(test::plain_sample());
  const Outputs second = outputs_of(test::plain_sample());
  CHECK(first == second);
  for (const auto& written : first) {
    const std::string& name = written.first;
    const std::string& output = written.second;
    CAPTURE(name);
    REQUIRE(output.size() > 2);
    CHECK(output.back() == '\n');
    CHECK(output[output.size() - 2] != '\n');
  }
}

}  // namespace
}  // namespace segproof::report
