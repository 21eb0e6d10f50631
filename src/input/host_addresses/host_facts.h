// SPDX-License-Identifier: Apache-2.0
// What the collecting commands print on a Linux host: `ip -j addr`, `ip -j route show table all`, `ip -j rule` and
// `sysctl -a`. Each entry that is beyond the model keeps a fault, so that whoever uses it can say so and fall back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source.h"
#include "packet/address.h"

namespace segproof {

struct HostInterface {
  std::string name;
  std::vector<InterfaceAddress> addresses;  // of a point-to-point link: with the prefix of the peer
  bool is_up = false;
  std::string master;              // the interface that it is a part of; empty: none
  bool is_routing_master = false;  // its parts (of a VRF) are interfaces of their own for all that

  // A port of a bridge, or of a bond: what arrives there arrives by the master, and nothing is routed out of it.
  [[nodiscard]] bool is_port_of(const std::vector<HostInterface>& interfaces) const;
};

struct HostHop {
  std::optional<Address> gateway;
  std::string device;
};
struct HostRoute {
  Prefix destination;
  std::string type = "unicast";  // "local", "blackhole", "throw"...
  std::vector<HostHop> hops;
  std::uint32_t metric = 0;
  std::string table = "main";
};

struct HostRouteRule {
  std::uint32_t priority = 0;
  std::optional<Prefix> from;
  std::optional<Prefix> to;
  std::string ingress;                                          // empty: any
  std::string egress;                                           // of sockets that are bound to an interface; empty: any
  std::optional<std::pair<std::uint32_t, std::uint32_t>> mark;  // value, mask
  std::optional<std::uint8_t> protocol;
  std::optional<Interval> source_ports;
  std::optional<Interval> destination_ports;
  bool negated = false;
  bool is_partial = false;  // it asks for something else as well: a user, a tunnel, a traffic class
  std::string table;
  std::string action;                    // empty: the table decides; "blackhole", "unreachable", "prohibit"
  std::optional<unsigned> least_length;  // of the prefixes that the table may decide with (suppress_prefixlength + 1)
};

enum class HostJsonKind : std::uint8_t { addresses, routes, rules };

struct HostJson {
  HostJsonKind kind = HostJsonKind::addresses;
  std::vector<HostInterface> interfaces;
  std::vector<HostRoute> routes;
  std::optional<Family> rules_family;  // nothing: it cannot be told
  std::vector<HostRouteRule> rules;
  std::vector<std::string> faults;  // "entry 3: bad gateway `x`": such entries are not in the lists
};

// Nothing when the text is not the output of one of the three commands. An empty list is none of them.
[[nodiscard]] std::optional<HostJson> read_host_json(std::string_view text);

// The settings of `sysctl -a` ("net.ipv4.ip_forward = 1"), by name, with the line of each. Of a name that is given
// twice the last counts, as for sysctl.
struct HostSetting {
  std::string value;
  std::uint32_t line = 0;
};
using HostSettings = std::map<std::string, HostSetting, std::less<>>;
[[nodiscard]] std::optional<HostSettings> read_host_settings(std::string_view text);

}  // namespace segproof
