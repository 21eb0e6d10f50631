// SPDX-License-Identifier: Apache-2.0
#include "confirm/blueprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "confirm/host_setup.h"

namespace segproof::confirm {
namespace {

using model::InterfaceId;
using model::Network;
using model::NodeId;
using model::SegmentId;

constexpr std::array<Family, 2> families{Family::ipv4, Family::ipv6};
constexpr std::size_t longest_name = 15;

bool is_name_of_linux(std::string_view name) {
  return !name.empty() && name.size() <= longest_name && name != "." && name != ".." &&
         std::ranges::none_of(name, [](char c) { return c == '/' || c == ':' || c <= ' '; });
}

MacAddress mac(std::uint8_t kind, std::size_t index) {
  return {2,
          kind,
          static_cast<std::uint8_t>(index >> 24U),
          static_cast<std::uint8_t>(index >> 16U),
          static_cast<std::uint8_t>(index >> 8U),
          static_cast<std::uint8_t>(index)};
}

const input::NodeFiles& files_of(NodeId node, const input::Snapshot& snapshot) {
  static const input::NodeFiles none;
  const auto found = snapshot.node_files.find(snapshot.network.node(node).name);
  return found == snapshot.node_files.end() ? none : found->second;
}

// A host whose interfaces have no names is given some: nothing asks for them.
std::string cable_name(const Network& network, InterfaceId id) {
  const model::Interface& interface = network.interface(id);
  if (is_name_of_linux(interface.name)) {
    return interface.name;
  }
  const std::vector<InterfaceId>& all = network.node(interface.node).interfaces;
  return fmt::format("if{}", std::ranges::find(all, id) - all.begin());
}

class NodeBuilder {
 public:
  NodeBuilder(NodeId node, const input::Snapshot& snapshot, const SourceStore& sources, const Needs& needs)
      : network_(snapshot.network), sources_(sources), needs_(needs), files_(files_of(node, snapshot)) {
    built_.node = node;
  }

  NodeBlueprint build() {
    for (const InterfaceId id : network_.node(built_.node).interfaces) {
      if (network_.interface(id).name != "lo") {
        const model::Interface& interface = network_.interface(id);
        built_.cables.push_back({cable_name(network_, id), mac_of(id), interface.segment, interface.is_up});
      }
    }
    add_settings();
    add_links();
    add_neighbours();
    add_routes();
    add_rules();
    return std::move(built_);
  }

 private:
  void set(std::string name, std::string value) { built_.settings.push_back({std::move(name), std::move(value)}); }

  // Nothing decides but what the host says: no filter that is not collected, nothing that interfaces send by
  // themselves, no limit to the number of answers, no windows to follow.
  void add_settings() {
    set("ipv4/ip_forward", forwards(Family::ipv4));
    set("ipv6/conf/all/forwarding", forwards(Family::ipv6));
    std::vector<std::string> interfaces{"all", "default", "lo"};
    for (const Cable& cable : built_.cables) {
      interfaces.push_back(cable.name);
    }
    for (const std::string& name : interfaces) {
      for (const char* off : {"rp_filter", "send_redirects", "log_martians", "accept_local"}) {
        set(fmt::format("ipv4/conf/{}/{}", name, off), "0");
      }
      set(fmt::format("ipv4/conf/{}/forwarding", name), forwards(Family::ipv4));
      set(fmt::format("ipv6/conf/{}/forwarding", name), forwards(Family::ipv6));
      for (const char* off : {"accept_dad", "accept_ra", "router_solicitations", "accept_redirects"}) {
        set(fmt::format("ipv6/conf/{}/{}", name, off), "0");
      }
      set(fmt::format("ipv6/conf/{}/addr_gen_mode", name), "1");
      set(fmt::format("ipv6/conf/{}/disable_ipv6", name), speaks(Family::ipv6) ? "0" : "1");
    }
    set("netfilter/nf_conntrack_tcp_loose", "1");
    set("netfilter/nf_conntrack_tcp_be_liberal", "1");
    for (Setting& setting : collected_settings(files_.host, sources_)) {
      built_.settings.push_back(std::move(setting));
    }
    for (const char* name : {"ipv4/icmp_ratemask", "ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"}) {
      set(name, "0");
    }
    set("ipv4/icmp_echo_ignore_all", "1");
    set("ipv6/icmp/echo_ignore_all", "1");
  }

  [[nodiscard]] std::string forwards(Family family) const {
    const model::Node& node = network_.node(built_.node);
    return node.forwarding[model::index_of(family)] == model::Forwarding::on ? "1" : "0";
  }

  [[nodiscard]] bool speaks(Family family) const {
    return network_.node(built_.node).filter[model::index_of(family)] != model::Known::off;
  }

  void run(std::vector<std::string> words, std::string input) {
    if (!input.empty()) {
      built_.commands.push_back({std::move(words), std::move(input)});
    }
  }

  void add_links() {
    std::string lines = "link set lo up\n";
    std::array<std::string, 2> addresses;
    for (const InterfaceId id : network_.node(built_.node).interfaces) {
      const model::Interface& interface = network_.interface(id);
      const std::string name = interface.name == "lo" ? "lo" : cable_name(network_, id);
      if (interface.is_up && name != "lo") {
        lines += fmt::format("link set {} up\n", name);
      }
      for (const InterfaceAddress& address : interface.addresses) {
        const Family family = address.address.family;
        if (speaks(family)) {
          addresses[model::index_of(family)] += address_line(address, name);
        }
      }
    }
    run({"ip", "-batch", "-"}, lines);
    run({"ip", "-4", "-batch", "-"}, addresses[0]);
    run({"ip", "-6", "-batch", "-"}, addresses[1]);
  }

  static std::string address_line(const InterfaceAddress& address, const std::string& interface) {
    const bool v4 = address.address.family == Family::ipv4;
    const std::string own = segproof::to_string(address.address);
    const std::string length = fmt::format("{}", address.prefix.length);
    const bool is_peer = !address.prefix.contains(address.address);
    return fmt::format("addr add {}{} dev {}{}{}\n",
                       is_peer ? fmt::format("{} peer {}", own, segproof::to_string(address.prefix.address)) : own,
                       "/" + length, interface, v4 && !is_peer && address.prefix.length < 31 ? " broadcast +" : "",
                       v4 ? "" : " nodad");
  }

  // Whoever has an address on the segment is known: nobody has to be asked, and nobody answers late.
  void add_neighbours() {
    std::array<std::string, 2> lines;
    for (const InterfaceId id : network_.node(built_.node).interfaces) {
      const model::Interface& interface = network_.interface(id);
      if (!interface.segment.valid() || interface.name == "lo") {
        continue;
      }
      std::map<Address, MacAddress> known;
      for (const InterfaceId other : network_.segment(interface.segment).attached) {
        for (const InterfaceAddress& address : network_.interface(other).addresses) {
          if (other != id && network_.interface(other).is_up) {
            known.emplace(address.address, mac_of(other));
          }
        }
      }
      for (const Neighbour& neighbour : needs_.neighbours) {
        if (neighbour.segment == interface.segment) {
          known.emplace(neighbour.address, mac_of(neighbour.segment));
        }
      }
      for (const auto& [address, mac] : known) {
        if (speaks(address.family)) {
          lines[model::index_of(address.family)] +=
              fmt::format("neigh replace {} lladdr {} dev {} nud permanent\n", segproof::to_string(address),
                          to_string(mac), cable_name(network_, id));
        }
      }
    }
    run({"ip", "-4", "-batch", "-"}, lines[0]);
    run({"ip", "-6", "-batch", "-"}, lines[1]);
  }

  void add_routes() {
    const bool is_collected = !files_.host.empty();
    RouteLines lines = is_collected ? collected_routes(files_.host, sources_) : written_routes(network_, built_.node);
    built_.fault = lines.fault;
    for (const Way& way : needs_.ways) {
      if (way.node == built_.node && !is_collected) {
        lines.by_family[model::index_of(way.to.family)] +=
            fmt::format("route replace {} {}dev {} onlink\n", segproof::to_string(way.to),
                        way.gateway ? fmt::format("via {} ", segproof::to_string(*way.gateway)) : "",
                        cable_name(network_, way.out));
      }
    }
    for (const Family family : families) {
      if (speaks(family)) {
        run({"ip", family == Family::ipv4 ? "-4" : "-6", "-batch", "-"}, lines.by_family[model::index_of(family)]);
      }
    }
  }

  // Who is reached stays silent: an answer of the kernel's own (a reset from a port where nobody listens) would end the
  // session that the next packet belongs to.
  void add_rules() {
    RuleCommands rules = rule_commands(files_.rules, sources_);
    built_.fault = built_.fault.empty() ? rules.fault : built_.fault;
    for (Command& command : rules.commands) {
      built_.commands.push_back(std::move(command));
    }
    built_.commands.push_back(
        {{"nft", "-f", "-"},
         "table inet segproof_silence {\n"
         "  chain output {\n"
         "    type filter hook output priority -500; policy accept;\n"
         "    tcp flags & rst == rst drop\n"
         "    icmp type { echo-reply, destination-unreachable, redirect, time-exceeded, parameter-problem } drop\n"
         "    icmpv6 type { echo-reply, destination-unreachable, time-exceeded, parameter-problem, 137 } drop\n"
         "  }\n"
         "}\n"});
  }

  const Network& network_;
  const SourceStore& sources_;
  const Needs& needs_;
  const input::NodeFiles& files_;
  NodeBlueprint built_;
};

std::string why_rules_are_not(const model::Node& node, const input::NodeFiles& files) {
  for (const input::GivenRules& rules : files.rules) {
    if (rules.form == input::RuleForm::native) {
      return fmt::format("device {} is not Linux: its rules are written in YAML", node.name);
    }
    if (rules.form == input::RuleForm::device) {
      return fmt::format("device {} is not Linux: its configuration is that of another system", node.name);
    }
  }
  return {};
}

}  // namespace

std::string to_string(const MacAddress& mac) {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

MacAddress mac_of(InterfaceId interface) {
  return mac(1, interface.index());
}

MacAddress mac_of(SegmentId segment) {
  return mac(2, segment.index());
}

std::string why_not_linux(NodeId id, const input::Snapshot& snapshot) {
  const model::Node& node = snapshot.network.node(id);
  const input::NodeFiles& files = files_of(id, snapshot);
  if (std::string why = why_rules_are_not(node, files); !why.empty()) {
    return why;
  }
  const bool is_device = node.kind == model::NodeKind::device;
  for (const std::size_t family : {0U, 1U}) {
    const std::string_view name = family == 0 ? "IPv4" : "IPv6";
    if (node.filter[family] == model::Known::missing) {
      return fmt::format("device {} has no {} rules that could be loaded", node.name, name);
    }
    if (is_device && node.routes[family] == model::Known::missing) {
      return fmt::format("device {} has no {} routes that could be loaded", node.name, name);
    }
  }
  for (const InterfaceId interface : node.interfaces) {
    const std::string& name = snapshot.network.interface(interface).name;
    if ((is_device || !files.rules.empty()) && !is_name_of_linux(name)) {
      return fmt::format("device {} is not Linux: it has an interface called {}", node.name, quote(name));
    }
  }
  return {};
}

Blueprint blueprint_of(const input::Snapshot& snapshot, const SourceStore& sources, const Needs& needs) {
  Blueprint result;
  std::set<SegmentId> wires = needs.segments;
  for (const NodeId node : needs.nodes) {
    result.nodes.push_back(NodeBuilder(node, snapshot, sources, needs).build());
    for (const Cable& cable : result.nodes.back().cables) {
      if (cable.wire.valid()) {
        wires.insert(cable.wire);
      }
    }
  }
  result.wires.assign(wires.begin(), wires.end());
  return result;
}

}  // namespace segproof::confirm
