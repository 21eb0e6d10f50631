// SPDX-License-Identifier: Apache-2.0
// A university campus in IPv6: hosts that run a packet filter of their own, in subnets of one role each, behind a
// border firewall. What one role may ask another is a matrix, written into every filter.
//
//   internet -- border --+-- subnet of role 0 -- hosts
//                        +-- subnet of role 1 -- hosts
#pragma once

#include <cstdint>

#include "base/file.h"

namespace segproof::bench {

struct CampusShape {
  unsigned filters = 140;  // hosts with a filter, and the border
  unsigned roles = 12;
  unsigned claims = 60;  // that one role opens no session to another
  std::uint64_t seed = 1;
};

// Files `net/topology.yaml`, `net/policy.yaml`, `net/claims.yaml` and one rule set for each filter.
void add_campus_network(const CampusShape& shape, MemoryFileSystem& files);

}  // namespace segproof::bench
