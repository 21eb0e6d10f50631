// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/known_routes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace segproof::cisco {
namespace {

using model::ConfiguredRoute;
using model::RouteKind;
using Rows = std::vector<const ConfiguredRoute*>;

class KnownRoutes {
 public:
  KnownRoutes(const CiscoRouteTable& table, Ports& ports, model::DeviceConfiguration& into)
      : ports_(ports), into_(into) {
    for (const ConfiguredRoute& row : table.routes)
      rows_[row.destination].push_back(&row);
    for (const Port& port : ports_.all()) {
      if (!port.is_up || port.is_switched || !port.vrf.empty())
        continue;
      for (const InterfaceAddress& address : port.addresses) {
        if (address.address.family == Family::ipv4)
          connected_.push_back(address);
      }
    }
  }

  // Whether the table has a network of the device as connected, or an address of it as its own.
  [[nodiscard]] bool is_of_this_device() const {
    return connected_.empty() || std::ranges::any_of(connected_, [&](const InterfaceAddress& own) {
             return is_connected_row(own.prefix) || is_local_row(own.address);
           });
  }

  void take() {
    std::erase_if(into_.routes, [](const ConfiguredRoute& route) {
      return route.routing_instance.empty() && route.destination.address.family == Family::ipv4;
    });
    for (const auto& [destination, rows] : rows_) {
      for (const ConfiguredRoute* row : rows)
        add(*row, destination);
    }
    for (const InterfaceAddress& own : connected_) {
      if (!is_connected_row(own.prefix) && !rows_.contains(own.prefix))
        add_way_around(own.prefix);
    }
  }

 private:
  [[nodiscard]] bool is_connected_row(const Prefix& prefix) const {
    const auto found = rows_.find(prefix);
    return found != rows_.end() && std::ranges::any_of(found->second, [](const ConfiguredRoute* row) {
             return row->kind == RouteKind::unicast && !row->gateway;
           });
  }

  [[nodiscard]] bool is_local_row(const Address& address) const {
    const auto found = rows_.find(make_prefix(address, address_width(address.family)));
    return found != rows_.end() &&
           std::ranges::any_of(found->second, [](const ConfiguredRoute* row) { return row->kind == RouteKind::local; });
  }

  // Addresses of interfaces are the device's own already, and first and last ones of a network are broadcasts.
  [[nodiscard]] bool is_own_or_broadcast(const Prefix& prefix) const {
    constexpr Bits first_multicast = 0xe0000000U;
    if (prefix.first() == 0 || prefix.first() >= first_multicast)
      return true;
    return std::ranges::any_of(connected_, [&](const InterfaceAddress& own) {
      const bool is_end = prefix.first() == own.prefix.first() || prefix.first() == own.prefix.last();
      return prefix.length == address_width(Family::ipv4) && (is_end || prefix.address == own.address);
    });
  }

  // Whether the row says no more than an interface that is up.
  [[nodiscard]] bool is_connected(const ConfiguredRoute& row) const {
    const Port* port = ports_.find(row.interface);
    return port != nullptr && port->is_up && !port->is_switched && port->vrf.empty() &&
           std::ranges::any_of(port->addresses,
                               [&](const InterfaceAddress& own) { return own.prefix == row.destination; });
  }

  void add(const ConfiguredRoute& row, const Prefix& destination) {
    if (row.kind == RouteKind::local && is_own_or_broadcast(row.destination))
      return;
    if (row.kind == RouteKind::unicast && !row.gateway && destination == row.destination && is_connected(row))
      return;  // as every interface has its networks
    if (row.kind != RouteKind::unicast || !row.interface.empty() || !row.gateway)
      return put(row, destination, row.gateway, row.interface);
    std::vector<std::pair<Address, std::string>> hops;
    find_way_to(*row.gateway, 0, hops);
    for (const auto& [gateway, interface] : hops)
      put(row, destination, gateway, interface);
    if (hops.empty())
      put(row, destination, std::nullopt, {});
  }

  void put(const ConfiguredRoute& row, const Prefix& destination, std::optional<Address> gateway,
           const std::string& interface) {
    ConfiguredRoute route = row;
    route.destination = destination;
    route.gateway = gateway;
    route.interface = interface;
    if (route.kind == RouteKind::unicast) {
      const Port* port = ports_.find(interface);
      if (port == nullptr) {
        route.gateway.reset();
      } else {
        route.interface = port->name;
      }
    }
    into_.routes.push_back(std::move(route));
  }

  // The rows for the longest prefix that holds the address and is shorter than `below`.
  [[nodiscard]] const Rows* rows_for(const Address& address, unsigned below) const {
    for (unsigned length = below; length > 0; --length) {
      const auto found = rows_.find(make_prefix(address, length - 1));
      if (found != rows_.end())
        return &found->second;
    }
    return nullptr;
  }

  // The hops on the way to a gateway that the table names without an interface; none when there is no way.
  void find_way_to(const Address& gateway, unsigned depth, std::vector<std::pair<Address, std::string>>& hops) const {
    constexpr unsigned deepest = 8;
    constexpr std::size_t most = 64;
    const Rows* rows = rows_for(gateway, address_width(Family::ipv4) + 1);
    if (rows == nullptr || depth > deepest)
      return;
    for (const ConfiguredRoute* row : *rows) {
      if (row->kind != RouteKind::unicast || hops.size() >= most)
        continue;
      if (!row->interface.empty()) {
        hops.emplace_back(row->gateway.value_or(gateway), row->interface);
      } else if (row->gateway) {
        find_way_to(*row->gateway, depth + 1, hops);
      }
    }
  }

  void add_way_around(const Prefix& connected) {
    const Rows* rows = rows_for(connected.address, connected.length);
    if (rows == nullptr)
      return;
    for (const ConfiguredRoute* row : *rows) {
      if (row->kind == RouteKind::unicast)
        add(*row, connected);
    }
  }

  Ports& ports_;
  model::DeviceConfiguration& into_;
  std::map<Prefix, Rows> rows_;
  std::vector<InterfaceAddress> connected_;
};

}  // namespace

bool take_route_table(const CiscoRouteTable& table, Ports& ports, DiagnosticSink& sink,
                      model::DeviceConfiguration& into) {
  if (!table.is_whole || table.routes.empty())
    return false;
  KnownRoutes known(table, ports, into);
  if (!known.is_of_this_device()) {
    sink.add({.code = DiagnosticCode::route_table_unusable,
              .severity = Severity::warning,
              .span = table.routes.front().origin,
              .message = "the table has no network of the device as connected: it is another device's, and not used",
              .hint = "collect it on the device that the configuration is of"});
    return false;
  }
  known.take();
  return true;
}

}  // namespace segproof::cisco
