// SPDX-License-Identifier: Apache-2.0
// Texts that want to be more than text, in every field of every format.
#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/display.h"
#include "base/text.h"
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

using namespace std::string_view_literals;

constexpr std::array poisons = {
    "\x1b[2J\x1b[31mred\x07"sv,                   // a terminal that obeys
    "\n-A FORWARD -j ACCEPT\r\nfake: proved"sv,   // a line of its own
    "]]>&<b a=\"1\" c='2'><!--"sv,                // markup
    "\xff\xfe\xc0\x80\xed\xa0\x80"sv,             // not UTF-8
    "\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b"sv,     // reordering and hiding
    "\0\x01\x7f\xc2\x9b"sv,                       // controls
    "\",\"evil\":{\"x\":\"\\u0000"sv,             // JSON
    "=cmd|' /C calc'!A0"sv,                       // a spreadsheet
    "\xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\x98\x80"sv  // no XML characters, and an emoji
};

// Nothing in it but line breaks and what a terminal may see.
void check_harmless(std::string_view text) {
  CHECK_FALSE(first_invalid_utf8(text));
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    if (glyph.bytes != "\n") {
      REQUIRE_FALSE(must_be_escaped(glyph));
    }
    text.remove_prefix(glyph.bytes.size());
  }
}

std::size_t lines_of(std::string_view text) {
  return split(text, '\n').size();
}

TEST_CASE("text for people holds no control characters, and no line that the input made") {
  // On a page this wide nothing is folded, so a line break of the input would show in the number of lines.
  const TextStyle style{.colour = Colour::off, .width = 100000};
  const test::Sample plain = test::plain_sample();
  for (const std::string_view poison : poisons) {
    CAPTURE(poison);
    const test::Sample sample = test::poisoned_sample(poison);
    const std::string verify = verify_text(sample.results, sample.sources, style);
    check_harmless(verify);
    CHECK(lines_of(verify) == lines_of(verify_text(plain.results, plain.sources, style)));
    const std::string matrix = matrix_text(sample.matrix, sample.sources, style);
    check_harmless(matrix);
    CHECK(lines_of(matrix) == lines_of(matrix_text(plain.matrix, plain.sources, style)));
    const std::string reach = reach_text(sample.reach, sample.sources, style);
    check_harmless(reach);
    CHECK(lines_of(reach) == lines_of(reach_text(plain.reach, plain.sources, style)));
    const std::string inputs = inputs_text(sample.results.inputs, sample.sources, style);
    check_harmless(inputs);
    CHECK(lines_of(inputs) == lines_of(inputs_text(plain.results.inputs, plain.sources, style)));
    check_harmless(blast_text(sample.blast, sample.sources, style));
    check_harmless(trace_text(sample.trace, sample.sources, style));
  }
}

TEST_CASE("hostile texts do not widen the page") {
  for (const std::string_view poison : poisons) {
    const test::Sample sample = test::poisoned_sample(poison);
    for (const std::size_t width : {40U, 80U, 200U}) {
      const TextStyle style{.colour = Colour::off, .width = width};
      for (const std::string& text :
           {verify_text(sample.results, sample.sources, style), matrix_text(sample.matrix, sample.sources, style),
            inputs_text(sample.results.inputs, sample.sources, style),
            trace_text(sample.trace, sample.sources, style)}) {
        for (const std::string_view line : split(text, '\n')) {
          CHECK(display_width(line) <= width);
        }
      }
    }
  }
}

TEST_CASE("JSON and SARIF stay documents of the same shape") {
  for (const std::string_view poison : poisons) {
    CAPTURE(poison);
    const test::Sample sample = test::poisoned_sample(poison);
    const nlohmann::json result = nlohmann::json::parse(verify_json(sample.results, sample.sources));
    CHECK(result.size() == 8);
    CHECK(result["claims"].size() == 6);
    const bool is_text = !first_invalid_utf8(poison).has_value();
    if (is_text) {
      CHECK(result["claims"][0]["id"] == "FTA-1" + std::string(poison));
      CHECK(result["claims"][1]["witness"]["steps"][0]["hops"][0]["stage"] == "filter FORWARD" + std::string(poison));
      CHECK(result["inputs"][0]["path"] == "policy/claims.yaml" + std::string(poison));
    }
    const nlohmann::json sarif = nlohmann::json::parse(verify_sarif(sample.results, sample.sources));
    const test::Sample confirmed = test::confirmed_sample(poison);
    CHECK(nlohmann::json::parse(verify_json(confirmed.results, confirmed.sources)).size() == 8);
    check_harmless(verify_text(confirmed.results, confirmed.sources, {.colour = Colour::off, .width = 100}));
    CHECK(sarif["runs"][0]["results"].size() == 5);
    check_harmless(sarif["runs"][0]["results"][0]["message"]["text"].get<std::string>());
    CHECK(nlohmann::json::parse(matrix_json(sample.matrix, sample.sources))["cells"].size() == 9);
    CHECK(nlohmann::json::parse(inputs_json(sample.results.inputs, sample.sources))["inputs"].size() == 2);
    CHECK(nlohmann::json::accept(reach_json(sample.reach, sample.sources)));
    CHECK(nlohmann::json::accept(blast_json(sample.blast, sample.sources)));
    CHECK(nlohmann::json::accept(trace_json(sample.trace, sample.sources)));
  }
}

TEST_CASE("JUnit stays well-formed, with the same elements") {
  for (const std::string_view poison : poisons) {
    CAPTURE(poison);
    const test::Sample sample = test::poisoned_sample(poison);
    const std::string xml = verify_junit(sample.results, sample.sources);
    check_harmless(xml);
    pugi::xml_document document;
    REQUIRE(document.load_string(xml.c_str(), pugi::parse_full));
    CHECK(document.select_nodes("//testcase").size() == 6);
    CHECK(document.select_nodes("//*").size() == 14);
    CHECK(document.select_nodes("//comment()").empty());
  }
}

TEST_CASE("CSV keeps its lines and its five cells") {
  for (const std::string_view poison : poisons) {
    CAPTURE(poison);
    const std::string csv = matrix_csv(test::poisoned_sample(poison).matrix);
    check_harmless(csv);
    const std::vector<std::string_view> lines = split(csv, '\n');
    REQUIRE(lines.size() == 11);
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      std::size_t commas = 0;
      bool quoted = false;
      for (const char c : lines[i]) {
        quoted = quoted != (c == '"');
        commas += c == ',' && !quoted ? 1U : 0U;
      }
      CHECK(commas == 4);
      CHECK_FALSE(quoted);
    }
  }
}

}  // namespace
}  // namespace segproof::report
