// SPDX-License-Identifier: Apache-2.0
// A seeded network for benchmarks: firewalls around one transit segment, zones behind each, hosts in them, and rule
// sets as iptables-save text with anti-spoofing, state and many permits.
//
//   zone -- zone -- ... -- fw0 --+-- transit --+-- fw1 -- zone -- zone ...
#pragma once

#include <cstdint>

#include "base/file.h"

namespace segproof::bench {

struct HubShape {
  unsigned firewalls = 10;
  unsigned zones_per_firewall = 2;
  unsigned hosts = 200;
  unsigned rules_per_firewall = 500;
  unsigned claims = 50;
  std::uint64_t seed = 1;
  bool inventory = false;  // every second host stands in an Ansible inventory (`net/hosts.ini`) instead
};

// Files `net/topology.yaml`, `net/policy.yaml`, `net/claims.yaml` and one rule set for each firewall. IPv4 only; half
// of the claims are about sessions, half about containment with pivoting. Equal shapes give equal bytes.
void add_hub_network(const HubShape& shape, MemoryFileSystem& files);

}  // namespace segproof::bench
