// SPDX-License-Identifier: Apache-2.0
#include "check/core/network.h"

#include <algorithm>
#include <array>
#include <set>

#include "check/core/rule_lines.h"

namespace check {
namespace {

using std::size_t;

constexpr std::uint64_t most = most_numbered;
constexpr auto once = Expected::Times::once;
constexpr auto perhaps = Expected::Times::perhaps;
constexpr auto any = Expected::Times::any;

template <class Things>
std::optional<size_t> position(const Things& things, std::string_view name) {
  const auto found = std::find_if(things.begin(), things.end(), [&](const auto& thing) { return thing.name == name; });
  return found == things.end() ? std::nullopt : std::optional(static_cast<size_t>(found - things.begin()));
}

size_t family_of(Words& words) {
  return words.one_of({"4", "6"});
}

std::vector<Route> read_table(const Line& line) {
  std::vector<Route> result;
  for (const Line& below : line.below) {
    Words words(below);
    static_cast<void>(words.one_of({"route"}));
    Route route{words.prefix(), {}, 0, {}};
    route.kind = static_cast<Route::Kind>(words.one_of({"unicast", "blackhole", "unreachable", "prohibit", "local"}));
    static_cast<void>(words.one_of({"metric"}));
    route.metric = words.number(0xffffffffU);
    read_place(words);
    words.end();
    for (const Line& last : below.below) {
      Words hop(last);
      static_cast<void>(hop.one_of({"hop"}));
      route.hops.emplace_back();
      if (!hop.take("direct")) {
        route.hops.back().gateway = hop.address();
      }
      if (!hop.take("unnamed")) {
        route.hops.back().interface = hop.number(most);
      }
      hop.leaf();
    }
    result.push_back(std::move(route));
  }
  return result;
}

Service read_service(Words& words) {
  Service service;
  service.protocol = words.number(255);
  service.ports = words.set(false);
  return service;
}

void read_family(Words& words, Node& node, size_t family) {
  const std::vector<std::string_view> known{"given", "missing", "off"};
  node.filter[family] = static_cast<Known>(words.one_of(known));
  node.routes[family] = static_cast<Known>(words.one_of(known));
  node.forwarding[family] = static_cast<Forwarding>(words.one_of({"on", "off", "unknown"}));
  words.leaf();
}

void read_interface(Words& words, const Line& line, const Network& network, Node& node) {
  Interface interface;
  interface.name = words.string();
  if (!words.take("unwired")) {
    static_cast<void>(words.one_of({"segment"}));
    interface.segment = network.segment(words.string());
    if (!interface.segment) {
      words.fail("no such segment");
    }
  }
  interface.is_up = words.one_of({"up", "down"}) == 0;
  words.end();
  for (const Line& below : line.below) {
    Words address(below);
    static_cast<void>(address.one_of({"address"}));
    interface.addresses.push_back(address.prefix());
    interface.connected.push_back(address.take("peer") ? address.prefix() : interface.addresses.back());
    address.leaf();
  }
  node.interfaces.push_back(std::move(interface));
}

void read_node_line(const Line& line, const Network& network, Node& node) {
  Words words(line);
  const size_t what = words.one_of({"ipv4", "ipv6", "twin", "tag", "services", "service", "scanned", "interface",
                                    "table", "select", "rules", "alias"});
  if (what <= 1) {
    read_family(words, node, what);
  } else if (what == 2) {
    node.twin = words.string();
    words.leaf();
  } else if (what == 3 || what == 11) {
    (what == 3 ? node.tags : node.aliases).push_back(words.string());
    words.leaf();
  } else if (what == 4) {
    node.services_known = words.one_of({"known", "unknown"}) == 0;
    words.leaf();
  } else if (what == 5) {
    node.services.push_back(read_service(words));
    static_cast<void>(words.one_of({"listening", "maybe"}));
    node.services.back().is_vulnerable = words.take("vulnerable");
    words.leaf();
  } else if (what == 6) {
    node.scanned.push_back(read_service(words));
    words.leaf();
  } else if (what == 7) {
    read_interface(words, line, network, node);
  } else if (what == 8) {
    std::vector<std::vector<Route>>& tables = node.tables[family_of(words)];
    if (words.number(most) != tables.size()) {
      words.fail("tables are numbered from 0");
    }
    static_cast<void>(words.string());
    words.end();
    tables.push_back(read_table(line));
  } else if (what == 9) {
    std::vector<Select>& selects = node.selects[family_of(words)];
    Select select{words.number(0xffffffffU), 0, {}, ""};
    static_cast<void>(words.one_of({"table"}));
    select.table = words.number(most);
    select.origin = read_place(words);
    words.end();
    select.tests = read_tests(line.below);
    selects.push_back(std::move(select));
  } else {
    const bool is_now = words.take("now");
    if (!is_now && (!words.take("before") || words.number(most) != node.rules.size())) {
      words.fail("rule sets stand in the order of the epochs, the present one first");
    }
    words.end();
    node.rules.push_back(read_rules(line));
  }
}

void check_node(const Node& node, const Words& words) {
  bool is_right = !node.rules.empty();
  for (size_t f = 0; f < 2; ++f) {
    for (const Select& select : node.selects[f]) {
      is_right = is_right && (select.table == 0 || select.table < node.tables[f].size());
    }
    for (const std::vector<Route>& table : node.tables[f]) {
      for (const Route& route : table) {
        is_right = is_right && route.destination.address.family == static_cast<Family>(f);
        for (const Hop& hop : route.hops) {
          is_right = is_right && (!hop.interface || *hop.interface < node.interfaces.size());
        }
      }
    }
  }
  if (!is_right) {
    words.fail("a node without rules, or with a table or interface that does not exist");
  }
}

Node read_node(Words& words, const Line& line, const Network& network) {
  Node node;
  node.name = words.string();
  node.is_device = words.one_of({"host", "device"}) == 1;
  words.end();
  check_order(line.below,
              {{once, {"ipv4"}},
               {once, {"ipv6"}},
               {any, {"alias"}},
               {perhaps, {"twin"}},
               {any, {"tag"}},
               {once, {"services"}},
               {any, {"service"}},
               {any, {"scanned"}},
               {any, {"interface"}},
               {any, {"table", "select"}},
               {any, {"rules"}}},
              line.number);
  for (const Line& below : line.below) {
    read_node_line(below, network, node);
  }
  for (std::vector<Select>& selects : node.selects) {
    std::stable_sort(selects.begin(), selects.end(),
                     [](const Select& a, const Select& b) { return a.priority < b.priority; });
  }
  check_node(node, words);
  return node;
}

Segment read_segment(Words& words, const Line& line) {
  Segment segment;
  segment.name = words.string();
  segment.is_complete = words.one_of({"complete", "open"}) == 0;
  const size_t kind = words.one_of({"internal", "external", "internet"});
  segment.is_external = kind > 0;
  segment.is_internet = kind == 2;
  words.end();
  for (const Line& below : line.below) {
    Words prefix(below);
    static_cast<void>(prefix.one_of({"prefix"}));
    segment.prefixes.push_back(prefix.prefix());
    prefix.leaf();
  }
  return segment;
}

Zone read_zone(Words& words, const Line& line) {
  Zone zone;
  zone.name = words.string();
  static_cast<void>(words.one_of({"parent"}));
  if (!words.take("none")) {
    zone.parent = words.string();
  }
  zone.is_external = words.one_of({"internal", "external"}) == 1;
  zone.falls = words.one_of({"falls", "stays"}) == 0;
  words.end();
  check_order(line.below, {{any, {"prefix"}}, {any, {"member"}}, {any, {"tagged"}}, {any, {"port"}}, {any, {"wire"}}},
              line.number);
  for (const Line& below : line.below) {
    Words part(below);
    const size_t what = part.one_of({"prefix", "member", "tagged", "port", "wire"});
    if (what == 0) {
      zone.prefixes.push_back(part.prefix());
    } else {
      const std::string name = part.string();
      if (what == 3) {
        zone.ports.emplace_back(name, part.number(most));
      } else {
        (what == 1 ? zone.members : what == 2 ? zone.tags : zone.wires).push_back(name);
      }
    }
    part.leaf();
  }
  return zone;
}

std::vector<std::string> strings(Words& words) {  // "a","b"
  std::vector<std::string> result;
  std::string_view left = words.next();
  while (!left.empty()) {
    size_t end = 1;
    while (end < left.size() && left[end] != '"') {
      end += left[end] == '\\' ? 2U : 1U;
    }
    const Line line{0, {left.substr(0, end + 1)}, {}};
    result.push_back(Words(line).string());
    left.remove_prefix(std::min(left.size(), end + 1));
    if (!left.empty()) {
      left.remove_prefix(1);
    }
  }
  return result;
}

Allowed read_allowed(Words& words) {
  Allowed allowed;
  if (!words.take("any")) {
    allowed.protocol = words.number(255);
  }
  allowed.ports = words.set(false);
  if (words.take("from")) {
    allowed.from = strings(words);
  }
  if (words.take("to")) {
    allowed.to = strings(words);
  }
  allowed.is_expired = words.take("expired");
  return allowed;
}

void read_claim_line(const Line& line, Claim& claim) {
  Words words(line);
  const size_t what =
      words.one_of({"from", "to", "through", "zone", "host", "name", "address", "from-address", "assuming", "text",
                    "spoofing", "trust-source-host", "pivot", "responder", "hops", "service", "except", "as-sent"});
  std::vector<std::string>* const lists[] = {&claim.from,    &claim.to,    &claim.through,   &claim.zones,
                                             &claim.hosts,   &claim.names, &claim.addresses, &claim.from_addresses,
                                             &claim.assuming};
  if (what < 9) {
    lists[what]->push_back(words.string());
  } else if (what == 9) {
    static_cast<void>(words.string());
  } else if (what == 10) {
    static constexpr std::array<std::string_view, 3> levels{"any", "segment", "own"};
    claim.spoofing = levels.at(words.one_of({levels.begin(), levels.end()}));
  } else if (what == 11) {
    claim.trusts_source_host = true;
  } else if (what == 12) {
    static constexpr std::array<std::string_view, 5> levels{"direct", "vulnerable", "listening", "worst-case",
                                                            "paranoid"};
    claim.pivot = levels.at(words.one_of({levels.begin(), levels.end()}));
  } else if (what == 13) {
    static constexpr std::array<std::string_view, 3> kinds{"include", "report", "ignore"};
    claim.responder = kinds.at(words.one_of({kinds.begin(), kinds.end()}));
  } else if (what == 14) {
    claim.hops = words.number(most);
  } else if (what == 17) {
    claim.is_as_sent = true;
    return;
  } else {
    (what == 15 ? claim.services : claim.except).push_back(read_allowed(words));
  }
  words.leaf();
}

Claim read_claim(Words& words, const Line& line) {
  Claim claim;
  claim.id = words.string();
  claim.kind = words.next();
  read_place(words);
  words.end();
  check_order(line.below,
              {{perhaps, {"text"}},
               {once, {"spoofing"}},
               {perhaps, {"trust-source-host"}},
               {perhaps, {"pivot"}},
               {once, {"responder"}},
               {perhaps, {"hops"}},
               {any, {"assuming"}},
               {any, {"from"}},
               {any, {"to"}},
               {any, {"through"}},
               {any, {"zone"}},
               {any, {"host"}},
               {any, {"name"}},
               {any, {"address"}},
               {any, {"from-address"}},
               {any, {"service"}},
               {any, {"except"}},
               {perhaps, {"as-sent"}},
               {perhaps, {"as-sent"}}},
              line.number);
  for (const Line& below : line.below) {
    read_claim_line(below, claim);
  }
  return claim;
}

void read_gap(Words& words, Network& network) {
  network.gaps.emplace_back(read_place(words), false);
  static_cast<void>(words.next());
  network.gaps.back().second = words.one_of({"node", "everywhere"}) == 1;
  if (!network.gaps.back().second) {
    static_cast<void>(words.string());
  }
  static_cast<void>(words.string());
  words.leaf();
}

Assumption read_assumption(Words& words, const Line& line) {
  Assumption assumption{words.string(), {}};
  words.end();
  for (const Line& below : line.below) {
    Words harmless(below);
    static_cast<void>(harmless.one_of({"harmless"}));
    assumption.harmless.push_back(read_allowed(harmless));
    harmless.leaf();
  }
  return assumption;
}

void read_top(const Line& line, Network& network) {
  Words words(line);
  switch (words.one_of({"epoch", "input", "assumption", "segment", "node", "zone", "gap", "claim"})) {
    case 0:
      network.epoch = words.string();
      static_cast<void>(words.one_of({"date"}));
      network.date = words.string();
      network.is_flushed = words.one_of({"flushed", "kept"}) == 0;
      words.leaf();
      break;
    case 1:
      network.inputs.emplace_back(words.next(), "");
      network.inputs.back().second = words.string();
      words.leaf();
      break;
    case 2:
      network.assumptions.push_back(read_assumption(words, line));
      break;
    case 3:
      network.segments.push_back(read_segment(words, line));
      break;
    case 4:
      network.nodes.push_back(read_node(words, line, network));
      if (network.node(network.nodes.back().name) != network.nodes.size() - 1) {
        words.fail("two nodes of one name");
      }
      break;
    case 5:
      network.zones.push_back(read_zone(words, line));
      break;
    case 6:
      read_gap(words, network);
      break;
    default:
      network.claims.push_back(read_claim(words, line));
  }
}

template <class Things, class NameOf>
void check_unique(const Things& things, const NameOf& name_of) {
  std::set<std::string> names;
  for (const auto& thing : things) {
    if (!names.insert(name_of(thing)).second) {
      throw Malformed(0, "two things of one name: " + name_of(thing));
    }
  }
}

// Names mean one thing, and every node has a rule set for each epoch.
void check_whole(const Network& network) {
  check_unique(network.segments, [](const Segment& segment) { return segment.name; });
  check_unique(network.zones, [](const Zone& zone) { return zone.name; });
  check_unique(network.claims, [](const Claim& claim) { return claim.id; });
  for (const Node& node : network.nodes) {
    if (node.rules.size() != network.nodes.front().rules.size()) {
      throw Malformed(0, "node " + node.name + " has rules for other epochs than the first node");
    }
  }
}

}  // namespace

std::optional<size_t> Network::node(std::string_view name) const {
  return position(nodes, name);
}
std::optional<size_t> Network::node_or_alias(std::string_view name) const {
  for (size_t n = 0; n < nodes.size() && !node(name); ++n) {
    if (std::find(nodes[n].aliases.begin(), nodes[n].aliases.end(), name) != nodes[n].aliases.end()) {
      return n;
    }
  }
  return node(name);
}
std::optional<size_t> Network::segment(std::string_view name) const {
  return position(segments, name);
}

Network read_network(std::string_view text) {
  const std::vector<Line> lines = read_lines(text);
  check_order(lines,
              {{once, {"segproof-network"}},
               {once, {"epoch"}},
               {any, {"input"}},
               {any, {"assumption"}},
               {any, {"segment"}},
               {any, {"node"}},
               {any, {"zone"}},
               {any, {"gap"}},
               {any, {"claim"}}},
              0);
  Network network;
  for (const Line& line : lines) {
    if (&line == &lines.front()) {
      Words words(line);
      if (!words.take("segproof-network") || words.number(1) != 1) {
        words.fail("this is not a network file of version 1");
      }
      words.leaf();
    } else {
      read_top(line, network);
    }
  }
  check_whole(network);
  return network;
}

}  // namespace check
