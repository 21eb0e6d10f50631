// SPDX-License-Identifier: Apache-2.0
// How a network is built out of namespaces, as data: a namespace for each node that is needed, with the interfaces,
// addresses, routes, settings and rule sets that it has; and a wire for each segment. Nothing here touches a kernel.
//
//     [ fw1 ] eth0 ----- p1 ( br0 ) p2 ----- eth0 [ web1 ]
//       |                  wire of a segment: whoever is not listed on it is the wire itself
//      lo
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/source.h"
#include "input/snapshot.h"
#include "model/network.h"

namespace segproof::confirm {

using MacAddress = std::array<std::uint8_t, 6>;
[[nodiscard]] std::string to_string(const MacAddress& mac);  // "02:00:00:00:00:01"
[[nodiscard]] MacAddress mac_of(model::InterfaceId interface);
[[nodiscard]] MacAddress mac_of(model::SegmentId segment);  // of the wire

// A program and what it reads.
struct Command {
  std::vector<std::string> words;
  std::string input;
  friend bool operator==(const Command&, const Command&) = default;
};

// A file below /proc/sys/net, and its new content. Where the kernel does not have it nothing is written.
struct Setting {
  std::string name;  // "ipv4/conf/eth0/rp_filter"
  std::string value;
  friend bool operator==(const Setting&, const Setting&) = default;
};

struct Cable {
  std::string name;  // of the interface in the node's namespace
  MacAddress mac{};
  model::SegmentId wire;  // invalid: a dead end
  bool is_up = true;
};

struct NodeBlueprint {
  model::NodeId node;
  std::vector<Cable> cables;
  std::vector<Setting> settings;  // in the order in which they are written, before and after the interfaces are up
  std::vector<Command> commands;  // run in the namespace after the cables are there, in this order
  std::string fault;              // what of it cannot be built; empty: nothing
};

struct Blueprint {
  std::vector<NodeBlueprint> nodes;     // by NodeId, only those that are needed
  std::vector<model::SegmentId> wires;  // that a cable or a packet needs
};

// Why a node cannot be built on Linux: "device fw-core is not Linux: its rules are those of a Cisco device". Empty: it
// can. Hosts without rules and routers without rules can.
[[nodiscard]] std::string why_not_linux(model::NodeId node, const input::Snapshot& snapshot);

// Somebody on the segment answers for an address that no interface has.
struct Neighbour {
  model::SegmentId segment;
  Address address;
  friend auto operator<=>(const Neighbour&, const Neighbour&) = default;
};
// A node without known routes sends to that address by that interface, perhaps by a gateway.
struct Way {
  model::NodeId node;
  Address to;
  model::InterfaceId out;
  std::optional<Address> gateway;
  friend auto operator<=>(const Way&, const Way&) = default;
};

struct Needs {
  std::set<model::NodeId> nodes;
  std::set<model::SegmentId> segments;  // beside those that the nodes are on
  std::set<Neighbour> neighbours;
  std::set<Way> ways;
};

// Precondition: why_not_linux() is empty for each node that is needed.
[[nodiscard]] Blueprint blueprint_of(const input::Snapshot& snapshot, const SourceStore& sources, const Needs& needs);

}  // namespace segproof::confirm
