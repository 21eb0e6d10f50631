// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as our own YAML: topology, policy, claims and native rules.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "input/yaml/claims.h"
#include "input/yaml/policy.h"
#include "input/yaml/topology.h"
#include "input/yaml/tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace segproof;
  SourceStore sources;
  const FileId file = sources.add("f.yaml", std::string(bytes, bytes + size));
  DiagnosticSink sink(100);
  static_cast<void>(input::yaml::file_kind(file, sources, sink));
  const std::optional<input::yaml::Tree> tree = input::yaml::read_tree(file, sources, sink);
  if (tree && tree->root().shape() == input::yaml::Shape::map) {
    static_cast<void>(input::yaml::read_topology(*tree, sink));
    static_cast<void>(input::yaml::read_policy(*tree, sink));
    static_cast<void>(input::yaml::read_claims_file(*tree, sink));
    static_cast<void>(input::yaml::read_rules_file(*tree, {}, sink));
  }
  for (const Diagnostic& diagnostic : sink.all()) {
    SEGPROOF_ASSERT(!first_invalid_utf8(render(diagnostic, sources)).has_value());
  }
  return 0;
}
