// SPDX-License-Identifier: Apache-2.0
#include "proof/node_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/assert.h"
#include "claim/world.h"
#include "proof/condition_text.h"
#include "proof/rule_text.h"

namespace segproof::proof {
namespace {

constexpr std::array families = {Family::ipv4, Family::ipv6};

int digit(Family family) {
  return family == Family::ipv4 ? 4 : 6;
}

std::string_view known_word(model::Known known) {
  switch (known) {
    case model::Known::given:
      return "given";
    case model::Known::missing:
      return "missing";
    case model::Known::off:
      return "off";
  }
  SEGPROOF_UNREACHABLE();
}

std::string_view forwarding_word(model::Forwarding forwarding) {
  switch (forwarding) {
    case model::Forwarding::on:
      return "on";
    case model::Forwarding::off:
      return "off";
    case model::Forwarding::unknown:
      return "unknown";
  }
  SEGPROOF_UNREACHABLE();
}

std::string_view route_word(model::RouteKind kind) {
  switch (kind) {
    case model::RouteKind::unicast:
      return "unicast";
    case model::RouteKind::blackhole:
      return "blackhole";
    case model::RouteKind::unreachable:
      return "unreachable";
    case model::RouteKind::prohibit:
      return "prohibit";
    case model::RouteKind::local:
      return "local";
  }
  SEGPROOF_UNREACHABLE();
}

class NodeWriter {
 public:
  NodeWriter(const model::Network& network, model::NodeId id, const SourceStore& sources, Page& page)
      : network_(network), node_(network.node(id)), sources_(sources), page_(page) {}

  void write() const {
    page_.line(0,
               fmt::format("node {} {}", quoted(node_.name), node_.kind == model::NodeKind::host ? "host" : "device"));
    for (const Family family : families) {
      const std::size_t f = model::index_of(family);
      page_.line(1, fmt::format("ipv{} {} {} {}", digit(family), known_word(node_.filter[f]),
                                known_word(node_.routes[f]), forwarding_word(node_.forwarding[f])));
    }
    for (const std::string& name : node_.also_called) {
      page_.line(1, fmt::format("alias {}", quoted(name)));
    }
    if (node_.twin) {
      page_.line(1, fmt::format("twin {}", quoted(*node_.twin)));
    }
    for (const std::string& tag : node_.tags) {
      page_.line(1, fmt::format("tag {}", quoted(tag)));
    }
    services();
    for (const model::InterfaceId id : node_.interfaces) {
      interface(network_.interface(id));
    }
    for (const Family family : families) {
      routing(family);
    }
    page_.line(1, "rules now");
    write_rules(node_.rules, sources_, 2, page_);
    if (claim::keeps_earlier_sessions(network_)) {
      rules_before(network_.previous_rules, 1);
      for (std::size_t i = 0; i < network_.earlier_rules.size(); ++i) {
        rules_before(network_.earlier_rules[i], i + 2);
      }
    }
  }

 private:
  void services() const {
    page_.line(1, node_.services_known ? "services known" : "services unknown");
    for (const model::Service& service : node_.services) {
      const bool vulnerable = std::ranges::find(service.tags, "vulnerable") != service.tags.end();
      page_.line(1, fmt::format("service {} {} {}{}", service.protocol, ports_word(service.ports),
                                service.listening == model::Listening::yes ? "listening" : "maybe",
                                vulnerable ? " vulnerable" : ""));
    }
    for (const auto& [protocol, ports] : node_.scanned) {
      page_.line(1, fmt::format("scanned {} {}", protocol, set_word(ports)));
    }
  }

  void interface(const model::Interface& interface) const {
    const std::string segment = interface.segment.valid()
                                    ? "segment " + quoted(network_.segment(interface.segment).name)
                                    : std::string("unwired");
    page_.line(1, fmt::format("interface {} {} {}", quoted(interface.name), segment, interface.is_up ? "up" : "down"));
    for (const InterfaceAddress& address : interface.addresses) {
      const bool is_in = address.prefix.contains(address.address);
      page_.line(2, fmt::format("address {}/{}{}", to_string(address.address), address.prefix.length,
                                is_in ? std::string() : " peer " + prefix_word(address.prefix)));
    }
  }

  std::string interface_number(model::InterfaceId id) const {
    const auto found = std::ranges::find(node_.interfaces, id);
    SEGPROOF_ASSERT(!id.valid() || found != node_.interfaces.end());
    return id.valid() ? fmt::format("{}", found - node_.interfaces.begin()) : "unnamed";
  }

  void routing(Family family) const {
    const model::Routing& routing = node_.routing[model::index_of(family)];
    for (std::size_t i = 0; i < routing.tables.size(); ++i) {
      page_.line(1, fmt::format("table {} {} {}", digit(family), i, quoted(routing.tables[i].name)));
      for (const model::Route& route : routing.tables[i].routes) {
        page_.line(2, fmt::format("route {} {} metric {} {}", prefix_word(route.destination), route_word(route.kind),
                                  route.metric, place_word(route.origin, sources_)));
        for (const model::NextHop& hop : route.hops) {
          page_.line(3, fmt::format("hop {} {}", hop.gateway ? to_string(*hop.gateway) : "direct",
                                    interface_number(hop.interface)));
        }
      }
    }
    for (const model::RouteRule& rule : routing.rules) {
      page_.line(1, fmt::format("select {} {} table {} {}", digit(family), rule.priority, rule.table,
                                place_word(rule.origin, sources_)));
      write_tests(rule.condition, 2, page_);
    }
  }

  // A node of which nothing is recorded had the rules that it has now.
  void rules_before(const std::map<std::string, model::RuleSet>& by_node, std::size_t steps) const {
    const auto found = by_node.find(node_.name);
    page_.line(1, fmt::format("rules before {}", steps));
    write_rules(found == by_node.end() ? node_.rules : found->second, sources_, 2, page_);
  }

  const model::Network& network_;
  const model::Node& node_;
  const SourceStore& sources_;
  Page& page_;
};

}  // namespace

void write_node(const model::Network& network, model::NodeId id, const SourceStore& sources, Page& page) {
  NodeWriter(network, id, sources, page).write();
}

}  // namespace segproof::proof
