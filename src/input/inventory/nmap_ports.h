// SPDX-License-Identifier: Apache-2.0
// What one scan tells about the ports of one host, and what it leaves open. nmap names the interesting ports one by one
// and counts the rest (`extraports`), sometimes with their numbers (`extrareasons`). Knowledge is only claimed where
// the counts add up; all else stays unknown, which is the safe side.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/source.h"
#include "input/inventory/inventory.h"
#include "packet/interval_set.h"

namespace segproof::input::inventory {

// What a port does, as far as a scan can tell. A firewall that stays silent hides what listens behind it.
enum class PortState : std::uint8_t { closed, may_listen, open };

using PortSets = std::map<std::uint8_t, IntervalSet>;  // by protocol

struct SeenPort {
  std::uint8_t protocol;
  std::uint16_t port;
  PortState state;
  std::string name;
  SourceSpan span;
};

// Ports of one state that are only counted; `exact` when the file gives their numbers.
struct CountedPorts {
  PortState state = PortState::may_listen;
  std::uint64_t count = 0;
  bool exact = false;
  PortSets ports;
  SourceSpan span;
};

struct HostPorts {
  std::vector<SeenPort> seen;
  std::vector<CountedPorts> counted;
};

// What follows for the host. `known`: the ports whose state is told, by protocol. `complete`: these are all that were
// scanned. Services with one name and state are joined.
struct PortKnowledge {
  std::vector<ListedService> services;
  PortSets known;
  bool complete = true;
};

[[nodiscard]] PortKnowledge conclude(const HostPorts& host, const PortSets& scanned);

// Joins what two scans tell about one host. A port that is open in one and closed in the other may listen; such ports
// are added to `disagreed`.
[[nodiscard]] PortKnowledge join(const PortKnowledge& a, const PortKnowledge& b, PortSets& disagreed);

}  // namespace segproof::input::inventory
