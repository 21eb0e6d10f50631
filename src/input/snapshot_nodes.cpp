// SPDX-License-Identifier: Apache-2.0
// Hosts and devices of the topology: their interfaces, and the segments that these are on.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "input/snapshot_assembly.h"

namespace segproof::input {
namespace {

using yaml::Word;

std::optional<model::SegmentId> only_internet(const model::Network& network) {
  std::optional<model::SegmentId> internet;
  for (std::size_t i = 0; i < network.segments.size(); ++i) {
    if (network.segments[i].internet) {
      if (internet) {
        return std::nullopt;
      }
      internet = model::SegmentId(i);
    }
  }
  return internet;
}

bool is_link_local(const Address& address) {
  return address.family == Family::ipv6 && (address.bits >> 118U) == 0x3faU;
}

// Where a bare address is. `wanted` is the segment that the file names, if it does.
struct Located {
  model::SegmentId segment;  // invalid: none, or several
  bool several = false;
  Prefix prefix;
};

Located locate(const Assembly& assembly, const Address& address, model::SegmentId wanted) {
  const Prefix alone{.address = address, .length = address_width(address.family)};
  const std::string_view vrf = wanted.valid() ? std::string_view(assembly.segment_vrfs[wanted.index()]) : "";
  const std::vector<SegmentTable::Place> places = assembly.segments.find(address, vrf);
  if (wanted.valid()) {
    const bool found = places.size() == 1 && places.front().segment == wanted;
    return {.segment = wanted, .several = false, .prefix = found ? places.front().prefix : alone};
  }
  if (places.size() == 1) {
    return {.segment = places.front().segment, .several = false, .prefix = places.front().prefix};
  }
  if (places.size() > 1) {
    return {.segment = {}, .several = true, .prefix = alone};
  }
  if (const auto internet = only_internet(assembly.network); internet && is_public(address)) {
    return {.segment = *internet, .several = false, .prefix = alone};
  }
  return {.segment = {}, .several = false, .prefix = alone};
}

void report_unlocated(Assembly& assembly, const Located& located, const Address& address, const SourceSpan& span) {
  assembly.faults.error(
      DiagnosticCode::segment_not_found, span,
      fmt::format("address `{}` is on {}", to_string(address),
                  located.several ? "segments of several VRFs" : "no segment"),
      located.several ? "name the `segment`" : "add a segment with its prefix, or name the `segment`");
}

// One interface for each segment that the addresses are on, named after it.
void add_unnamed_interfaces(const yaml::WrittenNode& written, model::NodeId id, Assembly& assembly) {
  const model::SegmentId wanted = written.segment ? assembly.segment_of(*written.segment) : model::SegmentId();
  if (written.segment && !wanted.valid()) {
    return;
  }
  std::map<model::SegmentId, model::InterfaceId> made;
  const auto interface_on = [&](model::SegmentId segment, const SourceSpan& origin) {
    const auto [entry, added] = made.emplace(segment, model::InterfaceId());
    if (added) {
      model::Interface interface;
      interface.name = assembly.network.segment(segment).name;
      interface.node = id;
      interface.segment = segment;
      interface.origin = origin;
      entry->second = assembly.add_interface(std::move(interface));
    }
    return entry->second;
  };
  if (wanted.valid() && written.addresses.empty()) {
    static_cast<void>(interface_on(wanted, written.segment->span));
  }
  for (const yaml::PlacedAddress& placed : written.addresses) {
    const Located located = locate(assembly, placed.address, wanted);
    if (!located.segment.valid()) {
      report_unlocated(assembly, located, placed.address, placed.span);
      continue;
    }
    const model::InterfaceId interface = interface_on(located.segment, placed.span);
    if (assembly.own_address(interface, placed.address, placed.span)) {
      assembly.network.interfaces[interface.index()].addresses.push_back(
          {.address = placed.address, .prefix = located.prefix});
    }
  }
}

// The segment that all addresses of an interface are on; faults are reported.
model::SegmentId derive_segment(const yaml::WrittenInterface& written, Assembly& assembly) {
  model::SegmentId segment;
  for (const yaml::PlacedInterfaceAddress& placed : written.addresses) {
    const Address& address = placed.address.address;
    if (is_link_local(address)) {
      continue;
    }
    const Located located = locate(assembly, address, {});
    if (!located.segment.valid()) {
      report_unlocated(assembly, located, address, placed.span);
    } else if (segment.valid() && segment != located.segment) {
      assembly.faults.error(DiagnosticCode::contradiction, placed.span,
                            fmt::format("address `{}` is on segment {}, another address of the interface on {}",
                                        to_string(address), quote(assembly.network.segment(located.segment).name),
                                        quote(assembly.network.segment(segment).name)),
                            "name the `segment` of the interface");
    } else {
      segment = located.segment;
    }
  }
  return segment;
}

// The prefix of an interface that the topology puts on a segment is one of the segment, unless that has the address.
void extend_segment(model::SegmentId id, const yaml::PlacedInterfaceAddress& placed, Assembly& assembly) {
  model::Segment& segment = assembly.network.segments[id.index()];
  const Prefix& prefix = placed.address.prefix;
  if (is_link_local(placed.address.address) || prefix.length == 0) {
    return;
  }
  const bool has_family =
      std::ranges::any_of(segment.prefixes, [&](const Prefix& p) { return p.address.family == prefix.address.family; });
  const bool has_address =
      std::ranges::any_of(segment.prefixes, [&](const Prefix& p) { return p.contains(placed.address.address); });
  if (has_address || (has_family && segment.external)) {
    return;
  }
  if (has_family) {
    assembly.faults.error(DiagnosticCode::contradiction, placed.span,
                          fmt::format("address `{}` is outside of the prefixes of segment {}",
                                      to_string(placed.address.address), quote(segment.name)),
                          {}, {{.span = segment.origin, .message = "the segment stands here"}});
    return;
  }
  const model::SegmentId other = assembly.segments.add(prefix, assembly.segment_vrfs[id.index()], id);
  if (other.valid() && other != id) {
    assembly.faults.error(DiagnosticCode::segments_overlap, placed.span,
                          fmt::format("prefix `{}` of an interface on segment {} is segment {}'s", to_string(prefix),
                                      quote(segment.name), quote(assembly.network.segment(other).name)));
  } else if (!other.valid()) {
    segment.prefixes.push_back(prefix);
  }
}

void extend_segment(const yaml::WrittenInterface& written, Assembly& assembly) {
  const auto found = written.segment ? assembly.segment_ids.find(written.segment->text) : assembly.segment_ids.end();
  if (found != assembly.segment_ids.end()) {
    for (const yaml::PlacedInterfaceAddress& placed : written.addresses) {
      extend_segment(found->second, placed, assembly);
    }
  }
}

void add_interface(const yaml::WrittenInterface& written, model::NodeId node, Assembly& assembly) {
  model::Interface interface;
  interface.name = written.name.text;
  interface.node = node;
  interface.is_up = written.up;
  interface.origin = written.name.span;
  if (!written.segment) {
    interface.segment = derive_segment(written, assembly);
    if (!interface.segment.valid() && written.up && written.addresses.empty()) {
      assembly.faults.warning(
          DiagnosticCode::interface_unwired, written.name.span,
          fmt::format("interface {} of {} is wired to nothing", quote(interface.name), quote(assembly.node(node).name)),
          "name its `segment`, or `segment: none`, or say `up: false`");
    }
  } else if (written.segment->text != "none") {
    interface.segment = assembly.segment_of(*written.segment);
  }
  const model::InterfaceId id = assembly.add_interface(std::move(interface));
  for (const yaml::PlacedInterfaceAddress& placed : written.addresses) {
    if (assembly.own_address(id, placed.address.address, placed.span)) {
      assembly.network.interfaces[id.index()].addresses.push_back(placed.address);
    }
  }
}

model::Node node_from(const yaml::WrittenNode& written) {
  model::Node node;
  node.name = written.name.text;
  node.kind = written.kind;
  node.origin = written.name.span;
  node.services = written.services;
  node.services_known = written.services_known;
  node.tags = written.tags;
  node.labels = written.labels;
  if (written.twin) {
    node.twin = written.twin->text;
  }
  const model::Known rules = written.kind == model::NodeKind::host ? model::Known::given : model::Known::missing;
  for (const std::size_t family : {0U, 1U}) {
    const bool off = written.off[family].has_value();
    node.filter[family] = off ? model::Known::off : rules;
    node.routes[family] = off ? model::Known::off : model::Known::missing;
    node.forwarding[family] = off ? model::Forwarding::off : written.forwarding;
  }
  return node;
}

void check_families(const yaml::WrittenNode& written, Assembly& assembly) {
  const auto check = [&](const Address& address, const SourceSpan& span) {
    if (const auto& off = written.off[model::index_of(address.family)]) {
      assembly.faults.error(
          DiagnosticCode::family_switched_off, span,
          fmt::format("{} has the {} address `{}`, and the family is switched off", quote(written.name.text),
                      yaml::family_text(address.family), to_string(address)),
          {}, {{.span = *off, .message = "it is switched off here"}});
    }
  };
  for (const yaml::PlacedAddress& placed : written.addresses) {
    check(placed.address, placed.span);
  }
  for (const yaml::WrittenInterface& interface : written.interfaces) {
    for (const yaml::PlacedInterfaceAddress& placed : interface.addresses) {
      check(placed.address.address, placed.span);
    }
  }
}

bool is_name_free(const yaml::WrittenNode& written, Assembly& assembly) {
  if (const auto found = assembly.node_ids.find(written.name.text); found != assembly.node_ids.end()) {
    assembly.faults.error(DiagnosticCode::duplicate_name, written.name.span,
                          fmt::format("{} is defined twice", quote(written.name.text)), {},
                          {{.span = assembly.node(found->second).origin, .message = "it is defined here as well"}});
    return false;
  }
  if (const auto found = assembly.zone_ids.find(written.name.text); found != assembly.zone_ids.end()) {
    assembly.faults.error(
        DiagnosticCode::duplicate_name, written.name.span,
        fmt::format("{} is the name of a zone, too: claims could mean either", quote(written.name.text)), {},
        {{.span = assembly.network.zone(found->second).origin, .message = "the zone stands here"}});
  }
  return true;
}

}  // namespace

bool is_on_one_segment(const Assembly& assembly, const Address& address) {
  return locate(assembly, address, {}).segment.valid();
}

void assemble_nodes(const Written& written, Assembly& assembly) {
  std::vector<std::pair<model::NodeId, const yaml::WrittenNode*>> added;
  for (const yaml::TopologyFile& topology : written.topologies) {
    for (const yaml::WrittenNode& node : topology.nodes) {
      if (!assembly.is_now(node.epochs)) {
        assembly.other_epochs.insert(node.name.text);
      } else if (is_name_free(node, assembly)) {
        added.emplace_back(assembly.add_node(node_from(node), node.interfaces_named, &node), &node);
      }
    }
  }
  // Interfaces that name their segment may give it the prefix by which others find it.
  for (const auto& [id, node] : added) {
    for (const yaml::WrittenInterface& interface : node->interfaces) {
      if (assembly.is_now(interface.epochs)) {
        extend_segment(interface, assembly);
      }
    }
  }
  for (const auto& [id, node] : added) {
    for (const yaml::WrittenInterface& interface : node->interfaces) {
      if (assembly.is_now(interface.epochs)) {
        add_interface(interface, id, assembly);
      }
    }
  }
  for (const auto& [id, node] : added) {
    check_families(*node, assembly);
    if (!node->interfaces_named) {
      add_unnamed_interfaces(*node, id, assembly);
    }
    if (node->twin) {
      static_cast<void>(assembly.node_of(*node->twin));
    }
  }
}

void assemble_zone_members(const Written& written, Assembly& assembly) {
  for (const yaml::TopologyFile& topology : written.topologies) {
    for (const yaml::WrittenZone& zone : topology.zones) {
      const auto found = assembly.zone_ids.find(zone.name.text);
      if (found == assembly.zone_ids.end() || assembly.network.zone(found->second).origin != zone.name.span) {
        continue;
      }
      model::Zone& target = assembly.network.zones[found->second.index()];
      const auto is_elsewhen = [&](const std::string& name) {
        return !assembly.node_ids.contains(name) && assembly.is_of_other_epoch(name);
      };
      for (const Word& host : zone.hosts) {
        if (is_elsewhen(host.text)) {
          continue;
        }
        if (const model::NodeId node = assembly.node_of(host); node.valid()) {
          target.nodes.push_back(node);
        }
      }
      for (const Word& word : zone.interfaces) {
        const std::size_t colon = word.text.find(':');
        const Word node_word{.text = word.text.substr(0, colon), .span = word.span};
        if (colon == std::string::npos) {
          assembly.faults.error(DiagnosticCode::bad_value, word.span,
                                fmt::format("an interface is written `NODE:INTERFACE`, not {}", quote(word.text)));
          continue;
        }
        if (is_elsewhen(node_word.text)) {
          continue;
        }
        const model::NodeId node = assembly.node_of(node_word);
        const std::string name = word.text.substr(colon + 1);
        const model::InterfaceId interface =
            node.valid() ? assembly.network.find_interface(node, name) : model::InterfaceId();
        if (interface.valid()) {
          target.interfaces.push_back(interface);
        } else if (node.valid() && !assembly.is_interface_of_other_epoch(node, name)) {
          std::vector<std::string> names;
          for (const model::InterfaceId own : assembly.node(node).interfaces) {
            names.push_back(assembly.network.interface(own).name);
          }
          assembly.faults.error(DiagnosticCode::unknown_reference, word.span,
                                fmt::format("{} has no interface {}", quote(node_word.text), quote(name)),
                                did_you_mean_hint(name, names));
        }
      }
    }
  }
}

}  // namespace segproof::input
