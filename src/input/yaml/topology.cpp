// SPDX-License-Identifier: Apache-2.0
#include "input/yaml/topology.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/text.h"
#include "packet/field.h"

namespace segproof::input::yaml {
namespace {

using namespace std::string_view_literals;

constexpr std::array inventory_formats = {"ansible-ini"sv, "ansible-yaml"sv, "csv"sv, "nmap-xml"sv};

void read_zones(Faults& faults, const View& view, std::optional<std::size_t> parent, std::vector<WrittenZone>& zones) {
  static constexpr std::array keys = {"prefixes"sv,       "segments"sv, "hosts"sv,      "tags"sv,
                                      "interfaces"sv,     "zones"sv,    "external"sv,   "internet"sv,
                                      "external-falls"sv, "epochs"sv,   "description"sv};
  for_each_named(faults, view, "zones", Names::of_places, [&](const Word& name, const View& value) {
    WrittenZone zone;
    zone.name = name;
    zone.parent = parent;
    if (value.shape() == Shape::nothing) {
      zones.push_back(std::move(zone));
      return;
    }
    const auto section = Section::open(faults, value, fmt::format("zone {}", quote(name.text)), keys);
    if (!section) {
      return;
    }
    zone.prefixes = prefixes_at(*section, "prefixes");
    zone.segments = words_at(*section, "segments");
    zone.hosts = words_at(*section, "hosts");
    zone.tags = words_at(*section, "tags");
    zone.interfaces = words_at(*section, "interfaces");
    zone.internet = switch_at(*section, "internet", false);
    zone.external = switch_at(*section, "external", zone.internet);
    zone.external_falls = switch_at(*section, "external-falls", false);
    zone.epochs = texts_at(*section, "epochs");
    static_cast<void>(text_at(*section, "description"));
    if ((zone.internet || zone.external_falls) && !zone.external) {
      faults.error(DiagnosticCode::contradiction, name.span,
                   fmt::format("zone {} is not external, and {}", quote(name.text),
                               zone.internet ? "`internet`" : "`external-falls`"),
                   "add `external: true`");
    }
    const std::size_t index = zones.size();
    zones.push_back(std::move(zone));
    if (const std::optional<View> inner = section->get("zones")) {
      read_zones(faults, *inner, index, zones);
    }
  });
}

void read_segments(Faults& faults, const View& view, std::vector<WrittenSegment>& segments) {
  static constexpr std::array keys = {"prefixes"sv, "zone"sv, "complete"sv, "vrf"sv, "epochs"sv, "description"sv};
  for_each_named(faults, view, "segments", Names::of_places, [&](const Word& name, const View& value) {
    WrittenSegment segment;
    segment.name = name;
    if (value.shape() == Shape::nothing) {
      segments.push_back(std::move(segment));
      return;
    }
    const auto section = Section::open(faults, value, fmt::format("segment {}", quote(name.text)), keys);
    if (!section) {
      return;
    }
    segment.prefixes = prefixes_at(*section, "prefixes");
    segment.zone = word_at(*section, "zone");
    segment.complete = switch_at(*section, "complete", false);
    if (const std::optional<Word> vrf = word_at(*section, "vrf")) {
      segment.vrf = vrf->text;
    }
    segment.epochs = texts_at(*section, "epochs");
    static_cast<void>(text_at(*section, "description"));
    segments.push_back(std::move(segment));
  });
}

std::vector<WrittenInterface> read_interfaces(Faults& faults, const View& view) {
  static constexpr std::array keys = {"addresses"sv, "segment"sv, "up"sv, "epochs"sv, "description"sv};
  std::vector<WrittenInterface> interfaces;
  for_each_named(faults, view, "interfaces", Names::of_interfaces, [&](const Word& name, const View& value) {
    WrittenInterface interface;
    interface.name = name;
    const auto section = Section::open(faults, value, fmt::format("interface {}", quote(name.text)), keys);
    if (!section) {
      return;
    }
    if (const std::optional<View> addresses = section->get("addresses")) {
      for_each_item(*addresses, [&](const View& item) {
        if (const auto address = read_interface_address(faults, item, "`addresses`: address")) {
          interface.addresses.push_back(*address);
        }
      });
    }
    interface.segment = word_at(*section, "segment");
    interface.up = switch_at(*section, "up", true);
    interface.epochs = texts_at(*section, "epochs");
    static_cast<void>(text_at(*section, "description"));
    interfaces.push_back(std::move(interface));
  });
  return interfaces;
}

std::optional<model::Service> read_listening(Faults& faults, const View& view) {
  static constexpr std::array keys = {"service"sv, "name"sv, "tags"sv, "listening"sv};
  static constexpr std::array listening = {"yes"sv, "maybe"sv, "true"sv};
  model::Service service;
  std::optional<View> written = view;
  if (view.shape() != Shape::text) {
    const auto section = Section::open(faults, view, "a service", keys);
    if (!section) {
      return std::nullopt;
    }
    written = section->require("service");
    service.name = text_at(*section, "name");
    service.tags = texts_at(*section, "tags");
    if (const std::optional<View> state = section->get("listening")) {
      const auto choice = read_choice(faults, *state, "`listening`", listening);
      service.listening = choice == 1U ? model::Listening::maybe : model::Listening::yes;
    }
  }
  const auto spec = written ? read_service(faults, *written, "service") : std::nullopt;
  if (!spec) {
    return std::nullopt;
  }
  if (!spec->service.protocol) {
    faults.error(DiagnosticCode::bad_service, spec->span, "a host listens to a protocol, not to `any`",
                 "leave `services` out if they are not known");
    return std::nullopt;
  }
  service.protocol = *spec->service.protocol;
  service.ports = spec->service.ports;
  service.origin = spec->span;
  return service;
}

void read_addresses(const Section& section, WrittenNode& node) {
  Faults& faults = section.faults();
  const std::optional<View> address = section.get("address");
  node.segment = word_at(section, "segment");
  if (address) {
    for_each_item(*address, [&](const View& item) {
      if (const auto read = read_address(faults, item, "`address`: address")) {
        node.addresses.push_back(*read);
      }
    });
  }
  const std::optional<View> interfaces = section.get("interfaces");
  if (interfaces) {
    node.interfaces = read_interfaces(faults, *interfaces);
    node.interfaces_named = true;
  }
  if (interfaces && (address || node.segment)) {
    faults.error(DiagnosticCode::contradiction, address ? address->span() : node.segment->span,
                 fmt::format("{} has `interfaces` and {}", section.what(), address ? "`address`" : "`segment`"),
                 "write the addresses and segments of its interfaces");
  }
}

void read_node_rest(const Section& section, WrittenNode& node) {
  static constexpr std::array forwarding_words = {"on"sv, "off"sv, "unknown"sv, "true"sv, "false"sv, "yes"sv, "no"sv};
  using model::Forwarding;
  static constexpr std::array forwarding = {Forwarding::on,  Forwarding::off, Forwarding::unknown, Forwarding::on,
                                            Forwarding::off, Forwarding::on,  Forwarding::off};
  Faults& faults = section.faults();
  if (const std::optional<View> services = section.get("services")) {
    node.services_known = true;
    for_each_item(*services, [&](const View& item) {
      if (std::optional<model::Service> service = read_listening(faults, item)) {
        node.services.push_back(std::move(*service));
      }
    });
  }
  node.tags = texts_at(section, "tags");
  node.labels = texts_at(section, "labels");
  node.epochs = texts_at(section, "epochs");
  node.host_folder = word_at(section, "host-folder");
  static_cast<void>(text_at(section, "description"));
  if (const std::optional<View> view = section.get("forwarding")) {
    const auto choice = read_choice(faults, *view, "`forwarding`", forwarding_words);
    node.forwarding = choice ? forwarding[*choice] : model::Forwarding::unknown;
    node.forwarding_given = view->span();
  }
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const std::string_view key = family == Family::ipv4 ? "ipv4" : "ipv6";
    if (const std::optional<View> view = section.get(key); view && !switch_at(section, key, true)) {
      node.off[model::index_of(family)] = view->span();
    }
  }
  const std::optional<View> routes = section.get("routes");
  const std::optional<View> rules = section.get("route-rules");
  if (routes || rules) {
    node.routing.emplace();
    if (routes) {
      read_routes(faults, *routes, *node.routing);
    }
    if (rules) {
      read_route_rules(faults, *rules, *node.routing);
    }
  }
}

void read_nodes(Faults& faults, const View& view, model::NodeKind kind, std::vector<WrittenNode>& nodes) {
  static constexpr std::array host_keys = {"address"sv, "segment"sv, "interfaces"sv,  "services"sv,   "tags"sv,
                                           "labels"sv,  "routes"sv,  "route-rules"sv, "forwarding"sv, "ipv4"sv,
                                           "ipv6"sv,    "epochs"sv,  "description"sv, "host-folder"sv};
  static constexpr std::array device_keys = {"interfaces"sv,  "services"sv,    "tags"sv,       "labels"sv, "routes"sv,
                                             "route-rules"sv, "forwarding"sv,  "ipv4"sv,       "ipv6"sv,   "twin"sv,
                                             "epochs"sv,      "description"sv, "host-folder"sv};
  const bool is_host = kind == model::NodeKind::host;
  for_each_named(faults, view, is_host ? "hosts" : "devices", Names::of_places,
                 [&](const Word& name, const View& value) {
                   const auto section =
                       Section::open(faults, value, fmt::format("{} {}", is_host ? "host" : "device", quote(name.text)),
                                     is_host ? Keys(host_keys) : Keys(device_keys));
                   if (!section) {
                     return;
                   }
                   WrittenNode node;
                   node.name = name;
                   node.kind = kind;
                   node.forwarding = is_host ? model::Forwarding::unknown : model::Forwarding::on;
                   if (is_host) {
                     read_addresses(*section, node);
                   } else {
                     node.twin = word_at(*section, "twin");
                     node.interfaces_named = true;
                     const bool collected = section->get("host-folder").has_value();
                     if (const std::optional<View> interfaces =
                             collected ? section->get("interfaces") : section->require("interfaces", name.span)) {
                       node.interfaces = read_interfaces(faults, *interfaces);
                     }
                   }
                   read_node_rest(*section, node);
                   nodes.push_back(std::move(node));
                 });
}

void read_inventory(Faults& faults, const View& view, std::vector<WrittenInventory>& inventories) {
  static constexpr std::array keys = {"file"sv,    "format"sv, "segment"sv,    "vrf"sv,
                                      "columns"sv, "epochs"sv, "description"sv};
  static constexpr std::array column_keys = {"name"sv,    "address"sv, "interface"sv, "zone"sv,
                                             "segment"sv, "vrf"sv,     "services"sv,  "tags"sv,
                                             "labels"sv,  "groups"sv,  "delimiter"sv};
  const auto section = Section::open(faults, view, "an inventory", keys);
  if (!section) {
    return;
  }
  constexpr std::size_t unread = inventory_formats.size();
  WrittenInventory inventory;
  const std::optional<View> file = section->require("file");
  const std::optional<View> format = section->require("format");
  inventory.segment = word_at(*section, "segment");
  inventory.vrf = text_at(*section, "vrf");
  inventory.epochs = texts_at(*section, "epochs");
  static_cast<void>(text_at(*section, "description"));
  const std::size_t choice =
      format ? read_choice(faults, *format, "`format`", inventory_formats).value_or(unread) : unread;
  if (const std::optional<View> columns = section->get("columns")) {
    const auto names = Section::open(faults, *columns, "`columns`", column_keys);
    for (const std::string_view key : column_keys) {
      if (const std::optional<Word> name = names ? word_at(*names, key) : std::nullopt) {
        inventory.columns.emplace_back(key, *name);
        if (key == "delimiter" && name->text != "," && name->text != ";" && name->text != "\t") {
          faults.error(DiagnosticCode::bad_value, name->span,
                       fmt::format("`delimiter` is `,`, `;` or a tab, not {}", quote(name->text)));
        }
      }
    }
    if (choice != unread && static_cast<InventoryFormat>(choice) != InventoryFormat::csv) {
      faults.error(DiagnosticCode::key_does_not_apply, columns->span(), "`columns` are for the format `csv`");
    }
  }
  const auto path = file ? read_word(faults, *file, "`file`") : std::nullopt;
  if (path && choice != unread) {
    inventory.file = *path;
    inventory.format = static_cast<InventoryFormat>(choice);
    inventories.push_back(std::move(inventory));
  }
}

}  // namespace

std::string_view inventory_format_name(InventoryFormat format) {
  return inventory_formats[static_cast<std::size_t>(format)];
}

TopologyFile read_topology(const Tree& tree, DiagnosticSink& sink) {
  static constexpr std::array keys = {"segproof"sv, "name"sv,  "description"sv, "include"sv,    "zones"sv,
                                      "segments"sv, "hosts"sv, "devices"sv,     "inventories"sv};
  Faults faults(sink);
  TopologyFile topology;
  const auto section = Section::open(faults, tree.root(), "a topology", keys);
  if (!section) {
    return topology;
  }
  check_file_kind(*section, "topology/1");
  if (const std::optional<View> name = section->require("name")) {
    topology.name = read_word(faults, *name, "`name`").value_or(Word{}).text;
  }
  static_cast<void>(text_at(*section, "description"));
  topology.includes = words_at(*section, "include");
  if (const std::optional<View> zones = section->get("zones")) {
    read_zones(faults, *zones, std::nullopt, topology.zones);
  }
  if (const std::optional<View> segments = section->get("segments")) {
    read_segments(faults, *segments, topology.segments);
  }
  if (const std::optional<View> hosts = section->get("hosts")) {
    read_nodes(faults, *hosts, model::NodeKind::host, topology.nodes);
  }
  if (const std::optional<View> devices = section->get("devices")) {
    read_nodes(faults, *devices, model::NodeKind::device, topology.nodes);
  }
  if (const std::optional<View> inventories = section->get("inventories")) {
    for_each_item(*inventories, [&](const View& item) { read_inventory(faults, item, topology.inventories); });
  }
  return topology;
}

}  // namespace segproof::input::yaml
