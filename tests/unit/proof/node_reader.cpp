// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "network_reader.h"

namespace segproof::test {
namespace {

using namespace model;

constexpr std::size_t routing_lines = 72;  // the place of tables and selects in the order
constexpr std::uint32_t most_32 = std::numeric_limits<std::uint32_t>::max();

class NodeReader {
 public:
  NodeReader(Network& network, NodeId id, Places& places)
      : network_(network), node_(network.nodes[id.index()]), id_(id), places_(places) {}

  void read(const std::vector<TextLine>& lines) {
    Order order;
    for (const TextLine& line : lines) {
      LineWords words(line);
      const std::size_t kind = words.one_of({"ipv4", "ipv6", "alias", "twin", "tag", "services", "service", "scanned",
                                             "interface", "table", "select", "rules"});
      std::size_t position = kind * 8;
      if (kind <= 1) {
        family(words, kind);
      } else if (kind <= 4) {
        name(words, kind);
      } else if (kind <= 7) {
        service(words, kind);
      } else if (kind == 8) {
        interface(words, line.below);
      } else if (kind <= 10) {
        const Family family = words.family();
        position = routing_lines + 2 * index_of(family) + (kind == 9 ? 0U : 1U);
        kind == 9 ? table(words, family, line.below) : select(words, family, line.below);
      } else {
        rules(words, line.below);
      }
      order.at(position, words);
    }
    if (seen_ != std::vector<std::size_t>{1, 1, 1, 1}) {
      throw NotTheGrammar("node " + node_.name + ": ipv4, ipv6, services and rules now stand there once");
    }
    resolve_hops();
  }

 private:
  void family(LineWords& words, std::size_t f) {
    ++seen_[f];
    node_.filter[f] = static_cast<Known>(words.one_of({"given", "missing", "off"}));
    node_.routes[f] = static_cast<Known>(words.one_of({"given", "missing", "off"}));
    node_.forwarding[f] = static_cast<Forwarding>(words.one_of({"on", "off", "unknown"}));
    words.leaf();
  }

  void name(LineWords& words, std::size_t kind) {
    const std::string text = words.string();
    if (kind == 3 && node_.twin) {
      words.fail("one twin");
    }
    if (kind == 3) {
      node_.twin = text;
    } else {
      (kind == 2 ? node_.also_called : node_.tags).push_back(text);
    }
    words.leaf();
  }

  void service(LineWords& words, std::size_t kind) {
    if (kind == 5) {
      ++seen_[2];
      node_.services_known = words.one_of({"known", "unknown"}) == 0;
    } else if (kind == 6) {
      Service& service = node_.services.emplace_back();
      service.protocol = static_cast<std::uint8_t>(words.number(255));
      service.ports = words.set(std::nullopt);
      service.listening = static_cast<Listening>(words.one_of({"listening", "maybe"}));
      if (words.has("vulnerable")) {
        service.tags = {"vulnerable"};
      }
    } else {
      const auto protocol = static_cast<std::uint8_t>(words.number(255));
      node_.scanned.emplace_back(protocol, words.set(std::nullopt));
    }
    words.leaf();
  }

  void interface(LineWords& words, const std::vector<TextLine>& below) {
    Interface interface;
    interface.name = words.string();
    interface.node = id_;
    if (!words.has("unwired")) {
      words.must("segment");
      interface.segment = network_.find_segment(words.string());
      if (!interface.segment.valid()) {
        words.fail("a segment");
      }
    }
    interface.is_up = words.one_of({"up", "down"}) == 0;
    words.end();
    for (const TextLine& line : below) {
      LineWords part(line);
      part.must("address");
      InterfaceAddress address = part.interface_address();
      if (part.has("peer")) {
        address.prefix = part.prefix();
      }
      interface.addresses.push_back(address);
      part.leaf();
    }
    const InterfaceId number(network_.interfaces.size());
    if (interface.segment.valid()) {
      network_.segments[interface.segment.index()].attached.push_back(number);
    }
    node_.interfaces.push_back(number);
    network_.interfaces.push_back(std::move(interface));
  }

  void table(LineWords& words, Family family, const std::vector<TextLine>& below) {
    std::vector<RouteTable>& tables = node_.routing[index_of(family)].tables;
    if (words.number(most_32) != tables.size()) {
      words.fail("the number of the table");
    }
    RouteTable& table = tables.emplace_back();
    table.name = words.string();
    words.end();
    for (const TextLine& line : below) {
      table.routes.push_back(route(line));
    }
  }

  Route route(const TextLine& line) {
    LineWords words(line);
    words.must("route");
    Route route;
    route.destination = words.prefix();
    route.kind = static_cast<RouteKind>(words.one_of({"unicast", "blackhole", "unreachable", "prohibit", "local"}));
    words.must("metric");
    route.metric = static_cast<std::uint32_t>(words.number(most_32));
    route.origin = places_.span(words.place());
    words.end();
    for (const TextLine& below : line.below) {
      LineWords hop(below);
      hop.must("hop");
      NextHop& next = route.hops.emplace_back();
      if (!hop.has("direct")) {
        next.gateway = hop.address();
      }
      if (!hop.has("unnamed")) {
        next.interface = InterfaceId(static_cast<std::size_t>(hop.number(most_32 - 1)));  // of the node, for now
      }
      hop.leaf();
    }
    return route;
  }

  void select(LineWords& words, Family family, const std::vector<TextLine>& below) {
    RouteRule& rule = node_.routing[index_of(family)].rules.emplace_back();
    rule.priority = static_cast<std::uint32_t>(words.number(most_32));
    words.must("table");
    rule.table = static_cast<std::size_t>(words.number(most_32));
    rule.origin = places_.span(words.place());
    words.end();
    rule.condition = read_tests(below);
  }

  void rules(LineWords& words, const std::vector<TextLine>& below) {
    const bool now = words.has("now");
    if (now) {
      ++seen_[3];
      node_.rules = read_rules(below, places_);
    } else {
      words.must("before");
      const std::size_t steps = ++epochs_;
      if (words.number(most_32) != steps) {
        words.fail("the next epoch before");
      }
      if (network_.earlier_rules.size() + 1 < steps) {
        network_.earlier_rules.emplace_back();
      }
      (steps == 1 ? network_.previous_rules : network_.earlier_rules[steps - 2])[node_.name] =
          read_rules(below, places_);
    }
    words.end();
  }

  void resolve_hops() {
    for (Routing& routing : node_.routing) {
      for (RouteTable& table : routing.tables) {
        for (Route& route : table.routes) {
          for (NextHop& hop : route.hops) {
            if (hop.interface.valid()) {
              hop.interface = node_.interfaces.at(hop.interface.index());
            }
          }
        }
      }
    }
  }

  Network& network_;
  Node& node_;
  NodeId id_;
  Places& places_;
  std::vector<std::size_t> seen_ = {0, 0, 0, 0};
  std::size_t epochs_ = 0;
};

}  // namespace

void read_node(LineWords& words, const TextLine& line, Network& network, Places& places) {
  const NodeId id(network.nodes.size());
  Node node;
  node.name = words.string();
  node.kind = words.one_of({"host", "device"}) == 0 ? NodeKind::host : NodeKind::device;
  words.end();
  for (const Node& other : network.nodes) {
    if (other.name == node.name) {
      words.fail("another name");
    }
  }
  network.nodes.push_back(std::move(node));
  NodeReader(network, id, places).read(line.below);
}

}  // namespace segproof::test
