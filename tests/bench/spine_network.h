// SPDX-License-Identifier: Apache-2.0
// Seeded networks without state: zones behind firewalls, firewalls around one router (the spine), permits only.
//
//   zone -- zone -- ... -- fw0 --+-- transit --+-- spine
//                          fw1 --+
#pragma once

#include <cstdint>

#include "base/file.h"
#include "packet/field.h"

namespace segproof::bench {

struct SpineShape {
  Family family = Family::ipv4;
  unsigned zones = 50;
  unsigned zones_per_firewall = 25;
  unsigned rules = 1600;  // of all firewalls together
  unsigned prefixes_per_zone = 4;
  bool with_state = false;  // an accept for established connections first, drops of foreign sources: not permits only
  std::uint64_t seed = 1;
};

// Files `net/topology.yaml`, `net/policy.yaml`, `net/claims.yaml` (one claim) and one rule set for each firewall.
void add_spine_network(const SpineShape& shape, MemoryFileSystem& files);

}  // namespace segproof::bench
