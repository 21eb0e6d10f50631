// SPDX-License-Identifier: Apache-2.0
#include "input/host_addresses/host_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "packet/packet.h"

namespace segproof {
namespace {

using nlohmann::json;
using namespace std::string_view_literals;

// Keys that say nothing about where a packet goes.
constexpr std::array idle_route_keys{"protocol"sv, "scope"sv,  "prefsrc"sv, "metrics"sv, "pref"sv,  "expires"sv,
                                     "error"sv,    "nhid"sv,   "age"sv,     "used"sv,    "cache"sv, "offload"sv,
                                     "trap"sv,     "weight"sv, "src"sv,     "realm"sv,   "users"sv};
constexpr std::array idle_rule_keys{"protocol"sv, "iif_detached"sv, "oif_detached"sv, "unresolved"sv, "flow"sv};
constexpr std::array route_types{"unicast"sv,   "local"sv,       "broadcast"sv, "anycast"sv, "multicast"sv,
                                 "blackhole"sv, "unreachable"sv, "prohibit"sv,  "throw"sv};

// Reads one entry; the first fault stays.
class Entry {
 public:
  explicit Entry(const json& value) : value_(value) {}

  [[nodiscard]] const json* find(const char* name) const {
    const auto found = value_.find(name);
    return found == value_.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::string text(const char* name) {
    const json* member = find(name);
    if (member == nullptr) {
      return {};
    }
    if (!member->is_string()) {
      fail(fmt::format("`{}` is not a text", name));
      return {};
    }
    return member->get<std::string>();
  }
  // A number, or a text that holds one (decimal or 0x...).
  [[nodiscard]] std::optional<std::uint32_t> number(const char* name) {
    const json* member = find(name);
    if (member == nullptr) {
      return std::nullopt;
    }
    std::optional<std::uint32_t> value;
    if (member->is_number_unsigned() && member->get<std::uint64_t>() <= 0xffffffffU) {
      value = member->get<std::uint32_t>();
    } else if (member->is_string()) {
      const auto& text = member->get_ref<const std::string&>();
      value = parse_unsigned<std::uint32_t>(text);
      value = value ? value : parse_hex<std::uint32_t>(text);
    }
    if (!value) {
      fail(fmt::format("`{}` is not a number", name));
    }
    return value;
  }
  void fail(std::string message) {
    if (fault_.empty()) {
      fault_ = std::move(message);
    }
  }
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] const json& value() const { return value_; }

 private:
  const json& value_;
  std::string fault_;
};

std::string shown(const std::string& text) {
  return quote(text, 40);
}

HostInterface interface_of(Entry& entry) {
  HostInterface interface;
  interface.name = entry.text("ifname");
  if (interface.name.empty()) {
    entry.fail("no `ifname`");
  }
  const json* flags = entry.find("flags");
  if (flags != nullptr && flags->is_array()) {
    const auto has = [&](std::string_view word) {
      return std::ranges::any_of(*flags, [&](const json& flag) { return flag == word; });
    };
    interface.is_up = has("UP");
    interface.is_routing_master = has("MASTER") && has("NOARP");
  }
  interface.master = entry.text("master");
  const json* list = entry.find("addr_info");
  if (list == nullptr) {
    return interface;
  }
  if (!list->is_array()) {
    entry.fail("`addr_info` is not a list");
    return interface;
  }
  for (const json& item : *list) {
    if (!item.is_object()) {
      entry.fail("an entry of `addr_info` is not an object");
      return interface;
    }
    Entry info(item);
    const std::string local = info.text("local");
    const auto length = info.number("prefixlen");
    if (local.empty()) {
      continue;
    }
    const auto address = parse_address(local);
    const std::string peer_text = info.text("address");
    const auto peer = peer_text.empty() ? address : parse_address(peer_text);
    if (!address || !peer || peer->family != address->family) {
      entry.fail(fmt::format("bad address {}", shown(address ? peer_text : local)));
    } else if (!length || *length > address_width(address->family)) {
      entry.fail(fmt::format("bad `prefixlen` of {}", shown(local)));
    } else {
      interface.addresses.push_back({*address, make_prefix(*peer, *length)});
    }
  }
  return interface;
}

HostHop hop_of(Entry& entry) {
  HostHop hop;
  hop.device = entry.text("dev");
  if (const std::string text = entry.text("gateway"); !text.empty()) {
    hop.gateway = parse_address(text);
    if (!hop.gateway) {
      entry.fail(fmt::format("bad `gateway` {}", shown(text)));
    }
  }
  if (entry.find("via") != nullptr) {
    entry.fail("a gateway of the other family is not modelled");
  }
  if (entry.find("encap") != nullptr) {
    entry.fail("an encapsulation is not modelled");
  }
  return hop;
}

// "default" has no family of its own: the gateway tells it, or the preference that only IPv6 routes have.
std::optional<Prefix> destination_of(Entry& entry, const std::string& text) {
  if (text != "default") {
    const auto prefix = parse_prefix(text);
    if (!prefix) {
      entry.fail(fmt::format("bad `dst` {}", shown(text)));
    }
    return prefix;
  }
  Family family = entry.find("pref") != nullptr ? Family::ipv6 : Family::ipv4;
  if (const auto gateway = parse_address(entry.text("gateway"))) {
    family = gateway->family;
  }
  return Prefix{{family, 0}, 0};
}

bool is_dead(const Entry& entry) {
  const json* flags = entry.find("flags");
  return flags != nullptr && flags->is_array() &&
         std::ranges::any_of(*flags, [](const json& flag) { return flag == "dead"; });
}

HostRoute route_of(Entry& entry) {
  HostRoute route;
  for (const auto& [key, value] : entry.value().items()) {
    constexpr std::array known{"type"sv,  "dst"sv,      "dev"sv,    "gateway"sv, "via"sv,
                               "encap"sv, "nexthops"sv, "metric"sv, "table"sv,   "flags"sv};
    if (std::ranges::find(known, key) == known.end() &&
        std::ranges::find(idle_route_keys, key) == idle_route_keys.end()) {
      entry.fail(fmt::format("key {} is not modelled", shown(key)));
    }
  }
  if (const std::string type = entry.text("type"); !type.empty()) {
    route.type = type;
  }
  if (std::ranges::find(route_types, route.type) == route_types.end()) {
    entry.fail(fmt::format("route type {} is not known", shown(route.type)));
  }
  const auto destination = destination_of(entry, entry.text("dst"));
  route.destination = destination.value_or(Prefix{});
  route.metric = entry.number("metric").value_or(0);
  if (const std::string table = entry.text("table"); !table.empty()) {
    route.table = table;
  }
  const json* nexthops = entry.find("nexthops");
  if (nexthops == nullptr) {
    const HostHop hop = hop_of(entry);
    if (!hop.device.empty() || hop.gateway) {
      route.hops.push_back(hop);
    }
  } else if (!nexthops->is_array()) {
    entry.fail("`nexthops` is not a list");
  } else {
    for (const json& item : *nexthops) {
      if (!item.is_object()) {
        entry.fail("an entry of `nexthops` is not an object");
        break;
      }
      Entry hop_entry(item);
      const HostHop hop = hop_of(hop_entry);
      if (!hop_entry.fault().empty()) {
        entry.fail(hop_entry.fault());
      } else if (!is_dead(hop_entry)) {
        route.hops.push_back(hop);
      }
    }
  }
  for (const HostHop& hop : route.hops) {
    if (hop.gateway && hop.gateway->family != route.destination.address.family) {
      entry.fail("a gateway of the other family is not modelled");
    }
  }
  if (route.type == "unicast" && route.hops.empty()) {
    entry.fail("a route without `dev` or `gateway`");
  }
  return route;
}

std::optional<Prefix> rule_prefix(Entry& entry, const char* name, const char* length_name) {
  const std::string text = entry.text(name);
  if (text.empty() || text == "all") {
    return std::nullopt;
  }
  const auto address = parse_address(text);
  if (!address) {
    entry.fail(fmt::format("bad `{}` {}", name, shown(text)));
    return std::nullopt;
  }
  const std::uint32_t length = entry.number(length_name).value_or(address_width(address->family));
  if (length > address_width(address->family)) {
    entry.fail(fmt::format("bad `{}`", length_name));
    return std::nullopt;
  }
  return make_prefix(*address, length);
}

std::optional<Interval> rule_ports(Entry& entry, const std::string& name) {
  const auto one = entry.number(name.c_str());
  const auto low = entry.number((name + "_start").c_str());
  const auto high = entry.number((name + "_end").c_str());
  if (one) {
    return Interval{*one, *one};
  }
  if (!low && !high) {
    return std::nullopt;
  }
  if (!low || !high || *low > *high || *high > 65535) {
    entry.fail(fmt::format("bad range of ports `{}`", name));
    return std::nullopt;
  }
  return Interval{*low, *high};
}

HostRouteRule rule_of(Entry& entry) {
  constexpr std::array known{"priority"sv,    "src"sv,       "srclen"sv,      "dst"sv,       "dstlen"sv,
                             "iif"sv,         "oif"sv,       "fwmark"sv,      "fwmask"sv,    "not"sv,
                             "ipproto"sv,     "sport"sv,     "dport"sv,       "table"sv,     "action"sv,
                             "sport_start"sv, "sport_end"sv, "dport_start"sv, "dport_end"sv, "suppress_prefixlen"sv};
  // What an `ip rule` may ask besides; the model does not know it of a packet.
  constexpr std::array partial{"tos"sv, "uid_start"sv, "uid_end"sv, "tun_id"sv, "dsfield"sv, "dscp"sv, "flowlabel"sv};
  HostRouteRule rule;
  for (const auto& [key, value] : entry.value().items()) {
    if (std::ranges::find(partial, key) != partial.end()) {
      rule.is_partial = true;
    } else if (std::ranges::find(known, key) == known.end() &&
               std::ranges::find(idle_rule_keys, key) == idle_rule_keys.end()) {
      entry.fail(fmt::format("key {} is not modelled", shown(key)));
    }
  }
  const auto priority = entry.number("priority");
  if (!priority) {
    entry.fail("no `priority`");
  }
  rule.priority = priority.value_or(0);
  rule.from = rule_prefix(entry, "src", "srclen");
  rule.to = rule_prefix(entry, "dst", "dstlen");
  rule.ingress = entry.text("iif");
  rule.egress = entry.text("oif");
  if (const auto mark = entry.number("fwmark")) {
    rule.mark = {*mark, entry.number("fwmask").value_or(0xffffffffU)};
  }
  if (const std::string protocol = entry.text("ipproto"); !protocol.empty()) {
    rule.protocol = parse_protocol(protocol);
    if (!rule.protocol) {
      entry.fail(fmt::format("bad `ipproto` {}", shown(protocol)));
    }
  }
  rule.source_ports = rule_ports(entry, "sport");
  rule.destination_ports = rule_ports(entry, "dport");
  rule.negated = entry.find("not") != nullptr;
  rule.table = entry.text("table");
  rule.action = entry.text("action");
  if (const auto length = entry.number("suppress_prefixlen")) {
    rule.least_length = *length + 1;
  }
  constexpr std::array actions{""sv, "blackhole"sv, "unreachable"sv, "prohibit"sv, "nop"sv};
  if (std::ranges::find(actions, rule.action) == actions.end()) {
    entry.fail(fmt::format("action {} is not modelled", shown(rule.action)));
  }
  if (rule.action.empty() && rule.table.empty()) {
    entry.fail("no `table`");
  }
  return rule;
}

// By the addresses of the rules; else by the table `default`, which only IPv4 rules name.
std::optional<Family> family_of_rules(const std::vector<HostRouteRule>& rules) {
  std::optional<Family> found;
  for (const HostRouteRule& rule : rules) {
    for (const std::optional<Prefix>& prefix : {rule.from, rule.to}) {
      if (prefix && found && *found != prefix->address.family) {
        return std::nullopt;
      }
      found = prefix ? prefix->address.family : found;
    }
  }
  if (found) {
    return found;
  }
  return std::ranges::find(rules, "default", &HostRouteRule::table) != rules.end() ? Family::ipv4 : Family::ipv6;
}

std::optional<HostJsonKind> kind_of(const json& list) {
  for (const json& entry : list) {
    if (!entry.is_object() || entry.empty()) {
      continue;
    }
    if (entry.contains("addr_info") || (entry.contains("ifname") && entry.contains("ifindex"))) {
      return HostJsonKind::addresses;
    }
    if (entry.contains("priority")) {
      return HostJsonKind::rules;
    }
    if (entry.contains("dst")) {
      return HostJsonKind::routes;
    }
  }
  return std::nullopt;
}

}  // namespace

bool HostInterface::is_port_of(const std::vector<HostInterface>& interfaces) const {
  const auto found = std::ranges::find(interfaces, master, &HostInterface::name);
  return !master.empty() && addresses.empty() && found != interfaces.end() && !found->is_routing_master;
}

std::optional<HostJson> read_host_json(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (!trimmed.starts_with('[')) {
    return std::nullopt;
  }
  const json parsed = json::parse(trimmed, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_array()) {
    return std::nullopt;
  }
  const auto kind = kind_of(parsed);
  if (!kind) {
    return std::nullopt;
  }
  HostJson result;
  result.kind = *kind;
  std::size_t number = 0;
  std::set<std::string> names;
  for (const json& item : parsed) {
    ++number;
    if (item.is_object() && item.empty()) {
      continue;  // old versions of ip print these
    }
    Entry entry(item);
    if (!item.is_object()) {
      entry.fail("not an object");
    } else if (*kind == HostJsonKind::addresses) {
      HostInterface interface = interface_of(entry);
      if (!interface.name.empty() && !names.insert(interface.name).second)
        entry.fail(fmt::format("a second interface {}", shown(interface.name)));
      if (entry.fault().empty()) {
        result.interfaces.push_back(std::move(interface));
      }
    } else if (*kind == HostJsonKind::routes) {
      if (HostRoute route = route_of(entry); entry.fault().empty() && !is_dead(entry)) {
        result.routes.push_back(std::move(route));
      }
    } else if (HostRouteRule rule = rule_of(entry); entry.fault().empty() && rule.action != "nop") {
      result.rules.push_back(std::move(rule));
    }
    if (!entry.fault().empty()) {
      result.faults.push_back(fmt::format("entry {}: {}", number, entry.fault()));
    }
  }
  if (*kind == HostJsonKind::rules) {
    result.rules_family = family_of_rules(result.rules);
  }
  return result;
}

std::optional<HostSettings> read_host_settings(std::string_view text) {
  HostSettings settings;
  std::uint32_t line = 0;
  std::size_t others = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view words = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    const std::size_t equals = words.find('=');
    const std::string_view name = trim(words.substr(0, std::min(equals, words.size())));
    const bool is_setting = equals != std::string_view::npos && !name.empty() && split_words(name).size() == 1 &&
                            name.find('.') != std::string_view::npos;
    if (is_setting) {
      settings[std::string(name)] = {std::string(trim(words.substr(equals + 1))), line};
    } else if (!words.empty() && !words.starts_with('#') && !words.starts_with("sysctl:")) {
      ++others;
    }
  }
  // Values of several lines, and complaints, stand between the settings of a real system.
  if (settings.empty() || others > settings.size()) {
    return std::nullopt;
  }
  const auto first = settings.lower_bound("net.");
  return first != settings.end() && first->first.starts_with("net.") ? std::optional(std::move(settings))
                                                                     : std::nullopt;
}

}  // namespace segproof
