// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as the output of `ipset save`: every set answers every question of a rule.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "input/ipset/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace segproof;
  SourceStore sources;
  DiagnosticSink sink(100);
  const FileId file = sources.add("sets", std::string(bytes, bytes + size));
  IpsetResult result = read_ipset_save(file, sources, sink);
  SEGPROOF_ASSERT(!sink.has_errors());
  for (const Diagnostic& diagnostic : sink.all()) {
    SEGPROOF_ASSERT(!first_invalid_utf8(render(diagnostic, sources)).has_value());
  }
  for (const auto& [name, set] : result.sets.sets()) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      for (const bool return_nomatch : {false, true}) {
        const model::SetQuestion question{
            name,
            family,
            {model::Endpoint::source, model::Endpoint::destination, model::Endpoint::source},
            return_nomatch};
        const model::SetAnswer answer = result.sets.answer(question);
        SEGPROOF_ASSERT(set.doubt.empty() || !answer.undecided.empty());
      }
    }
  }
  return 0;
}
