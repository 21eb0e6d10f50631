// SPDX-License-Identifier: Apache-2.0
// A generated network, read as `segproof verify` reads one.
#pragma once

#include "base/source.h"
#include "bench/hub_network.h"
#include "input/snapshot.h"

namespace segproof::bench {

struct Loaded {
  SourceStore sources;
  input::Snapshot snapshot;
};

// Ends the program when the network does not load.
void load(const MemoryFileSystem& files, Loaded& into);

}  // namespace segproof::bench
