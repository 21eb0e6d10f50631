// SPDX-License-Identifier: Apache-2.0
// A seeded firewall with object groups, as a running configuration: groups of hosts that are scattered over a large
// network, and rules from group to group. Written out, each rule is as many as the product of its groups.
//
//   outside -- fw -- inside (10.0.0.0/8)
#pragma once

#include <cstdint>

#include "base/file.h"

namespace segproof::bench {

struct GroupedShape {
  unsigned groups = 100;
  unsigned hosts_per_group = 100;
  unsigned rules = 5000;
  std::uint64_t seed = 1;
};

// Files `net/fw.cfg` (Cisco ASA) and `net/claims.yaml` with one claim, that outside opens nothing to inside. Equal
// shapes give equal bytes.
void add_grouped_firewall(const GroupedShape& shape, MemoryFileSystem& files);

}  // namespace segproof::bench
