// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/routes.h"

#include <fmt/format.h>

#include <array>
#include <cctype>

namespace segproof::cisco {
namespace {

class RouteReader {
 public:
  RouteReader(Device& device, model::DeviceConfiguration& configuration)
      : device_(device), statements_(*device.statements), into_(configuration) {}

  void read() {
    statements_.for_each_below(no_statement, [&](std::size_t at) {
      Words words(statements_[at].text);
      const std::string_view first = words.take();
      if (device_.dialect == CiscoDialect::asa) {
        if (first == "route")
          firewall_route(words, at, Family::ipv4);
        if (first == "ipv6" && words.take_if("route"))
          firewall_route(words, at, Family::ipv6);
        return;
      }
      if ((first == "ip" || first == "ipv6") && words.take_if("route"))
        router_route(words, at, first == "ip" ? Family::ipv4 : Family::ipv6, "");
      if (first == "vrf" && words.take_if("context"))
        context(std::string(words.take()), at);
    });
  }

 private:
  void not_understood(std::size_t at, Family family) {
    device_.findings->unmodelled(at, DiagnosticCode::line_not_understood, "a route that is not understood");
    into_.routes_complete[model::index_of(family)] = false;
  }

  // NX-OS: routes of an instance stand below it.
  void context(const std::string& instance, std::size_t at) {
    device_.findings->modelled(at);
    statements_.for_each_below(at, [&](std::size_t below) {
      Words words(statements_[below].text);
      const std::string_view first = words.take();
      if ((first == "ip" || first == "ipv6") && words.take_if("route")) {
        router_route(words, below, first == "ip" ? Family::ipv4 : Family::ipv6, instance);
      } else {
        device_.findings->all_below(below, model::LineUse::irrelevant);
      }
    });
  }

  std::optional<Prefix> destination(Words& words, Family family) const {
    const std::string_view first = words.take();
    if (family == Family::ipv6)
      return parse_ipv6_prefix(first);
    if (first.find('/') != std::string_view::npos) {
      const auto parsed = parse_interface_address(first);
      return parsed ? std::optional(parsed->prefix) : std::nullopt;
    }
    const auto value = first == "0" ? std::optional(std::uint32_t{0}) : device_.definitions->address(first);
    const std::string_view second = words.take();
    const auto mask = second == "0" ? std::optional(std::uint32_t{0}) : parse_ipv4(second);
    const auto length = mask ? netmask_length(*mask) : std::nullopt;
    return value && length ? std::optional(make_prefix({Family::ipv4, *value}, *length)) : std::nullopt;
  }

  std::optional<Address> gateway(std::string_view word, Family family) const {
    if (family == Family::ipv4) {
      const auto value = device_.definitions->address(word);
      return value ? std::optional(Address{Family::ipv4, *value}) : std::nullopt;
    }
    const std::optional<Address> address = parse_address(word);
    return address && address->family == Family::ipv6 ? address : std::nullopt;
  }

  void options(Words& words, model::ConfiguredRoute& route, std::size_t at) const {
    bool conditional = false;
    while (!words.done()) {
      const std::string_view word = words.take();
      if (const auto metric = parse_number(word)) {
        route.metric = *metric;
      } else if (word == "track") {
        conditional = true;
        words.skip(1);
      } else if (word == "tag" || word == "name" || word == "vrf") {
        words.skip(1);
      } else if (word == "tunneled" || word == "global" || word == "dhcp") {
        conditional = true;
      }
    }
    route.is_conditional = conditional;
    if (conditional) {
      device_.findings->undecided(at, "the route holds only while something else does");
    } else {
      device_.findings->modelled(at);
    }
  }

  // `route IF A M GATEWAY [METRIC] [track N]`
  void firewall_route(Words& words, std::size_t at, Family family) {
    model::ConfiguredRoute route;
    route.interface = std::string(words.take());
    const std::optional<Prefix> prefix = destination(words, family);
    const std::string_view next = words.take();
    route.gateway = gateway(next, family);
    route.metric = 1;
    route.origin = device_.span(at);
    if (route.interface == "Null0") {
      route.kind = model::RouteKind::blackhole;
      route.interface.clear();
    } else if (!route.gateway || device_.ports->find(route.interface) == nullptr) {
      return not_understood(at, family);
    }
    if (!prefix)
      return not_understood(at, family);
    route.destination = *prefix;
    options(words, route, at);
    add(std::move(route), family);
  }

  // `ip route [vrf V] A M [INTERFACE] [GATEWAY] [DISTANCE] ...`
  void router_route(Words& words, std::size_t at, Family family, std::string instance) {
    if (words.peek() == "static" || words.peek() == "profile")
      return device_.findings->irrelevant(at);
    model::ConfiguredRoute route;
    route.routing_instance = std::move(instance);
    if (words.take_if("vrf"))
      route.routing_instance = std::string(words.take());
    const std::optional<Prefix> prefix = destination(words, family);
    if (!prefix)
      return not_understood(at, family);
    route.destination = *prefix;
    route.metric = 1;
    route.origin = device_.span(at);
    std::string_view next = words.peek();
    if (!next.empty() && std::isalpha(static_cast<unsigned char>(next.front())) != 0 && next != "dhcp" &&
        !gateway(next, family)) {
      words.skip(1);
      std::string interface(next);
      if (!is_digit(interface.back()) && !words.done() && is_digit(words.peek().front()))
        interface += words.take();
      std::string lower = to_lower(interface);
      if (lower.starts_with("null")) {
        route.kind = model::RouteKind::blackhole;
      } else {
        route.interface = std::move(interface);
      }
    }
    if (const auto address = gateway(words.peek(), family)) {
      words.skip(1);
      route.gateway = address;
    }
    if (!route.gateway && route.interface.empty() && route.kind == model::RouteKind::unicast)
      return not_understood(at, family);
    options(words, route, at);
    add(std::move(route), family);
  }

  void add(model::ConfiguredRoute route, Family family) {
    static_cast<void>(family);
    into_.routes.push_back(std::move(route));
  }

  Device& device_;
  const Statements& statements_;
  model::DeviceConfiguration& into_;
};

}  // namespace

void read_routes(Device& device, model::DeviceConfiguration& configuration) {
  RouteReader(device, configuration).read();
}

}  // namespace segproof::cisco
