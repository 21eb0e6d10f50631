// SPDX-License-Identifier: Apache-2.0
#include "confirm/host_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "input/host_addresses/host_facts.h"
#include "input/iptables/program.h"

namespace segproof::confirm {
namespace {

constexpr std::array<Family, 2> families{Family::ipv4, Family::ipv6};

std::size_t index_of(Family family) {
  return static_cast<std::size_t>(family);
}

// "10.0.0.0/8" with its length even where it is that of a host.
std::string text_of(const Prefix& prefix) {
  return fmt::format("{}/{}", segproof::to_string(prefix.address), prefix.length);
}

// Tables have numbers in a namespace of one's own: names are those of a file of the host they come from.
class TableNumbers {
 public:
  [[nodiscard]] std::string of(const std::string& table) {
    if (table == "main" || table == "default" || table == "local") {
      return table;
    }
    if (const auto number = parse_unsigned<std::uint32_t>(table)) {
      return fmt::format("{}", *number);
    }
    constexpr std::size_t first = 20000;
    return fmt::format("{}", numbers_.emplace(table, first + numbers_.size()).first->second);
  }

 private:
  std::map<std::string, std::size_t> numbers_;
};

std::string route_line(const HostRoute& route, TableNumbers& tables) {
  std::string line = fmt::format("route replace {} {}", route.type, text_of(route.destination));
  if (route.metric != 0) {
    line += fmt::format(" metric {}", route.metric);
  }
  line += fmt::format(" table {}", tables.of(route.table));
  const bool several = route.hops.size() > 1;
  for (const HostHop& hop : route.hops) {
    line += several ? " nexthop" : "";
    line += hop.gateway ? fmt::format(" via {}", segproof::to_string(*hop.gateway)) : "";
    line += hop.device.empty() ? "" : fmt::format(" dev {}", hop.device);
    line += hop.gateway && !hop.device.empty() ? " onlink" : "";
  }
  return line + "\n";
}

std::string rule_line(const HostRouteRule& rule, TableNumbers& tables) {
  std::string line = fmt::format("rule add pref {}{}", rule.priority, rule.negated ? " not" : "");
  line += fmt::format(" from {}", rule.from ? text_of(*rule.from) : "all");
  line += rule.to ? fmt::format(" to {}", text_of(*rule.to)) : "";
  line += rule.ingress.empty() ? "" : fmt::format(" iif {}", rule.ingress);
  line += rule.egress.empty() ? "" : fmt::format(" oif {}", rule.egress);
  line += rule.mark ? fmt::format(" fwmark {:#x}/{:#x}", rule.mark->first, rule.mark->second) : "";
  line += rule.protocol ? fmt::format(" ipproto {}", *rule.protocol) : "";
  const auto ports = [](const Interval& interval) {
    return fmt::format("{}-{}", static_cast<unsigned>(interval.low), static_cast<unsigned>(interval.high));
  };
  line += rule.source_ports ? fmt::format(" sport {}", ports(*rule.source_ports)) : "";
  line += rule.destination_ports ? fmt::format(" dport {}", ports(*rule.destination_ports)) : "";
  if (!rule.action.empty()) {
    return line + fmt::format(" {}\n", rule.action);
  }
  line += fmt::format(" table {}", tables.of(rule.table));
  return line + (rule.least_length ? fmt::format(" suppress_prefixlength {}\n", *rule.least_length - 1) : "\n");
}

// Routes without a gateway first: the others need them.
bool comes_first(const HostRoute& route) {
  return std::ranges::none_of(route.hops, [](const HostHop& hop) { return hop.gateway.has_value(); });
}

bool is_of_the_kernel(const HostRoute& route) {
  return route.table == "local" || route.type == "broadcast" || route.type == "multicast" || route.type == "anycast" ||
         (route.destination.address.family == Family::ipv6 && route.destination.address.bits >> 118U == 0x3faU);
}

bool decides_where_packets_go(std::string_view name) {
  constexpr std::array<std::string_view, 8> keys{"forwarding",    "rp_filter",      "accept_local", "route_localnet",
                                                 "bc_forwarding", "src_valid_mark", "disable_ipv6", "force_forwarding"};
  if (name == "net.ipv4.ip_forward" || name == "net.netfilter.nf_conntrack_tcp_loose") {
    return true;
  }
  return (name.starts_with("net.ipv4.conf.") || name.starts_with("net.ipv6.conf.")) &&
         std::ranges::find(keys, name.substr(name.rfind('.') + 1)) != keys.end();
}

// Settings of all interfaces change those of each, so each comes after them.
int generality(std::string_view name) {
  if (name == "net.ipv4.ip_forward") {
    return 0;
  }
  return name.find(".all.") != std::string_view::npos ? 1 : name.find(".default.") != std::string_view::npos ? 2 : 3;
}

// "ipv4/conf/eth0.5/rp_filter": a dot in the name of an interface is a slash for sysctl.
std::string path_of(std::string_view name) {
  std::string path(name.substr(std::string_view("net.").size()));
  for (char& c : path) {
    c = c == '.' ? '/' : c == '/' ? '.' : c;
  }
  return path;
}

bool is_of_nf_tables(std::string_view text) {
  return iptables::program_of_text(text) == iptables::Program::iptables_nft;
}

void add_table_names(std::string_view text, std::string_view family, std::vector<std::string>& names) {
  for (const std::string_view line : split(text, '\n')) {
    if (const std::string_view word = trim(line); word.size() > 1 && word.front() == '*') {
      names.push_back(fmt::format("{} {}", family, word.substr(1)));
    }
  }
}

}  // namespace

RouteLines collected_routes(const std::vector<FileId>& files, const SourceStore& sources) {
  RouteLines lines;
  TableNumbers tables;
  std::array<std::string, 2> late;
  for (const FileId file : files) {
    const auto json = read_host_json(sources.text(file));
    if (!json) {
      continue;
    }
    if (!json->faults.empty()) {
      lines.fault = fmt::format("{}: {}", sources.path(file), json->faults.front());
    }
    for (const HostRoute& route : json->routes) {
      if (!is_of_the_kernel(route)) {
        const std::size_t family = index_of(route.destination.address.family);
        (comes_first(route) ? lines.by_family : late)[family] += route_line(route, tables);
      }
    }
    if (json->kind != HostJsonKind::rules || !json->rules_family) {
      continue;
    }
    std::string& text = lines.by_family[index_of(*json->rules_family)];
    std::string rules = "rule flush\n";
    for (const HostRouteRule& rule : json->rules) {
      if (rule.is_partial) {
        lines.fault = fmt::format("{}: a routing rule that asks for a user or a traffic class", sources.path(file));
      }
      rules += rule.priority == 0 ? "" : rule_line(rule, tables);
    }
    text = rules + text;
  }
  for (const Family family : families) {
    lines.by_family[index_of(family)] += late[index_of(family)];
  }
  return lines;
}

RouteLines written_routes(const model::Network& network, model::NodeId id) {
  RouteLines lines;
  const model::Node& node = network.node(id);
  for (const Family family : families) {
    const model::Routing& routing = node.routing[index_of(family)];
    if (!routing.rules.empty()) {
      lines.fault = "its routing rules stand in YAML";
    }
    TableNumbers tables;
    std::string late;
    for (const model::RouteTable& table : routing.tables) {
      for (const model::Route& route : table.routes) {
        constexpr std::array<std::string_view, 5> kinds{"unicast", "blackhole", "unreachable", "prohibit", "local"};
        HostRoute same{.destination = route.destination,
                       .type = std::string(kinds[static_cast<std::size_t>(route.kind)]),
                       .hops = {},
                       .metric = route.metric,
                       .table = table.name};
        for (const model::NextHop& hop : route.hops) {
          same.hops.push_back(
              {hop.gateway, hop.interface.valid() ? network.interface(hop.interface).name : std::string()});
        }
        (comes_first(same) ? lines.by_family[index_of(family)] : late) += route_line(same, tables);
      }
    }
    lines.by_family[index_of(family)] += late;
  }
  return lines;
}

std::vector<Setting> collected_settings(const std::vector<FileId>& files, const SourceStore& sources) {
  std::vector<std::pair<int, Setting>> found;
  for (const FileId file : files) {
    const auto settings = read_host_settings(sources.text(file));
    if (!settings || read_host_json(sources.text(file))) {
      continue;
    }
    for (const auto& [name, setting] : *settings) {
      if (decides_where_packets_go(name)) {
        found.emplace_back(generality(name), Setting{path_of(name), setting.value});
      }
    }
  }
  std::ranges::stable_sort(found, {}, &std::pair<int, Setting>::first);
  std::vector<Setting> result;
  for (auto& [rank, setting] : found) {
    result.push_back(std::move(setting));
  }
  return result;
}

std::string without_tables(std::string_view ruleset, const std::vector<std::string>& tables) {
  std::string kept;
  bool inside = false;
  for (const std::string_view line : split(ruleset, '\n')) {
    if (!inside && line.starts_with("table ") && line.ends_with("{")) {
      const std::string_view name = trim(line.substr(6, line.size() - 7));
      inside = std::ranges::find(tables, name) != tables.end();
    }
    if (!inside) {
      kept += line;
      kept += '\n';
    }
    inside = inside && line != "}";
  }
  return kept;
}

RuleCommands rule_commands(const std::vector<input::GivenRules>& rules, const SourceStore& sources) {
  using input::RuleForm;
  RuleCommands result;
  std::vector<std::string> loaded;
  std::vector<Command> later;
  for (const input::GivenRules& given : rules) {
    const std::string text(sources.text(given.file));
    const bool v4 = given.form == RuleForm::iptables_save;
    switch (given.form) {
      case RuleForm::ipset_save:
        result.commands.push_back({{"ipset", "restore"}, text});
        break;
      case RuleForm::iptables_save:
      case RuleForm::ip6tables_save: {
        const std::string backend = is_of_nf_tables(text) ? "nft" : "legacy";
        if (!trim(text).empty()) {
          later.push_back({{fmt::format("{}-{}-restore", v4 ? "iptables" : "ip6tables", backend)}, text});
        }
        if (is_of_nf_tables(text)) {
          add_table_names(text, v4 ? "ip" : "ip6", loaded);
        }
        break;
      }
      case RuleForm::nft:
      case RuleForm::nft_json:
        break;
      case RuleForm::native:
      case RuleForm::device:
        result.fault = "its rules are not those of Linux";
        break;
    }
  }
  result.commands.insert(result.commands.end(), later.begin(), later.end());
  for (const input::GivenRules& given : rules) {
    const std::string_view text = sources.text(given.file);
    if (given.form == RuleForm::nft && !trim(without_tables(text, loaded)).empty()) {
      result.commands.push_back({{"nft", "-f", "-"}, without_tables(text, loaded)});
    } else if (given.form == RuleForm::nft_json && !trim(text).empty()) {
      if (!loaded.empty()) {
        result.fault = "its tables of iptables-nft stand in the JSON of nft, too";
      }
      result.commands.push_back({{"nft", "-j", "-f", "-"}, std::string(text)});
    }
  }
  return result;
}

}  // namespace segproof::confirm
