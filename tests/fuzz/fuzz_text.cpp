// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes through what every file passes: the text guard, lines, the rendering of diagnostics, JSON strings.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/text_guard.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace segproof;
  const std::string text(bytes, bytes + size);
  SourceStore sources;
  const FileId file = sources.add(text.substr(0, 20), text);
  DiagnosticSink sink;
  const bool passed = guard_text(sources, file, {.line_bytes = 50}, sink);
  SEGPROOF_ASSERT(passed == sink.all().empty());
  for (const Diagnostic& diagnostic : sink.all()) {
    SEGPROOF_ASSERT(!first_invalid_utf8(render(diagnostic, sources)).has_value());
  }
  const auto number = static_cast<std::uint32_t>(size % 7);
  const Diagnostic somewhere{.code = DiagnosticCode::nul_byte,
                             .span = {.file = file, .line = number, .column = number * 31, .length = number},
                             .message = text,
                             .hint = text};
  SEGPROOF_ASSERT(!first_invalid_utf8(render(somewhere, sources)).has_value());
  JsonWriter json;
  json.string(text);
  SEGPROOF_ASSERT(!first_invalid_utf8(std::move(json).take()).has_value());
  return 0;
}
