// SPDX-License-Identifier: Apache-2.0
// Wide-area routing: routers in a ring with chords, each with prefixes of its own and a route to every other prefix.
// No filters: what is measured are prefix tables.
//
//   r0 -- r1 -- r2 -- ... -- r0      and a chord from each fifth router to the one opposite
#pragma once

#include <cstdint>

#include "base/file.h"

namespace segproof::bench {

struct WideAreaShape {
  unsigned routers = 20;
  unsigned prefixes_per_router = 100;
  std::uint64_t seed = 1;
};

// Files `net/topology.yaml`, `net/policy.yaml`, `net/claims.yaml` (one claim). Every router reaches every prefix.
void add_wide_area_network(const WideAreaShape& shape, MemoryFileSystem& files);

}  // namespace segproof::bench
