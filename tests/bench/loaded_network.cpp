// SPDX-License-Identifier: Apache-2.0
#include "bench/loaded_network.h"

#include <cstdio>
#include <cstdlib>

namespace segproof::bench {

void load(const MemoryFileSystem& files, Loaded& into) {
  DiagnosticSink sink;
  Result<input::Snapshot> snapshot = input::load_snapshot(
      {{"net/topology.yaml"}, {"net/policy.yaml"}, {"net/claims.yaml"}}, files, into.sources, sink);
  if (!snapshot || sink.has_errors()) {
    for (const Diagnostic& diagnostic : sink.all()) {
      std::fputs(render(diagnostic, into.sources).c_str(), stderr);
    }
    std::abort();
  }
  into.snapshot = std::move(snapshot).value();
}

}  // namespace segproof::bench
