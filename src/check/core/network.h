// SPDX-License-Identifier: Apache-2.0
// A network file in memory (docs/certificate.md, section 2): what is written there, and nothing worked out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "check/core/sets.h"
#include "check/core/text.h"

namespace check {

enum class Hook : std::uint8_t { ingress, forward, deliver, originate, egress };
enum class Known : std::uint8_t { given, missing, off };
enum class Forwarding : std::uint8_t { on, off, unknown };

struct Test {
  enum class Kind : std::uint8_t { is, mask, in, out, state, mark, connmark, type, unknown, any };
  Kind kind = Kind::is;
  bool negated = false;
  std::optional<Family> family;         // is, mask: no packet of the other one
  Field field = protocol;               // is, mask, type (source or destination)
  Ranges values;                        // is
  Value value = 0, mask = 0;            // mask, mark, connmark
  std::string name;                     // in, out
  bool is_prefix = false;               // in, out: of the name
  unsigned bits = 0;                    // state, type: of their words, in the order of the document
  unsigned translated = 0;              // state
  std::optional<Hook> interface_limit;  // type: ingress or egress
  std::vector<std::vector<Test>> alternatives;
};
using Tests = std::vector<Test>;

struct Action {
  enum class Kind : std::uint8_t {
    go_on,
    accept,
    drop,
    jump,
    go_to,
    come_back,
    set_mark,
    copy_mark,
    untrack,
    translate,
    anything,
    duplicate,
    helper
  };
  Kind kind = Kind::go_on;
  std::size_t chain = 0;
  bool on_connection = false;  // set, copy: the connection's mark
  Value first = 0, second = 0;
  Field endpoint = destination;            // translate
  std::optional<Family> family;            // translate, of `addresses`
  std::optional<Ranges> addresses, ports;  // translate
  bool to_interface = false, any_port = false, is_mapped = false;
  bool is_local = false;           // anything
  std::optional<Address> gateway;  // duplicate
};

struct Rule {
  Tests tests;
  Action action;
  std::string origin;  // as written
};
struct Stage {
  enum class Kind : std::uint8_t { filter, track, translate };
  Hook hook = Hook::forward;
  Kind kind = Kind::filter;
  std::int64_t order = 0;
  std::optional<std::size_t> chain;
  bool accepts = true;  // at the end of the chain
  bool sees[2] = {true, true};
};
struct RuleSet {
  std::vector<std::vector<Rule>> chains;
  std::vector<Stage> stages;  // by order, then as written
};

struct Hop {
  std::optional<std::size_t> interface;  // of the node
  std::optional<Address> gateway;
  friend bool operator==(const Hop& a, const Hop& b) {
    return a.interface == b.interface && a.gateway.has_value() == b.gateway.has_value() &&
           (!a.gateway || a.gateway->value == b.gateway->value);
  }
};
struct Route {
  Prefix destination;
  enum class Kind : std::uint8_t { unicast, blackhole, unreachable, prohibit, local } kind = Kind::unicast;
  std::uint64_t metric = 0;
  std::vector<Hop> hops;
};
struct Select {
  std::uint64_t priority = 0;
  std::size_t table = 0;
  Tests tests;
  std::string origin;
};

struct Interface {
  std::string name;
  std::optional<std::size_t> segment;
  bool is_up = true;
  std::vector<Prefix> addresses;  // host bits as they are
  std::vector<Prefix> connected;  // for each of them
};

struct Service {
  Value protocol = 0;
  Ranges ports;
  bool is_vulnerable = false;
};

struct Node {
  std::string name;
  bool is_device = false;
  Known filter[2] = {Known::given, Known::given};
  Known routes[2] = {Known::given, Known::given};
  Forwarding forwarding[2] = {Forwarding::unknown, Forwarding::unknown};
  std::string twin;
  std::vector<std::string> aliases;
  std::vector<std::string> tags;
  bool services_known = false;
  std::vector<Service> services, scanned;
  std::vector<Interface> interfaces;
  std::vector<std::vector<Route>> tables[2];
  std::vector<Select> selects[2];  // by priority
  std::vector<RuleSet> rules;      // 0: now; then of the epochs before
};

struct Segment {
  std::string name;
  bool is_complete = false, is_external = false, is_internet = false;
  std::vector<Prefix> prefixes;
};

struct Zone {
  std::string name, parent;
  bool is_external = false, falls = false;
  std::vector<Prefix> prefixes;
  std::vector<std::string> members, tags, wires;
  std::vector<std::pair<std::string, std::size_t>> ports;
};

struct Allowed {
  std::optional<Value> protocol;
  Ranges ports;
  std::vector<std::string> from, to;
  bool is_expired = false;
};
struct Assumption {
  std::string id;
  std::vector<Allowed> harmless;
};

struct Claim {
  std::string id, kind;
  std::string spoofing = "any", pivot, responder = "include";
  bool trusts_source_host = false;
  std::optional<std::uint64_t> hops;
  std::vector<std::string> assuming, from, to, through, zones, hosts, names, addresses, from_addresses;
  std::vector<Allowed> services, except;
  bool is_as_sent = false;
};

struct Network {
  std::string epoch, date;
  std::vector<std::pair<std::string, std::string>> inputs;  // hash and path
  bool is_flushed = false;
  std::vector<Assumption> assumptions;
  std::vector<Segment> segments;
  std::vector<Node> nodes;
  std::vector<Zone> zones;
  std::vector<std::pair<std::string, bool>> gaps;  // origin, and whether it may concern everything
  std::vector<Claim> claims;

  [[nodiscard]] std::optional<std::size_t> node(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> node_or_alias(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> segment(std::string_view name) const;
};

// Throws Malformed. All numbers of chains, tables, interfaces and all names are checked.
[[nodiscard]] Network read_network(std::string_view text);

}  // namespace check
