// SPDX-License-Identifier: Apache-2.0
// Hosts of inventories, merged with those of the topology and with each other: by name, or by address within one
// segment or VRF. Where two files disagree, the wider reading counts, and the user is told.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/text_guard.h"
#include "input/inventory/inventory.h"
#include "input/snapshot_assembly.h"
#include "packet/packet.h"

namespace segproof::input {
namespace {

CsvColumns csv_columns(const yaml::WrittenInventory& written) {
  CsvColumns columns;
  for (const auto& [what, name] : written.columns) {
    if (what == "delimiter") {
      columns.delimiter = name.text.front();
      continue;
    }
    std::string& column = what == "name"        ? columns.name
                          : what == "address"   ? columns.address
                          : what == "interface" ? columns.interface
                          : what == "zone"      ? columns.zone
                          : what == "segment"   ? columns.segment
                          : what == "vrf"       ? columns.vrf
                          : what == "services"  ? columns.services
                          : what == "tags"      ? columns.tags
                          : what == "labels"    ? columns.labels
                                                : columns.groups;
    column = name.text;
  }
  return columns;
}

Inventory read_inventory(FileId file, const yaml::WrittenInventory& written, InputFiles& files) {
  switch (written.format) {
    case yaml::InventoryFormat::ansible_ini:
      return *files.once<Inventory>(
          file, "ansible-ini", [&](DiagnosticSink& sink) { return read_ansible_ini(file, files.sources(), sink); });
    case yaml::InventoryFormat::ansible_yaml:
      return *files.once<Inventory>(
          file, "ansible-yaml", [&](DiagnosticSink& sink) { return read_ansible_yaml(file, files.sources(), sink); });
    case yaml::InventoryFormat::csv:
      return read_csv(file, files.sources(), csv_columns(written), files.sink());
    case yaml::InventoryFormat::nmap_xml:
      return *files.once<Inventory>(file, "nmap-xml",
                                    [&](DiagnosticSink& sink) { return read_nmap_xml(file, files.sources(), sink); });
  }
  SEGPROOF_UNREACHABLE();
}

void unite(std::vector<std::string>& into, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (std::ranges::find(into, word) == into.end()) {
      into.push_back(word);
    }
  }
}

// Merges the hosts of one inventory.
class Merger {
 public:
  Merger(Assembly& assembly, const yaml::WrittenInventory& written) : assembly_(assembly), written_(written) {
    if (written.segment) {
      segment_ = assembly.segment_of(*written.segment);
    }
  }

  void merge(const ListedHost& host) {
    const model::SegmentId segment = segment_for(host);
    const std::string_view vrf = host.vrf.empty() ? std::string_view(written_.vrf) : std::string_view(host.vrf);
    const model::NodeId id = node_for(host, segment, vrf);
    add_addresses(host, id, segment, vrf);
    model::Node& node = assembly_.node(id);
    unite(node.tags, host.tags);
    unite(node.tags, host.groups);
    unite(node.labels, host.labels);
    merge_services(host, node);
    if (!host.zone.empty()) {
      add_to_zone(host, id);
    }
  }

 private:
  void contradiction(const SourceSpan& span, std::string message, std::string hint = {}) {
    assembly_.faults.warning(DiagnosticCode::inventory_contradiction, span, std::move(message), std::move(hint));
  }

  model::SegmentId segment_for(const ListedHost& host) {
    if (host.segment.empty()) {
      return segment_;
    }
    const auto found = assembly_.segment_ids.find(host.segment);
    if (found == assembly_.segment_ids.end()) {
      contradiction(host.origin, fmt::format("host {} is on segment {}, which the topology does not have",
                                             quote(host.name), quote(host.segment)));
      return {};
    }
    return found->second;
  }

  // The node that has one of the host's addresses already.
  std::optional<model::NodeId> owner_of(const ListedHost& host, model::SegmentId segment, std::string_view vrf) {
    for (const ListedAddress& listed : host.addresses) {
      const std::string_view where = segment.valid() ? assembly_.segment_vrfs[segment.index()] : vrf;
      for (const SegmentTable::Place& place : assembly_.segments.find(listed.address, where)) {
        const auto found =
            assembly_.owners.find(std::pair(assembly_.segment_vrfs[place.segment.index()], listed.address));
        if (found != assembly_.owners.end()) {
          return assembly_.network.interface(found->second).node;
        }
      }
    }
    return std::nullopt;
  }

  model::NodeId node_for(const ListedHost& host, model::SegmentId segment, std::string_view vrf) {
    std::optional<model::NodeId> named;
    if (const auto found = assembly_.node_ids.find(host.name); found != assembly_.node_ids.end()) {
      named = found->second;
    }
    const std::optional<model::NodeId> owner = owner_of(host, segment, vrf);
    if (named && owner && *named != *owner) {
      contradiction(host.origin,
                    fmt::format("host {} has an address of {}", quote(host.name), quote(assembly_.node(*owner).name)),
                    "both keep what they have; an address belongs to one host");
    }
    if (named) {
      return *named;
    }
    if (owner) {
      assembly_.node_ids.emplace(host.name, *owner);
      assembly_.node(*owner).also_called.push_back(host.name);
      return *owner;
    }
    for (const std::string& alias : host.aliases) {
      if (const auto found = assembly_.node_ids.find(alias); found != assembly_.node_ids.end()) {
        return found->second;
      }
    }
    model::Node node;
    node.name = host.name;
    node.origin = host.origin;
    node.routes = {model::Known::missing, model::Known::missing};
    return assembly_.add_node(std::move(node), true, nullptr);
  }

  void add_addresses(const ListedHost& host, model::NodeId id, model::SegmentId segment, std::string_view vrf) {
    const bool had_addresses = std::ranges::any_of(assembly_.node(id).interfaces, [&](model::InterfaceId i) {
      return !assembly_.network.interface(i).addresses.empty();
    });
    bool common = host.addresses.empty() || !had_addresses;
    for (const ListedAddress& listed : host.addresses) {
      common |= has_address(id, listed.address);
    }
    if (!common) {
      contradiction(host.addresses.front().origin,
                    fmt::format("host {} has address `{}` here, and others elsewhere: it counts with all of them",
                                quote(host.name), to_string(host.addresses.front().address)));
    }
    for (const ListedAddress& listed : host.addresses) {
      if (!has_address(id, listed.address)) {
        add_address(listed, id, segment, vrf);
      }
    }
    if (assembly_.node(id).interfaces.empty()) {
      add_unwired(host.origin, id, fmt::format("host {} has no address", quote(host.name)));
    }
  }

  bool has_address(model::NodeId id, const Address& address) {
    return std::ranges::any_of(assembly_.node(id).interfaces, [&](model::InterfaceId interface) {
      return std::ranges::any_of(assembly_.network.interface(interface).addresses,
                                 [&](const InterfaceAddress& own) { return own.address == address; });
    });
  }

  // A host that is nowhere may be anywhere.
  model::InterfaceId add_unwired(const SourceSpan& span, model::NodeId id, std::string message) {
    assembly_.faults.warning(DiagnosticCode::address_without_segment, span, std::move(message),
                             "it may be anywhere: add a segment with its prefix, or name the `segment`");
    model::Interface interface;
    interface.name = fmt::format("unwired{}", assembly_.node(id).interfaces.size());
    interface.node = id;
    interface.origin = span;
    return assembly_.add_interface(std::move(interface));
  }

  void add_address(const ListedAddress& listed, model::NodeId id, model::SegmentId segment, std::string_view vrf) {
    const std::vector<SegmentTable::Place> places = assembly_.segments.find(
        listed.address, segment.valid() ? std::string_view(assembly_.segment_vrfs[segment.index()]) : vrf);
    Prefix prefix{.address = listed.address, .length = address_width(listed.address.family)};
    if (!segment.valid() && places.size() == 1) {
      segment = places.front().segment;
    }
    if (!segment.valid() && places.empty() && is_public(listed.address)) {
      segment = internet();
    }
    if (places.size() == 1 && places.front().segment == segment) {
      prefix = places.front().prefix;
    }
    if (!segment.valid()) {
      const model::InterfaceId interface =
          add_unwired(listed.origin, id,
                      fmt::format("address `{}` of {} is on {}", to_string(listed.address),
                                  quote(assembly_.node(id).name), places.empty() ? "no segment" : "several VRFs"));
      assembly_.network.interfaces[interface.index()].addresses.push_back({listed.address, prefix});
      return;
    }
    const auto taken = assembly_.owners.find(std::pair(assembly_.segment_vrfs[segment.index()], listed.address));
    if (taken != assembly_.owners.end()) {
      // Reported as a contradiction. Which of the two is there is not known, nor where the other one is.
      const model::Node& other = assembly_.node(assembly_.network.interface(taken->second).node);
      static_cast<void>(add_unwired(listed.origin, id,
                                    fmt::format("address `{}` of {} belongs to {}", to_string(listed.address),
                                                quote(assembly_.node(id).name), quote(other.name))));
      return;
    }
    const model::InterfaceId interface = interface_on(segment, listed, id);
    if (assembly_.own_address(interface, listed.address, listed.origin)) {
      assembly_.network.interfaces[interface.index()].addresses.push_back({listed.address, prefix});
    }
  }

  [[nodiscard]] model::SegmentId internet() const {
    model::SegmentId found;
    for (std::size_t i = 0; i < assembly_.network.segments.size(); ++i) {
      if (assembly_.network.segments[i].internet) {
        if (found.valid()) {
          return {};
        }
        found = model::SegmentId(i);
      }
    }
    return found;
  }

  model::InterfaceId interface_on(model::SegmentId segment, const ListedAddress& listed, model::NodeId id) {
    for (const model::InterfaceId own : assembly_.node(id).interfaces) {
      const model::Interface& interface = assembly_.network.interface(own);
      if (interface.segment == segment && (listed.interface.empty() || listed.interface == interface.name)) {
        return own;
      }
    }
    if (listed.interface.empty()) {
      assembly_.interfaces_named[id.index()] = false;
    }
    model::Interface interface;
    interface.name = listed.interface.empty() ? assembly_.network.segment(segment).name : listed.interface;
    interface.node = id;
    interface.segment = segment;
    interface.origin = listed.origin;
    return assembly_.add_interface(std::move(interface));
  }

  void add_to_zone(const ListedHost& host, model::NodeId id) {
    const auto found = assembly_.zone_ids.find(host.zone);
    if (found == assembly_.zone_ids.end()) {
      if (!assembly_.is_of_other_epoch(host.zone)) {
        contradiction(host.origin, fmt::format("host {} is in zone {}, which the topology does not have",
                                               quote(host.name), quote(host.zone)));
      }
      return;
    }
    std::vector<model::NodeId>& nodes = assembly_.network.zones[found->second.index()].nodes;
    if (std::ranges::find(nodes, id) == nodes.end()) {
      nodes.push_back(id);
    }
  }

  static bool covers(const model::Service& known, const ListedService& listed) {
    return known.protocol == listed.protocol && (known.ports.is_empty() || known.ports.contains(listed.ports)) &&
           (known.listening == model::Listening::yes || !listed.certain);
  }

  // Whatever may listen by either of the two listens or may listen.
  void merge_services(const ListedHost& host, model::Node& node) {
    const bool knows = host.services_listed || !host.scanned.empty();
    const bool node_lists_all = node.services_known && node.scanned.empty();
    for (const ListedService& listed : host.services) {
      if (std::ranges::any_of(node.services, [&](const auto& known) { return covers(known, listed); })) {
        continue;
      }
      if (node_lists_all && listed.certain) {
        contradiction(listed.origin, fmt::format("{} listens on {} here, and does not list it elsewhere",
                                                 quote(node.name), service_text(listed)));
      }
      node.services.push_back({.name = listed.name,
                               .protocol = listed.protocol,
                               .ports = listed.ports,
                               .tags = listed.tags,
                               .listening = listed.certain ? model::Listening::yes : model::Listening::maybe,
                               .origin = listed.origin});
    }
    if (!knows || node_lists_all) {
      return;
    }
    node.services_known = true;
    if (host.services_listed) {
      node.scanned.clear();
      return;
    }
    for (const auto& [protocol, ports] : host.scanned) {
      const auto known = std::ranges::find(node.scanned, protocol, [](const auto& entry) { return entry.first; });
      if (known == node.scanned.end()) {
        node.scanned.emplace_back(protocol, ports);
      } else {
        known->second = known->second | ports;
      }
    }
  }

  static std::string service_text(const ListedService& listed) {
    std::string text = protocol_name(listed.protocol);
    if (!listed.ports.is_empty()) {
      text += fmt::format("/{}", static_cast<unsigned>(listed.ports.min()));
    }
    return quote(text);
  }

  Assembly& assembly_;
  const yaml::WrittenInventory& written_;
  model::SegmentId segment_;
};

bool looks_like_nmap(std::string_view text) {
  return text.substr(0, 4096).find("<nmaprun") != std::string_view::npos;
}

}  // namespace

void assemble_inventories(const Written& written, Assembly& assembly) {
  std::vector<yaml::WrittenInventory> inventories;
  for (const yaml::TopologyFile& topology : written.topologies) {
    for (const yaml::WrittenInventory& inventory : topology.inventories) {
      assembly.named_paths.insert(assembly.files->path_from(inventory.file));
      if (assembly.is_now(inventory.epochs)) {
        inventories.push_back(inventory);
      } else if (const Result<FileId> file = assembly.files->read(assembly.files->path_from(inventory.file)); file) {
        assembly.files->take_format(file.value(), yaml::inventory_format_name(inventory.format));
      }
    }
  }
  const auto merge = [&](FileId file, const yaml::WrittenInventory& listing) {
    const Inventory inventory = read_inventory(file, listing, *assembly.files);
    assembly.files->take_format(file, yaml::inventory_format_name(listing.format));
    for (const LineNote& note : inventory.notes) {
      assembly.files->doubt(note);
    }
    Merger merger(assembly, listing);
    for (const ListedHost& host : inventory.hosts) {
      merger.merge(host);
    }
  };
  for (const yaml::WrittenInventory& inventory : inventories) {
    if (const std::optional<FileId> file = assembly.files->read_named(inventory.file)) {
      merge(*file, inventory);
    }
  }
  for (const FoundFile& found : written.found) {
    const SourceStore& sources = assembly.files->sources();
    const std::string path(sources.path(found.file));
    if (!found.is_native && looks_like_nmap(sources.text(found.file)) && assembly.named_paths.insert(path).second) {
      yaml::WrittenInventory listing;
      listing.format = yaml::InventoryFormat::nmap_xml;
      merge(found.file, listing);
    }
  }
  for (std::size_t i = 0; i < assembly.network.nodes.size(); ++i) {
    const model::Node& node = assembly.network.nodes[i];
    const yaml::WrittenNode* topology = assembly.written_nodes[i];
    const bool reported = topology != nullptr && (!topology->addresses.empty() || topology->segment.has_value());
    if (node.kind == model::NodeKind::host && node.interfaces.empty() && !reported) {
      assembly.faults.error(DiagnosticCode::missing_key, node.origin,
                            fmt::format("host {} has no address", quote(node.name)),
                            "give it `address` or `interfaces`, or an inventory that lists it");
    }
  }
}

}  // namespace segproof::input
