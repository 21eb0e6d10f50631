// SPDX-License-Identifier: Apache-2.0
// A network at one epoch: segments, nodes (hosts and devices) with interfaces, rules and routes, zones over them.
// Immutable once built (model/builder.h). All cross references are ids; every element knows the line it comes from.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic_code.h"
#include "base/source.h"
#include "base/strong_id.h"
#include "model/rule.h"
#include "packet/address.h"

namespace segproof::model {

using NodeId = StrongId<struct NodeTag>;
using InterfaceId = StrongId<struct InterfaceTag>;  // of the whole network
using SegmentId = StrongId<struct SegmentTag>;
using ZoneId = StrongId<struct ZoneTag>;

// Per family: index by static_cast<size_t>(Family).
template <class T>
using PerFamily = std::array<T, 2>;
[[nodiscard]] constexpr std::size_t index_of(Family family) {
  return static_cast<std::size_t>(family);
}

struct Interface {
  std::string name;
  NodeId node;
  SegmentId segment;                        // invalid: wired to nothing
  std::vector<InterfaceAddress> addresses;  // both families
  bool is_up = true;
  SourceSpan origin;
  friend bool operator==(const Interface&, const Interface&) = default;
};

enum class Listening : std::uint8_t { yes, maybe };
struct Service {
  std::string name;
  std::uint8_t protocol = 0;
  IntervalSet ports;
  std::vector<std::string> tags;  // "vulnerable" counts for the pivot level of that name
  Listening listening = Listening::yes;
  SourceSpan origin;
  friend bool operator==(const Service&, const Service&) = default;
};

enum class RouteKind : std::uint8_t { unicast, blackhole, unreachable, prohibit, local };
struct NextHop {
  std::optional<Address> gateway;
  InterfaceId interface;  // invalid: the interface whose connected prefix holds the gateway
  friend bool operator==(const NextHop&, const NextHop&) = default;
};
struct Route {
  Prefix destination;
  RouteKind kind = RouteKind::unicast;
  std::vector<NextHop> hops;  // several: equal cost, any of them may be chosen
  std::uint32_t metric = 0;   // of routes for the same prefix the smallest wins
  SourceSpan origin;
  friend bool operator==(const Route&, const Route&) = default;
};
struct RouteTable {
  std::string name;  // "main"
  std::vector<Route> routes;
  friend bool operator==(const RouteTable&, const RouteTable&) = default;
};
// Tables are asked by ascending priority: the first rule whose condition holds and whose table has a route decides.
struct RouteRule {
  std::uint32_t priority = 32766;
  Condition condition;
  std::size_t table = 0;  // index into tables
  SourceSpan origin;
  friend bool operator==(const RouteRule&, const RouteRule&) = default;
};
// Connected prefixes of the interfaces are added by Routing::with_connected; explicit routes need not repeat them.
struct Routing {
  std::vector<RouteTable> tables;
  std::vector<RouteRule> rules;
  friend bool operator==(const Routing&, const Routing&) = default;
};

enum class Known : std::uint8_t {
  given,    // configuration was read
  missing,  // not given: counts as open
  off,      // recorded as switched off ("ipv6: off")
};
enum class Forwarding : std::uint8_t { on, off, unknown };
enum class NodeKind : std::uint8_t { host, device };

struct Node {
  std::string name;
  NodeKind kind = NodeKind::host;
  std::vector<InterfaceId> interfaces;
  RuleSet rules;
  // A host without a filter has rules `given` and empty; a device without configuration has `missing`.
  PerFamily<Known> filter{Known::given, Known::given};
  PerFamily<Known> routes{Known::given, Known::given};
  PerFamily<Routing> routing;
  // Hosts: `unknown` unless recorded (may forward). Devices: `on` unless recorded.
  PerFamily<Forwarding> forwarding{Forwarding::unknown, Forwarding::unknown};
  std::vector<Service> services;
  bool services_known = false;  // true: an inventory lists them (for the pivot level `listening`)
  // nmap: what was scanned; ports outside are not known. Empty with services_known: all ports are known.
  std::vector<std::pair<std::uint8_t, IntervalSet>> scanned;
  std::vector<std::string> tags;
  std::vector<std::string> labels;  // data labels
  // Other names of it: an inventory lists its address under them, too.
  std::vector<std::string> also_called;
  std::optional<std::string> twin;  // HA partner by name: either may be the active one
  SourceSpan origin;
  SourceSpan configuration;  // file of the rules, line 0; invalid file when missing
  friend bool operator==(const Node&, const Node&) = default;
};

struct Segment {
  std::string name;
  std::vector<Prefix> prefixes;  // both families
  bool complete = false;         // no unlisted hosts (an assumption)
  bool external = false;         // belongs to an external zone: any source, all undeclared addresses
  bool internet = false;         // owns the undeclared public addresses
  std::vector<InterfaceId> attached;
  SourceSpan origin;
  friend bool operator==(const Segment&, const Segment&) = default;
};

struct Zone {
  std::string name;
  ZoneId parent;  // invalid: top level
  bool external = false;
  bool external_falls = false;
  std::vector<Prefix> prefixes;         // as declared
  std::vector<NodeId> nodes;            // as declared by host name
  std::vector<std::string> tags;        // as declared
  std::vector<InterfaceId> interfaces;  // as declared
  std::vector<SegmentId> segments;      // as declared, and for external zones their own segment
  SourceSpan origin;
  friend bool operator==(const Zone&, const Zone&) = default;
};

struct Assumption {
  std::string id;
  std::string text;
  std::string owner;
  std::vector<std::string> harmless;  // services that do not make a host fall, as written
  SourceSpan origin;
  friend bool operator==(const Assumption&, const Assumption&) = default;
};

// A line of input that is not understood or cannot be decided. It makes the claims that it touches inconclusive.
struct Gap {
  SourceSpan span;
  DiagnosticCode code;
  std::string why;
  NodeId node;  // invalid: the whole network (an unrecognised file)
  friend bool operator==(const Gap&, const Gap&) = default;
};

struct Network {
  std::string epoch;
  std::string date;
  std::vector<Node> nodes;
  std::vector<Interface> interfaces;
  std::vector<Segment> segments;
  std::vector<Zone> zones;
  std::vector<Assumption> assumptions;
  std::vector<Gap> gaps;
  bool state_flushed = false;
  // Rule sets of the epoch before, whose sessions may still be open (claims.md section 3); by node name.
  std::map<std::string, RuleSet> previous_rules;
  // The same for the epochs before that, newest first, as far back as the connection tables were not flushed: sessions
  // of every one of them may still be open.
  std::vector<std::map<std::string, RuleSet>> earlier_rules;

  [[nodiscard]] const Node& node(NodeId id) const { return nodes[id.index()]; }
  [[nodiscard]] const Interface& interface(InterfaceId id) const { return interfaces[id.index()]; }
  [[nodiscard]] const Segment& segment(SegmentId id) const { return segments[id.index()]; }
  [[nodiscard]] const Zone& zone(ZoneId id) const { return zones[id.index()]; }
  [[nodiscard]] NodeId find_node(std::string_view name) const;  // invalid when there is none
  [[nodiscard]] SegmentId find_segment(std::string_view name) const;
  [[nodiscard]] ZoneId find_zone(std::string_view name) const;
  [[nodiscard]] InterfaceId find_interface(NodeId node, std::string_view name) const;
  // Whether somebody registered the assumption of that id.
  [[nodiscard]] bool assumes(std::string_view id) const;
};

}  // namespace segproof::model
