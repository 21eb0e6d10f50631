// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes through the readers of inventories; all of them read all bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "input/inventory/inventory.h"

namespace {

using namespace segproof;

// What a reader found must be printable, and each host must know its line.
void inspect(const input::Inventory& inventory, const SourceStore& sources, const DiagnosticSink& sink) {
  for (const Diagnostic& diagnostic : sink.all()) {
    SEGPROOF_ASSERT(!first_invalid_utf8(render(diagnostic, sources)).has_value());
  }
  for (const input::ListedHost& host : inventory.hosts) {
    SEGPROOF_ASSERT(host.origin.file.valid());
    SEGPROOF_ASSERT(host.origin.line <= sources.line_count(host.origin.file) + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  SourceStore sources;
  const FileId file = sources.add("inventory", std::string(bytes, bytes + size));
  for (int reader = 0; reader < 4; ++reader) {
    DiagnosticSink sink(100);
    const input::Inventory inventory = reader == 0   ? input::read_ansible_ini(file, sources, sink)
                                       : reader == 1 ? input::read_ansible_yaml(file, sources, sink)
                                       : reader == 2 ? input::read_csv(file, sources, {}, sink)
                                                     : input::read_nmap_xml(file, sources, sink);
    inspect(inventory, sources, sink);
  }
  return 0;
}
