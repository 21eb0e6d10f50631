// SPDX-License-Identifier: Apache-2.0
// Settings of a host's kernel (sysctl) as parts of the model: whether it forwards, and its reverse-path filters as
// rules behind the last one that sees a packet before routing.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "input/snapshot_assembly.h"
#include "input/snapshot_reverse_path.h"
#include "model/walk.h"

namespace segproof::input {
namespace {

using model::Forwarding;

constexpr int behind_everything = 1'000'000;
constexpr int before_everything = -1'000'000;

struct OddSetting {
  std::string_view name;  // "*" stands for an interface
  unsigned usual;
  std::string_view meaning;
};
constexpr std::array<OddSetting, 8> odd_settings{{
    {"net.netfilter.nf_conntrack_tcp_loose", 1, "packets in the middle of a TCP flow are INVALID"},
    {"net.netfilter.nf_conntrack_tcp_be_liberal", 0, "packets out of the window are not INVALID"},
    {"net.netfilter.nf_conntrack_helper", 0, "helpers open further connections without any rule"},
    {"net.ipv4.conf.*.route_localnet", 0, "127.0.0.0/8 is routed"},
    {"net.ipv4.conf.*.accept_local", 0, "packets with the host's own addresses as source come in"},
    {"net.ipv4.conf.*.mc_forwarding", 0, "multicast is routed"},
    {"net.ipv4.conf.all.accept_source_route", 0, "packets say which way they go"},
    {"net.ipv6.conf.all.seg6_enabled", 0, "packets say which way they go"},
}};

// What else is asked of a setting's name behind its last dot.
constexpr std::array<std::string_view, 6> usual_settings{"ip_forward", "forwarding",   "force_forwarding",
                                                         "rp_filter",  "disable_ipv6", "bc_forwarding"};

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

bool is_looked_at(std::string_view name) {
  return std::ranges::find(usual_settings, last_part(name)) != usual_settings.end() ||
         std::ranges::any_of(odd_settings,
                             [&](const OddSetting& odd) { return last_part(odd.name) == last_part(name); });
}

class SettingsBuilder {
 public:
  SettingsBuilder(const HostFolder& folder, model::NodeId node, Assembly& assembly)
      : folder_(folder), node_(node), assembly_(assembly), ways_(node, Family::ipv4, assembly) {}

  void run() {
    forwarding(Family::ipv4, forwarding_of_ipv4());
    forwarding(Family::ipv6, forwarding_of_ipv6());
    if (assembly_.node(node_).filter[0] != model::Known::off) {
      reverse_path_filters();
      directed_broadcasts();
    }
    for (const OddSetting& odd : odd_settings) {
      report(odd);
    }
    account();
  }

  // Routing rules see no ports in the first fragment of a packet, unless tracking has put it together before.
  void doubt_ports_of_fragments() {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      model::Node& node = assembly_.node(node_);
      if (model::tracks(node.rules.at(model::Hook::ingress, family))) {
        continue;
      }
      for (model::RouteRule& rule : node.routing[model::index_of(family)].rules) {
        doubt_ports(rule.condition);
      }
    }
  }

 private:
  static void doubt_ports(model::Condition& condition) {
    bool asks = false;
    for (model::Test& test : condition.tests) {
      const auto* field = std::get_if<model::FieldTest>(&test);
      asks =
          asks || (field != nullptr && (field->field == Field::source_port || field->field == Field::destination_port));
      if (auto* any = std::get_if<model::AnyTest>(&test)) {
        std::ranges::for_each(any->alternatives, doubt_ports);
      }
    }
    if (asks) {
      condition.tests.emplace_back(model::UnknownTest{
          model::Unknown::content, "ports of a first fragment, which a routing rule does not see", false});
    }
  }

  [[nodiscard]] std::vector<std::string> interfaces() const {
    std::vector<std::string> names;
    for (const HostInterface& interface : folder_.interfaces) {
      if (interface.name != "lo") {
        names.push_back(interface.name);
      }
    }
    return names;
  }
  [[nodiscard]] std::string name_of(std::string_view interface, std::string_view setting) const {
    return fmt::format("net.ipv4.conf.{}.{}", setting_name(interface), setting);
  }

  // Each interface says whether what comes in there is forwarded.
  Forwarding forwarding_of_ipv4() {
    const auto all = folder_.setting("net.ipv4.ip_forward");
    std::vector<std::pair<std::string, SourceSpan>> closed;
    bool some = false;
    bool known = all.has_value();
    for (const std::string& interface : interfaces()) {
      const std::string name = name_of(interface, "forwarding");
      const auto own = folder_.setting(name);
      known = known || own.has_value();
      if (own.value_or(all.value_or(1)) == 0) {
        closed.emplace_back(interface, own ? folder_.setting_span(name) : folder_.setting_span("net.ipv4.ip_forward"));
      } else {
        some = true;
      }
    }
    if (!known) {
      return Forwarding::unknown;
    }
    if (!some) {
      return interfaces().empty() ? (*all == 0 ? Forwarding::off : Forwarding::on) : Forwarding::off;
    }
    if (!closed.empty()) {
      close(closed);
    }
    return Forwarding::on;
  }

  void close(const std::vector<std::pair<std::string, SourceSpan>>& interfaces) {
    std::vector<model::Rule> rules;
    for (const auto& [name, span] : interfaces) {
      rules.push_back({{{model::InterfaceTest{model::Direction::ingress, name, false, false}}},
                       model::Decide{model::Verdict::drop},
                       span});
    }
    add_stage(model::Hook::forward, before_everything, "forwarding by interface", std::move(rules));
  }

  [[nodiscard]] Forwarding forwarding_of_ipv6() const {
    const auto all = folder_.setting("net.ipv6.conf.all.forwarding");
    if (!all) {
      return Forwarding::unknown;
    }
    for (const std::string& interface : interfaces()) {
      const auto forced = folder_.setting(fmt::format("net.ipv6.conf.{}.force_forwarding", setting_name(interface)));
      if (*all == 0 && forced.value_or(0) != 0) {
        return Forwarding::unknown;
      }
    }
    return *all == 0 ? Forwarding::off : Forwarding::on;
  }

  void forwarding(Family family, Forwarding found) {
    model::Node& node = assembly_.node(node_);
    const std::size_t index = model::index_of(family);
    if (found == Forwarding::unknown || node.filter[index] == model::Known::off) {
      return;
    }
    const yaml::WrittenNode* written = assembly_.written_nodes[node_.index()];
    if (written != nullptr && written->forwarding_given && written->forwarding != Forwarding::unknown &&
        written->forwarding != found) {
      assembly_.faults.error(
          DiagnosticCode::contradiction, *written->forwarding_given,
          fmt::format("{} {} {}", quote(node.name), found == Forwarding::on ? "forwards" : "does not forward",
                      yaml::family_text(family)),
          {}, {{.span = {.file = *folder_.settings_file}, .message = "collected on the host"}});
    }
    node.forwarding[index] = found;
  }

  void add_stage(model::Hook hook, int order, std::string label, std::vector<model::Rule> rules) {
    model::RuleSet& set = assembly_.node(node_).rules;
    const model::ChainId chain(set.chains.size());
    const SourceSpan origin{.file = *folder_.settings_file};
    set.chains.push_back({label, std::move(rules), origin});
    model::Stage stage;
    stage.hook = hook;
    stage.order = order;
    stage.chain = chain;
    stage.policy_origin = origin;
    stage.label = std::move(label);
    stage.ipv6 = false;
    set.stages.push_back(std::move(stage));
    set.let_offloaded_pass();
  }

  // Packets to all hosts of a segment end here, unless `all` and the interface where they come in say otherwise.
  void directed_broadcasts() {
    const IntervalSet broadcasts = own_broadcasts();
    if (broadcasts.is_empty()) {
      return;
    }
    constexpr std::string_view setting = "bc_forwarding";
    std::vector<model::Rule> rules;
    const auto end = [&](const std::string& name, std::optional<model::Test> where) {
      if (folder_.setting(name) != 0U) {
        return;
      }
      model::Rule& rule = rules.emplace_back();
      rule.origin = folder_.setting_span(name);
      rule.action = model::Decide{model::Verdict::drop};
      if (where) {
        rule.condition.tests.push_back(std::move(*where));
      }
      rule.condition.tests.emplace_back(model::FieldTest{Field::destination, broadcasts, Family::ipv4});
    };
    end(name_of("all", setting), std::nullopt);
    for (const std::string& interface : rules.empty() ? interfaces() : std::vector<std::string>()) {
      end(name_of(interface, setting), model::InterfaceTest{model::Direction::ingress, interface, false, false});
    }
    if (!rules.empty()) {
      add_stage(model::Hook::forward, before_everything, "broadcasts are not forwarded", std::move(rules));
    }
  }

  // To which the kernel has a route of that kind, asked before all others.
  [[nodiscard]] IntervalSet own_broadcasts() const {
    const model::Node& node = assembly_.node(node_);
    std::vector<Interval> found;
    if (node.routes[model::index_of(Family::ipv4)] != model::Known::given) {
      return {};
    }
    for (const model::InterfaceId id : node.interfaces) {
      for (const InterfaceAddress& address : assembly_.network.interface(id).addresses) {
        const Bits last = address.prefix.last();
        const auto is_route = [&](const auto& entry) {
          const HostRoute& route = entry.first;
          return route.type == "broadcast" && route.table == "local" &&
                 route.destination == Prefix{{Family::ipv4, last}, 32};
        };
        if (address.address.family == Family::ipv4 && std::ranges::any_of(folder_.routes, is_route)) {
          found.push_back({last, last});
        }
      }
    }
    return IntervalSet::of(std::move(found));
  }

  // The kernel takes the larger of the two settings.
  void reverse_path_filters() {
    const auto all = folder_.setting("net.ipv4.conf.all.rp_filter");
    std::vector<model::Rule> rules;
    for (const std::string& interface : interfaces()) {
      const std::string name = name_of(interface, "rp_filter");
      const auto own = folder_.setting(name);
      const unsigned mode = std::max(all.value_or(0), own.value_or(0));
      if (mode == 0) {
        continue;
      }
      const bool of_all = all && (!own || *all >= *own);
      model::Rule rule;
      rule.origin = folder_.setting_span(of_all ? "net.ipv4.conf.all.rp_filter" : name);
      rule.action = model::Decide{model::Verdict::drop};
      rule.condition.tests.emplace_back(model::InterfaceTest{model::Direction::ingress, interface, false, false});
      const auto sources = own && all ? foreign_sources(interface, mode) : std::nullopt;
      if (sources) {
        rule.condition.tests.emplace_back(model::FieldTest{Field::source, *sources, Family::ipv4});
      } else {
        rule.condition.tests.emplace_back(
            model::UnknownTest{model::Unknown::reverse_path, "rp_filter beside routes that are not known", false});
      }
      rules.push_back(std::move(rule));
    }
    if (!rules.empty()) {
      add_stage(model::Hook::ingress, behind_everything, "reverse-path filter", std::move(rules));
    }
  }

  // The sources that a filter of that mode drops at the interface; nothing where the routes do not tell.
  std::optional<IntervalSet> foreign_sources(const std::string& interface, unsigned mode) {
    // Without an address of its own, an interface is treated strictly in either mode.
    const auto collected = std::ranges::find(folder_.interfaces, interface, &HostInterface::name);
    const bool has_address = std::ranges::any_of(
        collected->addresses, [](const InterfaceAddress& a) { return a.address.family == Family::ipv4; });
    const bool strict = mode == 1 || !has_address;
    const model::InterfaceId id = assembly_.network.find_interface(node_, interface);
    const std::optional<IntervalSet> expected = ways_.expected_at(id, strict);
    if (!expected) {
      return std::nullopt;
    }
    // A host that asks for its first address sends from 0.0.0.0.
    const IntervalSet before_it_has_one{Prefix{{Family::ipv4, 0}, 8}.interval()};
    return (*expected | before_it_has_one).complement(field_max(Field::source, Family::ipv4));
  }

  void report(const OddSetting& odd) {
    std::vector<std::string> names;
    const std::size_t star = odd.name.find('*');
    if (star == std::string_view::npos) {
      names.emplace_back(odd.name);
    } else {
      names.push_back(fmt::format("{}all{}", odd.name.substr(0, star), odd.name.substr(star + 1)));
      for (const std::string& interface : interfaces()) {
        names.push_back(
            fmt::format("{}{}{}", odd.name.substr(0, star), setting_name(interface), odd.name.substr(star + 1)));
      }
    }
    for (const std::string& name : names) {
      const auto value = folder_.setting(name);
      if (!value || *value == odd.usual) {
        continue;
      }
      const std::string why = fmt::format("`{} = {}` is not modelled: {}", name, *value, odd.meaning);
      assembly_.faults.warning(DiagnosticCode::host_setting_not_modelled, folder_.setting_span(name), why);
      assembly_.add_gap(folder_.setting_span(name), DiagnosticCode::host_setting_not_modelled, why, node_);
      assembly_.files->doubt(
          {LineUse::unmodelled, folder_.setting_span(name), DiagnosticCode::host_setting_not_modelled, why});
      return;
    }
  }

  void account() {
    const FileId file = *folder_.settings_file;
    std::vector<LineUse> uses(assembly_.files->sources().line_count(file), LineUse::irrelevant);
    for (const auto& [name, setting] : folder_.settings) {
      if (is_looked_at(name)) {
        uses[setting.line - 1] = LineUse::modelled;
      }
    }
    assembly_.files->take_lines(file, std::move(uses));
  }

  const HostFolder& folder_;
  model::NodeId node_;
  Assembly& assembly_;
  ReversePath ways_;
};

}  // namespace

void assemble_host_settings(Assembly& assembly) {
  for (const auto& [name, folder] : assembly.host_folders) {
    const auto found = assembly.node_ids.find(name);
    if (found == assembly.node_ids.end() || !folder.address_file) {
      continue;
    }
    SettingsBuilder builder(folder, found->second, assembly);
    builder.doubt_ports_of_fragments();
    if (folder.settings_file) {
      builder.run();
    }
  }
}

}  // namespace segproof::input
