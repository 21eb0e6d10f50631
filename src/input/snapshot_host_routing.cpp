// SPDX-License-Identifier: Apache-2.0
// Routes and routing rules that were collected on a host. What the model does not know makes all routes of the family
// unknown: the host then forwards anything to anywhere.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "input/snapshot_assembly.h"
#include "packet/field.h"

namespace segproof::input {
namespace {

bool is_link_local(const Address& address) {
  return address.family == Family::ipv6 && (address.bits >> 118U) == 0x3faU;
}

// The routing of one family of one node, or why there is none.
class HostRouting {
 public:
  HostRouting(const HostFolder& folder, model::NodeId node, Family family, const Assembly& assembly)
      : folder_(folder), node_(node), family_(family), network_(assembly.network) {
    tables_.push_back({.name = "main", .routes = {}});
  }

  std::optional<std::string> build(model::Routing& result) {
    for (const auto& [route, file] : folder_.routes) {
      if (route.destination.address.family == family_ && !add(route, file)) {
        return std::move(fault_);
      }
    }
    if (!connected_are_there() || !connected_come_first() || !add_rules()) {
      return std::move(fault_);
    }
    result.tables = std::move(tables_);
    result.rules = std::move(rules_);
    return std::nullopt;
  }

 private:
  bool fail(std::string why) {
    fault_ = std::move(why);
    return false;
  }

  std::size_t table(const std::string& name) {
    const auto found = std::ranges::find(tables_, name, &model::RouteTable::name);
    if (found != tables_.end()) {
      return static_cast<std::size_t>(found - tables_.begin());
    }
    tables_.push_back({.name = name, .routes = {}});
    return tables_.size() - 1;
  }

  [[nodiscard]] bool is_own(const Prefix& destination) const {
    if (family_ == Family::ipv4 ? destination.first() >> 24U == 127U : destination.first() == 1U) {
      return true;
    }
    return destination.length == address_width(family_) &&
           std::ranges::any_of(folder_.interfaces, [&](const HostInterface& interface) {
             return std::ranges::find(interface.addresses, destination.address, &InterfaceAddress::address) !=
                    interface.addresses.end();
           });
  }

  // The kernel's own route for a prefix of an interface, which the model adds by itself.
  [[nodiscard]] bool is_connected(const HostRoute& route) const {
    return route.table == "main" && route.hops.size() == 1 && !route.hops.front().gateway &&
           std::ranges::any_of(folder_.interfaces, [&](const HostInterface& interface) {
             return interface.name == route.hops.front().device && interface.is_up &&
                    std::ranges::find(interface.addresses, route.destination, &InterfaceAddress::prefix) !=
                        interface.addresses.end();
           });
  }

  bool add(const HostRoute& route, FileId file) {
    const std::string shown = fmt::format("{} {}", route.type, to_string(route.destination));
    if (route.type == "broadcast" || route.type == "multicast" || route.type == "anycast") {
      return true;
    }
    if (route.type == "local") {
      return is_own(route.destination) || fail(fmt::format("route `{}` of addresses that no interface has", shown));
    }
    if (route.type == "throw") {
      return fail(fmt::format("route `{}`", shown));
    }
    model::Route built;
    built.destination = route.destination;
    built.metric = route.metric;
    built.origin = {.file = file};
    if (route.type == "blackhole") {
      built.kind = model::RouteKind::blackhole;
    } else if (route.type == "unreachable") {
      built.kind = model::RouteKind::unreachable;
    } else if (route.type == "prohibit") {
      built.kind = model::RouteKind::prohibit;
    } else if (is_connected(route)) {
      return true;
    } else {
      for (const HostHop& hop : route.hops) {
        const model::InterfaceId interface = network_.find_interface(node_, hop.device);
        if (!interface.valid()) {
          return fail(
              fmt::format("route `{}` leaves by {}, which is no interface of the host", shown, quote(hop.device)));
        }
        built.hops.push_back({.gateway = hop.gateway, .interface = interface});
      }
    }
    tables_[table(route.table)].routes.push_back(std::move(built));
    return true;
  }

  // An address may be configured without a route for its prefix; the model always has one.
  bool connected_are_there() {
    for (const HostInterface& interface : folder_.interfaces) {
      for (const InterfaceAddress& address : interface.addresses) {
        const Prefix& prefix = address.prefix;
        if (prefix.address.family != family_ || prefix.length == address_width(family_) || !interface.is_up ||
            interface.name == "lo" || is_link_local(address.address)) {
          continue;
        }
        const bool there = std::ranges::any_of(folder_.routes, [&](const auto& entry) {
          return entry.first.destination == prefix && is_connected(entry.first);
        });
        if (!there) {
          return fail(fmt::format("there is no route for the prefix `{}` of interface {}", to_string(prefix),
                                  quote(interface.name)));
        }
      }
    }
    return true;
  }

  // The model takes the route for a prefix of an interface before all others for it; a small metric may come before.
  bool connected_come_first() {
    for (const auto& [connected, its_file] : folder_.routes) {
      if (connected.destination.address.family != family_ || !is_connected(connected)) {
        continue;
      }
      for (const auto& [route, file] : folder_.routes) {
        if (route.table == "main" && route.destination == connected.destination && !is_connected(route) &&
            route.metric <= connected.metric) {
          return fail(fmt::format("route `{}` comes before the one of the interface", to_string(route.destination)));
        }
      }
    }
    return true;
  }

  [[nodiscard]] static bool asks_nothing(const HostRouteRule& rule) {
    return !rule.from && !rule.to && rule.ingress.empty() && rule.egress.empty() && !rule.mark && !rule.protocol &&
           !rule.source_ports && !rule.destination_ports && !rule.negated && !rule.is_partial && rule.action.empty() &&
           !rule.least_length;
  }

  // The rules of a kernel that nobody told anything.
  [[nodiscard]] static bool is_default(const HostRouteRule& rule) {
    return asks_nothing(rule) &&
           ((rule.priority == 0 && rule.table == "local") || (rule.priority == 32766 && rule.table == "main") ||
            (rule.priority == 32767 && rule.table == "default"));
  }

  bool add_rules() {
    const std::size_t index = model::index_of(family_);
    if (!folder_.rule_file[index]) {
      return tables_.size() == 1 || fail("there are several tables, and the routing rules were not collected");
    }
    const std::vector<HostRouteRule>& given = folder_.route_rules[index];
    const bool has_main =
        std::ranges::any_of(given, [](const HostRouteRule& rule) { return is_default(rule) && rule.table == "main"; });
    if (!has_main) {
      return fail("the routing rule for the table `main` is missing");
    }
    if (tables_.size() == 1 && std::ranges::all_of(given, is_default)) {
      return true;
    }
    for (const HostRouteRule& rule : given) {
      if (rule.table == "local") {
        if (!is_default(rule)) {
          return fail("the table `local` is not asked first");
        }
        continue;
      }
      rules_.push_back({.priority = rule.priority,
                        .condition = condition_of(rule),
                        .table = table_of(rule),
                        .origin = {.file = *folder_.rule_file[index]}});
    }
    std::ranges::stable_sort(rules_, {}, &model::RouteRule::priority);
    return true;
  }

  // What `suppress_prefixlength` leaves of a table. A short route on which packets would leave sends them to the next
  // rule; one that ends them does end them, where no longer one is the answer.
  [[nodiscard]] static std::vector<model::Route> without_short(const std::vector<model::Route>& routes,
                                                               unsigned least) {
    std::map<Prefix, const model::Route*> best;
    for (const model::Route& route : routes) {
      const model::Route*& known = best[route.destination];
      if (known == nullptr || route.metric < known->metric) {
        known = &route;
      }
    }
    std::vector<model::Route> result;
    std::vector<Prefix> given_up;
    for (const model::Route& route : routes) {
      if (route.destination.length >= least) {
        result.push_back(route);
      }
    }
    for (const auto& [prefix, route] : best) {
      if (prefix.length < least && route->kind == model::RouteKind::unicast) {
        given_up.push_back(prefix);
      }
    }
    for (const auto& [prefix, route] : best) {
      if (prefix.length < least && route->kind != model::RouteKind::unicast) {
        add_outside(*route, prefix, given_up, result);
      }
    }
    return result;
  }

  // The route for the parts of `part` that lie in none of the prefixes within it.
  static void add_outside(const model::Route& route, const Prefix& part, const std::vector<Prefix>& given_up,
                          std::vector<model::Route>& into) {
    const auto inside = [&](const Prefix& prefix) {
      return prefix.length > route.destination.length && part.contains(prefix.address);
    };
    if (std::ranges::any_of(given_up, [&](const Prefix& prefix) {
          return prefix.length > route.destination.length && prefix.length <= part.length &&
                 prefix.contains(part.address);
        })) {
      return;
    }
    if (std::ranges::none_of(given_up, inside)) {
      into.push_back(route);
      into.back().destination = part;
      return;
    }
    const unsigned length = part.length + 1;
    const unsigned width = address_width(part.address.family);
    Prefix half{part.address, length};
    add_outside(route, half, given_up, into);
    half.address.bits = part.address.bits | Bits{1} << (width - length);
    add_outside(route, half, given_up, into);
  }

  // The index of the table that a rule asks: one that ends everything, or one without its shortest prefixes, is made.
  std::size_t table_of(const HostRouteRule& rule) {
    if (!rule.action.empty()) {
      const std::size_t index = table(fmt::format("({})", rule.action));
      if (tables_[index].routes.empty()) {
        model::Route end;
        end.destination = {{family_, 0}, 0};
        end.kind = rule.action == "blackhole"     ? model::RouteKind::blackhole
                   : rule.action == "unreachable" ? model::RouteKind::unreachable
                                                  : model::RouteKind::prohibit;
        end.origin = {.file = *folder_.rule_file[model::index_of(family_)]};
        tables_[index].routes.push_back(std::move(end));
      }
      return index;
    }
    const std::size_t asked = table(rule.table);
    if (!rule.least_length) {
      return asked;
    }
    const unsigned least = *rule.least_length;
    const std::size_t cut = table(fmt::format("{} (/{} and longer)", rule.table, least));
    if (tables_[cut].routes.empty()) {
      std::vector<model::Route> routes = tables_[asked].routes;
      if (asked == 0) {
        add_connected(routes);
      }
      tables_[cut].routes = without_short(routes, least);
    }
    return cut;
  }

  void add_connected(std::vector<model::Route>& routes) const {
    for (const model::InterfaceId id : network_.node(node_).interfaces) {
      const model::Interface& interface = network_.interface(id);
      for (const InterfaceAddress& address : interface.addresses) {
        if (interface.is_up && address.address.family == family_) {
          routes.push_back({address.prefix, model::RouteKind::unicast, {{std::nullopt, id}}, 0, interface.origin});
        }
      }
    }
  }

  [[nodiscard]] model::Condition condition_of(const HostRouteRule& rule) const {
    model::Condition condition;
    const auto add = [&](model::Test test) { condition.tests.push_back(std::move(test)); };
    if (rule.from) {
      add(model::FieldTest{Field::source, IntervalSet{rule.from->interval()}, family_});
    }
    if (rule.to) {
      add(model::FieldTest{Field::destination, IntervalSet{rule.to->interval()}, family_});
    }
    if (!rule.ingress.empty()) {
      // Packets of its own have no interface that they came in on: `iif lo` means them.
      add(model::InterfaceTest{model::Direction::ingress, rule.ingress == "lo" ? std::string() : rule.ingress, false,
                               false});
    }
    if (rule.mark) {
      add(model::MarkTest{model::MarkKind::packet, rule.mark->first, rule.mark->second, false});
    }
    if (rule.protocol) {
      add(model::FieldTest{Field::protocol, IntervalSet::single(*rule.protocol)});
    }
    if (rule.source_ports || rule.destination_ports) {
      using namespace protocol_number;
      IntervalSet with_ports;
      for (const std::uint8_t protocol : {tcp, udp, dccp, sctp, udplite}) {
        with_ports = with_ports | IntervalSet::single(protocol);
      }
      add(model::FieldTest{Field::protocol, std::move(with_ports)});
      add(model::FieldTest{Field::fragment, IntervalSet::single(0)});
    }
    if (rule.source_ports) {
      add(model::FieldTest{Field::source_port, IntervalSet{*rule.source_ports}});
    }
    if (rule.destination_ports) {
      add(model::FieldTest{Field::destination_port, IntervalSet{*rule.destination_ports}});
    }
    if (!rule.egress.empty() || rule.is_partial) {
      add(model::UnknownTest{model::Unknown::not_understood, "what a routing rule asks besides", false});
    }
    if (!rule.negated) {
      return condition;
    }
    return {{model::AnyTest{{std::move(condition)}, true}}};
  }

  const HostFolder& folder_;
  model::NodeId node_;
  Family family_;
  const model::Network& network_;
  std::vector<model::RouteTable> tables_;
  std::vector<model::RouteRule> rules_;
  std::string fault_;
};

void doubt(const HostFolder& folder, model::NodeId node, Family family, const std::string& why, Assembly& assembly) {
  const std::string message = fmt::format("the collected {} routes of {} are not used: {}", yaml::family_text(family),
                                          quote(assembly.node(node).name), why);
  assembly.faults.warning(DiagnosticCode::host_file_not_understood, folder.named.span, message);
  assembly.add_gap(folder.named.span, DiagnosticCode::host_file_not_understood, message, node);
}

}  // namespace

void assemble_host_routing(const std::map<model::NodeId, SourceSpan>& elsewhere, Assembly& assembly) {
  for (const auto& [name, folder] : assembly.host_folders) {
    const auto found = assembly.node_ids.find(name);
    if (found == assembly.node_ids.end()) {
      continue;
    }
    const model::NodeId node = found->second;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      const std::size_t index = model::index_of(family);
      if (!folder.has_routes(family) || assembly.node(node).routes[index] == model::Known::off) {
        continue;
      }
      if (const auto other = elsewhere.find(node); other != elsewhere.end()) {
        assembly.faults.error(DiagnosticCode::contradiction, other->second,
                              fmt::format("the routes of {} are given here and were collected on it", quote(name)),
                              "leave one of the two out", {{.span = folder.named.span, .message = "collected here"}});
        break;
      }
      model::Routing routing;
      std::optional<std::string> fault;
      if (!folder.routes_fault[index].empty()) {
        fault = folder.routes_fault[index];
      } else {
        fault = HostRouting(folder, node, family, assembly).build(routing);
      }
      if (fault) {
        doubt(folder, node, family, *fault, assembly);
        continue;
      }
      assembly.node(node).routing[index] = std::move(routing);
      assembly.node(node).routes[index] = model::Known::given;
    }
  }
}

}  // namespace segproof::input
