// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as the output of `nft -j list ruleset`: whatever they are, the rules can be walked.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "input/nft/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace segproof;
  SourceStore sources;
  DiagnosticSink sink(100);
  const FileId file = sources.add("ruleset", std::string(bytes, bytes + size));
  const NftResult result = read_nft_json(file, sources, sink);
  SEGPROOF_ASSERT(!sink.has_errors());
  SEGPROOF_ASSERT(!model::flaw(result.rules).has_value());
  for (const Diagnostic& diagnostic : sink.all()) {
    SEGPROOF_ASSERT(!first_invalid_utf8(render(diagnostic, sources)).has_value());
  }
  return 0;
}
