// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostic.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "base/display.h"
#include "base/text.h"
#include "death.h"
#include "support/skip.h"

namespace segproof {
namespace {

// The rendering of one diagnostic on line `line` of `text`.
std::string rendered(std::string text, std::uint32_t line, std::uint32_t column, std::uint32_t length) {
  SourceStore sources;
  const FileId file = sources.add("f", std::move(text));
  return render({.code = DiagnosticCode::file_unreadable,
                 .severity = Severity::error,
                 .span = {.file = file, .line = line, .column = column, .length = length},
                 .message = "m"},
                sources);
}

}  // namespace

TEST_CASE("a diagnostic shows message, code, line, mark, notes and hint") {
  SourceStore sources;
  std::string text;
  for (int i = 1; i < 9; ++i) {
    text += "#\n";
  }
  text += "    zone: data\n#\n#\n#\n#\n    zone: dmz\n";
  const FileId file = sources.add("topologies/branch/hosts.yaml", text);
  const Diagnostic diagnostic{.code = DiagnosticCode::file_unreadable,
                              .severity = Severity::error,
                              .span = {.file = file, .line = 14, .column = 11, .length = 3},
                              .message = "host `db-2` is in two zones",
                              .notes = {{.span = {.file = file, .line = 9, .column = 11, .length = 4},
                                         .message = "first zone `data` given here"}},
                              .hint = "remove one of them"};
  CHECK(render(diagnostic, sources) ==
        "topologies/branch/hosts.yaml:14:11: error: host `db-2` is in two zones [SP0101]\n"
        "   14 |     zone: dmz\n"
        "      |           ^^^\n"
        "topologies/branch/hosts.yaml:9:11: note: first zone `data` given here\n"
        "      = hint: remove one of them\n");
}

TEST_CASE("a place may be a line, a file or nothing") {
  CHECK(rendered("abc\n", 1, 0, 0) == "f:1: error: m [SP0101]\n    1 | abc\n");
  CHECK(rendered("abc\n", 0, 0, 0) == "f: error: m [SP0101]\n");
  const SourceStore sources;
  CHECK(render({.code = DiagnosticCode::nul_byte, .severity = Severity::warning, .message = "m"}, sources) ==
        "segproof: warning: m [SP0104]\n");
}

TEST_CASE("marks stand under what they mark") {
  const std::string head = "f:1:";
  CHECK(rendered("abc", 1, 2, 0) == "f:1:2: error: m [SP0101]\n    1 | abc\n      |  ^\n");
  CHECK(rendered("abc", 1, 4, 1) == "f:1:4: error: m [SP0101]\n    1 | abc\n      |    ^\n");  // after the end
  CHECK(rendered("abc", 1, 2, 99) == "f:1:2: error: m [SP0101]\n    1 | abc\n      |  ^^\n");  // past the end
  CHECK(rendered("a\tb", 1, 3, 1) == "f:1:3: error: m [SP0101]\n    1 | a       b\n      |         ^\n");
  CHECK(rendered("\tb", 1, 1, 1) == "f:1:1: error: m [SP0101]\n    1 |         b\n      | ^^^^^^^^\n");
  CHECK(rendered("\xc3\xa4\xc3\xa4z", 1, 5, 1) == "f:1:5: error: m [SP0101]\n    1 | \xc3\xa4\xc3\xa4z\n      |   ^\n");
  CHECK(rendered("\xe6\x97\xa5z", 1, 4, 1) == "f:1:4: error: m [SP0101]\n    1 | \xe6\x97\xa5z\n      |   ^\n");
  CHECK(rendered("\xe6\x97\xa5z", 1, 2, 1) == "f:1:2: error: m [SP0101]\n    1 | \xe6\x97\xa5z\n      | ^^\n");
  CHECK(rendered("", 1, 1, 1) == "f:1:1: error: m [SP0101]\n    1 |\n      | ^\n");
  CHECK(rendered("a\n", 7, 3, 1) == "f:7:3: error: m [SP0101]\n    7 |\n      | ^\n");  // no such line
}

TEST_CASE("marks stand under what they mark in long files, too") {
  CHECK(rendered(std::string(1234566, '\n') + "abc", 1234567, 2, 1) ==
        "f:1234567:2: error: m [SP0101]\n1234567 | abc\n        |  ^\n");
}

TEST_CASE("control characters never reach the terminal") {
  CHECK(rendered("a\x1b[2Jz", 1, 6, 1) == "f:1:6: error: m [SP0101]\n    1 | a\\x1b[2Jz\n      |         ^\n");
  CHECK(rendered("\xe2\x80\xaez", 1, 1, 1) == "f:1:1: error: m [SP0101]\n    1 | \\u{202e}z\n      | ^^^^^^^^\n");
  CHECK(rendered(std::string("\0\xff", 2), 1, 2, 1) ==
        "f:1:2: error: m [SP0101]\n    1 | \\x00\\xff\n      |     ^^^^\n");
  SourceStore sources;
  const FileId file = sources.add("a\x1b.yaml", "");
  CHECK(render({.code = DiagnosticCode::file_unreadable, .span = {.file = file}, .message = "x\ny\x1b", .hint = "\x07"},
               sources) == "a\\x1b.yaml: error: x\\ny\\x1b [SP0101]\n      = hint: \\x07\n");
}

TEST_CASE("long lines are cut around the mark") {
  const std::string text = std::string(500, 'a') + "MARK" + std::string(500, 'b');
  const std::string shown = rendered(text, 1, 501, 4);
  CHECK(shown == "f:1:501: error: m [SP0101]\n    1 | ..." + std::string(33, 'a') + "MARK" + std::string(63, 'b') +
                     "...\n      |    " + std::string(33, ' ') + "^^^^\n");
  CHECK(rendered(std::string(100, 'a'), 1, 100, 1).find("...") == std::string::npos);
  CHECK(rendered(std::string(101, 'a'), 1, 1, 1) ==
        "f:1:1: error: m [SP0101]\n    1 | " + std::string(100, 'a') + "...\n      | ^\n");
  CHECK(rendered(std::string(300, 'a'), 1, 1, 300) ==
        "f:1:1: error: m [SP0101]\n    1 | " + std::string(100, 'a') + "...\n      | " + std::string(100, '^') + "\n");
}

TEST_CASE("a line of 100 MB costs nothing") {
  const std::string text = std::string(100'000'000, 'a');
  CHECK(rendered(text, 1, 50'000'000, 7).size() < 400);
  CHECK(rendered(text, 1, 100'000'001, 1).size() < 400);
}

TEST_CASE("whatever the bytes and the place, the rendering is printable and short") {
  std::mt19937_64 random(test::seed("render", 13));
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = random() % 600; i > 0; --i) {
      text += random() % 5 == 0 ? 'a' : static_cast<char>(random() % 256);
    }
    const std::string shown =
        rendered(text, static_cast<std::uint32_t>(random() % 5), static_cast<std::uint32_t>(random() % 700),
                 static_cast<std::uint32_t>(random() % 50));
    CHECK_FALSE(first_invalid_utf8(shown).has_value());
    CHECK(std::ranges::count(shown, '\n') <= 3);
    for (const std::string_view line : split(shown, '\n')) {
      CHECK(escape_controls(line) == line);
      CHECK(display_width(line) <= 115);
    }
  }
}

TEST_CASE("a sink keeps order, counts errors and bounds what it keeps per file") {
  SourceStore sources;
  const FileId a = sources.add("a", "");
  const FileId b = sources.add("b", "");
  DiagnosticSink sink(2);
  CHECK_FALSE(sink.has_errors());
  for (const FileId file : {a, a, a, b, FileId()}) {
    sink.add({.code = DiagnosticCode::nul_byte, .span = {.file = file}, .message = "m"});
  }
  sink.add({.code = DiagnosticCode::nul_byte, .severity = Severity::warning, .span = {.file = b}, .message = "w"});
  CHECK(sink.all().size() == 5);
  CHECK(sink.error_count() == 5);
  CHECK(sink.suppressed() == 1);
  CHECK(sink.all()[2].span.file == b);
  CHECK_FALSE(sink.all()[3].span.file.valid());
}

TEST_CASE("an error that is not kept still counts") {
  DiagnosticSink sink(0);
  sink.add({.code = DiagnosticCode::nul_byte, .message = "m"});
  CHECK(sink.all().empty());
  CHECK(sink.has_errors());
}

TEST_CASE("the catalogue") {
  CHECK(code_text(DiagnosticCode::file_unreadable) == "SP0101");
  CHECK(diagnostic_catalogue().front().name == "file_unreadable");
  for (const CatalogueEntry& entry : diagnostic_catalogue()) {
    CAPTURE(entry.name);
    CHECK(code_text(entry.code).size() == 6);
    CHECK_FALSE(entry.summary.empty());
    CHECK_FALSE(entry.summary.ends_with('.'));
    CHECK(entry.explanation.ends_with('.'));
    CHECK(entry.summary.front() == to_lower(entry.summary.substr(0, 1)).front());
  }
  CHECK(test::run_to_death([] { static_cast<void>(code_text(DiagnosticCode{})); }).exit_code == 4);
}

}  // namespace segproof
