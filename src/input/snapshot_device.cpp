// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_device.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "input/cisco/reader.h"
#include "input/snapshot_reverse_path.h"
#include "input/snapshot_wiring.h"

namespace segproof::input {
namespace {

constexpr std::uint32_t first_priority = 1000;
constexpr std::uint32_t main_priority = 32766;

// The dialect of a format of the policy; nothing for formats that speak of rules alone.
std::optional<CiscoDialect> dialect_of(yaml::RuleFormat format) {
  return find_cisco_dialect(yaml::rule_format_name(format));
}

yaml::WrittenNode* find_node(Written& written, const std::string& name, const Assembly& assembly) {
  for (yaml::TopologyFile& topology : written.topologies) {
    for (yaml::WrittenNode& node : topology.nodes) {
      if (node.name.text == name && assembly.is_now(node.epochs))
        return &node;
    }
  }
  return nullptr;
}

bool is_located(const Address& address, const Assembly& assembly) {
  if (assembly.segments.find(address, "").size() == 1)
    return true;
  const auto internets = std::ranges::count_if(assembly.network.segments, &model::Segment::internet);
  return internets == 1 && is_public(address) && assembly.segments.find(address, "").empty();
}

// What no topology wires, from all configurations.
struct Loose {
  std::vector<LooseInterface> interfaces;
  std::vector<DefaultGateway> gateways;
};

// An interface without a segment is on the one that holds its addresses. Where there is none, its wires can be guessed,
// unless it carries no packets of its own.
void place(const model::ConfiguredInterface& from, yaml::WrittenInterface& interface, yaml::WrittenNode& node,
           const Assembly& assembly, Loose& loose) {
  const bool located = !from.addresses.empty() && std::ranges::all_of(from.addresses, [&](const InterfaceAddress& one) {
    return is_located(one.address, assembly);
  });
  if (located)
    return;
  interface.segment = yaml::Word{.text = "none", .span = from.origin};
  if (interface.up && !from.addresses.empty() && !from.has_unknown_address && !from.is_tunnel && !from.is_inner) {
    loose.interfaces.push_back({.node = &node,
                                .name = from.name,
                                .is_zone_name = !from.hardware.empty(),
                                .addresses = from.addresses,
                                .origin = from.origin});
  }
}

// Nothing leaves by it or comes in, unless a topology says so: it has no address, or only those of the device itself.
// One for more than a single address is left: the routes lead there what is for the others.
bool leads_nowhere(const model::ConfiguredInterface& from) {
  const bool only_hosts = std::ranges::all_of(from.addresses, [](const InterfaceAddress& one) {
    return one.prefix.length == address_width(one.address.family);
  });
  return from.is_idle || (from.is_inner && !from.has_unknown_address && only_hosts);
}

void merge(const model::DeviceConfiguration& device, yaml::WrittenNode& node, const Assembly& assembly, Loose& loose) {
  for (const model::ConfiguredRoute& route : device.routes) {
    if (route.destination.length == 0 && route.gateway && route.kind == model::RouteKind::unicast)
      loose.gateways.push_back({*route.gateway, route.origin});
  }
  for (const model::ConfiguredInterface& from : device.interfaces) {
    const auto known = std::ranges::find_if(node.interfaces, [&](const yaml::WrittenInterface& interface) {
      return interface.name.text == from.name && assembly.is_now(interface.epochs);
    });
    std::vector<yaml::PlacedInterfaceAddress> addresses;
    for (const InterfaceAddress& address : from.addresses)
      addresses.push_back({address, from.origin});
    if (known != node.interfaces.end()) {
      const bool has_none = known->addresses.empty();
      if (has_none)
        known->addresses = std::move(addresses);
      known->up = known->up && from.is_up;
      if (has_none && !known->addresses.empty() && !known->segment)
        place(from, *known, node, assembly, loose);
      continue;
    }
    yaml::WrittenInterface interface;
    interface.name = {.text = from.name, .span = from.origin};
    interface.addresses = std::move(addresses);
    interface.up = from.is_up && !leads_nowhere(from);
    place(from, interface, node, assembly, loose);
    node.interfaces.push_back(std::move(interface));
  }
  node.interfaces_named = true;
  node.addresses.clear();
  node.segment.reset();
}

// The table of routes that is named beside a configuration.
std::optional<CiscoRouteTable> table_beside(const yaml::WrittenRules& rules, const Assembly& assembly) {
  for (const yaml::RuleFile& named : rules.files) {
    if (named.format != yaml::RuleFormat::cisco_routes)
      continue;
    if (const std::optional<FileId> file = assembly.files->read_named(named.file)) {
      DiagnosticSink unheard;
      return read_cisco_routes(*file, assembly.files->sources(), unheard);
    }
  }
  return std::nullopt;
}

// Builds the routing of one family.
class DeviceRouting {
 public:
  DeviceRouting(const model::DeviceConfiguration& device, model::NodeId node, Family family, Assembly& assembly)
      : device_(device), node_(node), family_(family), assembly_(assembly) {}

  model::Routing build() {
    static_cast<void>(table(""));
    for (const model::ConfiguredInterface& interface : device_.interfaces) {
      if (!interface.routing_instance.empty())
        connected(interface);
    }
    for (const model::ConfiguredRoute& route : device_.routes) {
      if (route.destination.address.family == family_)
        add(route);
    }
    instance_rules();
    return std::move(routing_);
  }

 private:
  std::size_t table(const std::string& instance) {
    const auto [place, is_new] = tables_.try_emplace(instance, routing_.tables.size());
    if (is_new)
      routing_.tables.push_back({.name = instance.empty() ? "main" : instance, .routes = {}});
    return place->second;
  }

  void connected(const model::ConfiguredInterface& interface) {
    const model::InterfaceId id = assembly_.network.find_interface(node_, interface.name);
    std::vector<model::Route>& routes = routing_.tables[table(interface.routing_instance)].routes;
    for (const InterfaceAddress& address : interface.addresses) {
      if (address.address.family != family_ || !id.valid())
        continue;
      model::Route route;
      route.destination = address.prefix;
      route.hops.push_back({.gateway = std::nullopt, .interface = id});
      route.origin = interface.origin;
      routes.push_back(std::move(route));
    }
  }

  void add(const model::ConfiguredRoute& from) {
    model::Route route;
    route.destination = from.destination;
    route.kind = from.kind;
    route.metric = from.metric;
    route.origin = from.origin;
    model::InterfaceId interface;
    if (!from.interface.empty())
      interface = assembly_.network.find_interface(node_, from.interface);
    if (from.kind == model::RouteKind::unicast)
      route.hops.push_back({.gateway = from.gateway, .interface = interface});
    routing_.tables[table(from.routing_instance)].routes.push_back(std::move(route));
  }

  // Packets that come in by an interface of an instance ask its table, and no other.
  void instance_rules() {
    const Prefix everything{.address = {family_, 0}, .length = 0};
    std::uint32_t priority = first_priority;
    for (const auto& [instance, index] : tables_) {
      if (instance.empty())
        continue;
      model::AnyTest members;
      for (const model::ConfiguredInterface& interface : device_.interfaces) {
        if (interface.routing_instance == instance) {
          members.alternatives.push_back(
              {{model::InterfaceTest{.direction = model::Direction::ingress, .name = interface.name}}});
        }
      }
      if (members.alternatives.empty())
        continue;
      std::vector<model::Route>& routes = routing_.tables[index].routes;
      const bool has_default =
          std::ranges::any_of(routes, [&](const model::Route& route) { return route.destination == everything; });
      if (!has_default)
        routes.push_back({.destination = everything, .kind = model::RouteKind::unreachable, .hops = {}, .origin = {}});
      routing_.rules.push_back(
          {.priority = priority++, .condition = {{std::move(members)}}, .table = index, .origin = {}});
    }
    if (!routing_.rules.empty())
      routing_.rules.push_back({.priority = main_priority, .condition = {}, .table = 0, .origin = {}});
  }

  const model::DeviceConfiguration& device_;
  model::NodeId node_;
  Family family_;
  Assembly& assembly_;
  model::Routing routing_;
  std::map<std::string, std::size_t> tables_;
};

}  // namespace

void read_device_interfaces(Written& written, Assembly& assembly) {
  Loose loose;
  for (const yaml::PolicyFile& policy : written.policies) {
    for (const yaml::WrittenRules& rules : policy.rules) {
      for (const yaml::RuleFile& named : rules.files) {
        const std::optional<CiscoDialect> dialect = dialect_of(named.format);
        yaml::WrittenNode* node = dialect ? find_node(written, rules.node.text, assembly) : nullptr;
        if (node == nullptr)
          continue;
        const std::optional<FileId> file = assembly.files->read_named(named.file);
        if (!file)
          continue;
        // The rules are read once more, aloud.
        if (const std::optional<CiscoRouteTable> table = table_beside(rules, assembly)) {
          DiagnosticSink unheard;
          merge(read_cisco(*file, assembly.files->sources(), *dialect, unheard, &*table), *node, assembly, loose);
          continue;
        }
        const auto device = assembly.files->once_unheard<model::DeviceConfiguration>(
            *file, cisco_dialect_name(*dialect),
            [&](DiagnosticSink& sink) { return read_cisco(*file, assembly.files->sources(), *dialect, sink); });
        merge(*device, *node, assembly, loose);
      }
    }
  }
  guess_wires(std::move(loose.interfaces), loose.gateways, written, assembly);
}

void apply_device(const model::DeviceConfiguration& device, model::NodeId node, Assembly& assembly) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const std::size_t index = model::index_of(family);
    model::Node& target = assembly.node(node);
    if (device.forwarding[index] == model::Forwarding::off && target.filter[index] != model::Known::off)
      target.forwarding[index] = model::Forwarding::off;
    const bool is_idle = device.forwarding[index] == model::Forwarding::off;
    if (target.routes[index] != model::Known::missing || (!device.routes_complete[index] && !is_idle))
      continue;
    target.routing[index] = DeviceRouting(device, node, family, assembly).build();
    target.routes[index] = model::Known::given;
  }
}

void resolve_ways_back_of(const model::DeviceConfiguration& device, model::NodeId node, model::RuleSet& rules,
                          const Assembly& assembly) {
  const yaml::WrittenNode* written = assembly.written_nodes[node.index()];
  const bool other_routes = written != nullptr && written->routing.has_value();
  const bool translates = std::ranges::any_of(
      rules.stages, [](const model::Stage& stage) { return stage.kind == model::StageKind::translate; });
  const bool comes_and_goes = std::ranges::any_of(device.routes, &model::ConfiguredRoute::is_conditional);
  if ((other_routes && translates) || (!other_routes && comes_and_goes))
    return;
  resolve_ways_back(rules, node, assembly);
}

}  // namespace segproof::input
