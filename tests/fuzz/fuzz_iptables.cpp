// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as iptables-save and ip6tables-save: whatever they are, the rules can be walked.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "input/iptables/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace segproof;
  SourceStore sources;
  const FileId file = sources.add("rules", std::string(bytes, bytes + size));
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    DiagnosticSink sink(100);
    const IptablesResult result = read_iptables_save(file, sources, family, sink);
    SEGPROOF_ASSERT(!sink.has_errors());
    SEGPROOF_ASSERT(!model::flaw(result.rules).has_value());
    for (const Diagnostic& diagnostic : sink.all()) {
      SEGPROOF_ASSERT(!first_invalid_utf8(render(diagnostic, sources)).has_value());
    }
  }
  return 0;
}
