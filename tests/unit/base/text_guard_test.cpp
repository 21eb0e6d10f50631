// SPDX-License-Identifier: Apache-2.0
#include "base/text_guard.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace segproof {
namespace {

// "pass" or "stop", then a line per diagnostic: code line:column message.
std::string guarded(std::string text, const TextLimits& limits = {}) {
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add("f", std::move(text));
  std::string dump = guard_text(sources, file, limits, sink) ? "pass" : "stop";
  for (const Diagnostic& found : sink.all()) {
    dump += fmt::format("\n{} {}:{} {}", code_text(found.code), found.span.line, found.span.column, found.message);
    if (!found.hint.empty()) {
      dump += "; " + found.hint;
    }
  }
  return dump;
}

}  // namespace

TEST_CASE("good text passes") {
  CHECK(guarded("") == "pass");
  CHECK(guarded("a\nb\n") == "pass");
  CHECK(guarded("\xc3\xa4\r\n") == "pass");
  CHECK(guarded(std::string(100, 'a') + "\n" + std::string(100, 'b'), {.line_bytes = 100}) == "pass");
}

TEST_CASE("a NUL byte stops, at its place") {
  CHECK(guarded(std::string("ab\ncd\0e\0", 8)) == "stop\nSP0104 2:3 the file contains a NUL byte");
}

TEST_CASE("UTF-16 is recognised") {
  CHECK(guarded(std::string("\xff\xfe"
                            "a\0b\0",
                            6)) ==
        "stop\nSP0104 1:4 the file contains a NUL byte; this looks like UTF-16; save the file as UTF-8\n"
        "SP0105 1:1 byte 0xff is not valid UTF-8; save the file as UTF-8");
}

TEST_CASE("a byte that is not UTF-8 stops, or warns if the format allows it") {
  CHECK(guarded("a\n\nb\xe4g") == "stop\nSP0105 3:2 byte 0xe4 is not valid UTF-8; save the file as UTF-8");
  CHECK(guarded("a\xe4", {.bad_utf8 = Severity::warning}) ==
        "pass\nSP0105 1:2 byte 0xe4 is not valid UTF-8; save the file as UTF-8");
}

TEST_CASE("long lines stop, wherever they stand") {
  CHECK(guarded("a\n" + std::string(11, 'b') + "\nc", {.line_bytes = 10}) ==
        "stop\nSP0103 2:11 the line is longer than 10 bytes");
  CHECK(guarded(std::string(11, 'b'), {.line_bytes = 10}) == "stop\nSP0103 1:11 the line is longer than 10 bytes");
  CHECK(guarded(std::string(100'000'000, 'x')) == "stop\nSP0103 1:1048577 the line is longer than 1048576 bytes");
}

TEST_CASE("a large text stops before its content is looked at") {
  CHECK(guarded(std::string(11, '\0'), {.bytes = 10}) == "stop\nSP0102 0:0 the file has 11 bytes, the limit is 10");
}

TEST_CASE("all kinds are reported at once, each at its first place") {
  CHECK(guarded(std::string("\xff\0\0\xff_____________", 17), {.line_bytes = 10}) ==
        "stop\nSP0103 1:11 the line is longer than 10 bytes\nSP0104 1:2 the file contains a NUL byte; this looks like "
        "UTF-16; save the file as UTF-8\nSP0105 1:1 byte 0xff is not valid UTF-8; save the file as UTF-8");
}

}  // namespace segproof
