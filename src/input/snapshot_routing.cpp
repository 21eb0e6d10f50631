// SPDX-License-Identifier: Apache-2.0
// Routes of the topology, or those of the policy in their place, on their nodes.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "input/snapshot_assembly.h"
#include "packet/field.h"

namespace segproof::input {
namespace {

constexpr std::uint32_t main_priority = 32766;

model::InterfaceId interface_of(const yaml::Word& word, model::NodeId node, Assembly& assembly) {
  const model::InterfaceId found = assembly.network.find_interface(node, word.text);
  if (!found.valid()) {
    std::vector<std::string> names;
    for (const model::InterfaceId own : assembly.node(node).interfaces) {
      names.push_back(assembly.network.interface(own).name);
    }
    assembly.faults.error(DiagnosticCode::unknown_reference, word.span,
                          fmt::format("{} has no interface {}", quote(assembly.node(node).name), quote(word.text)),
                          did_you_mean_hint(word.text, names));
  }
  return found;
}

// Builds the tables of one node.
class RoutingBuilder {
 public:
  RoutingBuilder(const yaml::WrittenRouting& written, model::NodeId node, Assembly& assembly)
      : written_(written), node_(node), assembly_(assembly) {
    table_names_.emplace_back("main");
    for (const yaml::WrittenRoute& route : written.routes) {
      if (std::ranges::find(table_names_, route.table) == table_names_.end()) {
        table_names_.push_back(route.table);
      }
    }
    for (model::Routing& routing : routing_) {
      for (const std::string& name : table_names_) {
        routing.tables.push_back({.name = name, .routes = {}});
      }
    }
  }

  void build() {
    for (const yaml::WrittenRoute& route : written_.routes) {
      add_route(route);
    }
    for (const yaml::WrittenRouteRule& rule : written_.rules) {
      add_rule(rule);
    }
    model::Node& node = assembly_.node(node_);
    for (const std::size_t family : {0U, 1U}) {
      if (!routing_[family].rules.empty()) {
        routing_[family].rules.push_back({.priority = main_priority, .condition = {}, .table = 0, .origin = {}});
        std::ranges::stable_sort(routing_[family].rules, {}, &model::RouteRule::priority);
      }
      if (node.routes[family] != model::Known::off) {
        node.routes[family] = written_.given[family] ? model::Known::given : model::Known::missing;
      }
      node.routing[family] = std::move(routing_[family]);
    }
  }

 private:
  void add_route(const yaml::WrittenRoute& written) {
    const std::size_t family = model::index_of(written.destination.address.family);
    model::Route route;
    route.destination = written.destination;
    route.kind = written.kind;
    route.metric = written.metric;
    route.origin = written.span;
    const model::InterfaceId interface =
        written.interface ? interface_of(*written.interface, node_, assembly_) : model::InterfaceId();
    for (const Address& gateway : written.gateways) {
      route.hops.push_back({.gateway = gateway, .interface = interface});
    }
    if (written.gateways.empty() && interface.valid()) {
      route.hops.push_back({.gateway = std::nullopt, .interface = interface});
    }
    if (assembly_.node(node_).routes[family] == model::Known::off) {
      assembly_.faults.error(
          DiagnosticCode::family_switched_off, written.span,
          fmt::format("an {} route of {}, on which the family is switched off",
                      yaml::family_text(written.destination.address.family), quote(assembly_.node(node_).name)));
    }
    routing_[family].tables[table_index(written.table)].routes.push_back(std::move(route));
  }

  [[nodiscard]] std::size_t table_index(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::find(table_names_, name) - table_names_.begin());
  }

  void add_rule(const yaml::WrittenRouteRule& written) {
    const std::size_t table = table_index(written.table.text);
    if (table == table_names_.size()) {
      assembly_.faults.error(
          DiagnosticCode::unknown_reference, written.table.span,
          fmt::format("no route of {} is in table {}", quote(assembly_.node(node_).name), quote(written.table.text)),
          did_you_mean_hint(written.table.text, table_names_));
      return;
    }
    model::RouteRule rule{.priority = written.priority, .condition = {}, .table = table, .origin = written.span};
    const auto add_address = [&](Field field, const std::optional<Prefix>& prefix) {
      if (prefix) {
        rule.condition.tests.emplace_back(model::FieldTest{
            .field = field, .values = IntervalSet{prefix->interval()}, .family = prefix->address.family});
      }
    };
    add_address(Field::source, written.from);
    add_address(Field::destination, written.to);
    if (written.interface) {
      if (written.interface->text != "lo") {
        static_cast<void>(interface_of(*written.interface, node_, assembly_));
      }
      // Packets of its own have no interface that they came in on: `iif lo` means them.
      const bool own = written.interface->text == "lo";
      rule.condition.tests.emplace_back(model::InterfaceTest{.direction = model::Direction::ingress,
                                                             .name = own ? std::string() : written.interface->text,
                                                             .is_prefix = false});
    }
    if (written.mark) {
      rule.condition.tests.emplace_back(
          model::MarkTest{.kind = model::MarkKind::packet, .value = written.mark->first, .mask = written.mark->second});
    }
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      if (!written.family || *written.family == family) {
        routing_[model::index_of(family)].rules.push_back(rule);
      }
    }
  }

  const yaml::WrittenRouting& written_;
  model::NodeId node_;
  Assembly& assembly_;
  std::vector<std::string> table_names_;
  model::PerFamily<model::Routing> routing_;
};

}  // namespace

void assemble_routing(const Written& written, Assembly& assembly) {
  std::map<model::NodeId, std::pair<SourceSpan, const yaml::WrittenRouting*>> routings;
  for (std::size_t i = 0; i < assembly.written_nodes.size(); ++i) {
    const yaml::WrittenNode* node = assembly.written_nodes[i];
    if (node != nullptr && node->routing) {
      routings[model::NodeId(i)] = {SourceSpan{}, &*node->routing};
    }
  }
  for (const yaml::PolicyFile& policy : written.policies) {
    for (const auto& [name, routing] : policy.routing) {
      const model::NodeId id = assembly.node_of(name);
      if (!id.valid()) {
        continue;
      }
      const auto found = routings.find(id);
      if (found != routings.end() && found->second.first.file.valid()) {
        assembly.faults.error(DiagnosticCode::contradiction, name.span,
                              fmt::format("the routes of {} are given twice", quote(name.text)), {},
                              {{.span = found->second.first, .message = "they are given here as well"}});
      }
      routings[id] = {name.span, &routing};
    }
  }
  std::map<model::NodeId, SourceSpan> elsewhere;
  for (const auto& [id, routing] : routings) {
    RoutingBuilder(*routing.second, id, assembly).build();
    const bool of_policy = routing.first.file.valid();
    elsewhere[id] = of_policy ? routing.first : assembly.written_nodes[id.index()]->name.span;
  }
  assemble_host_routing(elsewhere, assembly);
}

}  // namespace segproof::input
