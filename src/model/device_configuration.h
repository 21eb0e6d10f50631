// SPDX-License-Identifier: Apache-2.0
// What the configuration of a whole device says of its node: interfaces, routes, rules, and what it leaves open.
// Readers of whole configurations return one, in whatever syntax they read; the snapshot makes a node of it.
// Vendor-neutral.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_account.h"
#include "base/source.h"
#include "model/network.h"
#include "model/rule.h"
#include "packet/address.h"

namespace segproof::model {

struct ConfiguredInterface {
  std::string name;              // the name that the rules use
  std::string hardware;          // another name for it; empty: none
  std::string routing_instance;  // VRF; empty: the main one
  std::vector<InterfaceAddress> addresses;
  std::vector<Address> shared_addresses;  // of a redundancy group: this device or another answers
  bool has_unknown_address = false;       // by DHCP, negotiated, from a pool
  bool is_up = true;
  bool is_tunnel = false;  // no wire: its packets travel inside others
  bool is_inner = false;   // no wire: an address of the device itself
  bool is_idle = false;    // has no address, of either family: sends no packets of its own, and takes none
  SourceSpan origin;
};

struct ConfiguredRoute {
  std::string routing_instance;  // VRF; empty: the main one
  Prefix destination;
  RouteKind kind = RouteKind::unicast;
  std::optional<Address> gateway;
  std::string interface;        // empty: the one whose connected prefix holds the gateway
  std::uint32_t metric = 0;     // of routes for the same prefix the smallest wins
  bool is_conditional = false;  // withdrawn when something that it tracks fails
  SourceSpan origin;
};

// The text of an UnknownTest of kind reverse_path that asks whether the way back to the packet's source is another than
// the one it came by. A configuration alone does not tell; whoever knows the routes of the node may.
inline constexpr std::string_view no_way_back = "the way back to the source";

using segproof::LineUse;

struct DeviceConfiguration {
  std::string host_name;  // empty: not given
  std::vector<ConfiguredInterface> interfaces;
  std::vector<ConfiguredRoute> routes;
  // Per family: whether `routes` are all routes there are (no routing protocol runs).
  PerFamily<bool> routes_complete{true, true};
  PerFamily<Forwarding> forwarding{Forwarding::on, Forwarding::on};
  RuleSet rules;               // without flaw
  std::vector<Gap> undecided;  // in the order of lines; without a node
  std::vector<Gap> unmodelled;
  std::vector<LineUse> lines;  // by line number - 1
};

}  // namespace segproof::model
