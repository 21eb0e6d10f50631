// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_assembly.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace segproof::input {

bool Assembly::is_now(const std::vector<std::string>& epochs) const {
  return epochs.empty() || std::ranges::find(epochs, network.epoch) != epochs.end();
}

bool Assembly::is_interface_of_other_epoch(model::NodeId node, const std::string& name) const {
  const yaml::WrittenNode* written = written_nodes[node.index()];
  return written != nullptr && std::ranges::any_of(written->interfaces, [&](const yaml::WrittenInterface& interface) {
           return interface.name.text == name && !is_now(interface.epochs);
         });
}

template <class Id>
Id Assembly::reported(const std::unordered_map<std::string, Id>& ids, const yaml::Word& word, std::string_view what) {
  if (const auto found = ids.find(word.text); found != ids.end()) {
    return found->second;
  }
  if (!all_names_known) {
    return {};
  }
  if (is_of_other_epoch(word.text)) {
    faults.error(DiagnosticCode::unknown_reference, word.span,
                 fmt::format("{} {} does not exist in epoch {}", what, quote(word.text), quote(network.epoch)),
                 "add `epochs` here, too");
    return {};
  }
  std::vector<std::string> names;
  if (hints_left_ > 0) {
    --hints_left_;
    for (const auto& [name, id] : ids) {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  faults.error(DiagnosticCode::unknown_reference, word.span, fmt::format("there is no {} {}", what, quote(word.text)),
               did_you_mean_hint(word.text, names));
  return {};
}

model::SegmentId Assembly::segment_of(const yaml::Word& word) {
  return reported(segment_ids, word, "segment");
}
model::ZoneId Assembly::zone_of(const yaml::Word& word) {
  return reported(zone_ids, word, "zone");
}
model::NodeId Assembly::node_of(const yaml::Word& word) {
  return reported(node_ids, word, "host or device");
}

model::NodeId Assembly::add_node(model::Node node, bool named, const yaml::WrittenNode* written) {
  const model::NodeId id(network.nodes.size());
  node_ids.emplace(node.name, id);
  network.nodes.push_back(std::move(node));
  interfaces_named.push_back(named);
  written_nodes.push_back(written);
  return id;
}

model::InterfaceId Assembly::add_interface(model::Interface interface) {
  const model::InterfaceId id(network.interfaces.size());
  node(interface.node).interfaces.push_back(id);
  if (interface.segment.valid()) {
    network.segments[interface.segment.index()].attached.push_back(id);
  }
  network.interfaces.push_back(std::move(interface));
  return id;
}

bool Assembly::own_address(model::InterfaceId interface, const Address& address, const SourceSpan& span) {
  const model::Interface& mine = network.interface(interface);
  if (!mine.segment.valid() || (address.family == Family::ipv6 && (address.bits >> 118U) == 0x3faU)) {
    return true;  // wired to nothing; link-local addresses are of one link only
  }
  const auto [entry, added] = owners.emplace(std::pair(segment_vrfs[mine.segment.index()], address), interface);
  if (added) {
    return true;
  }
  const model::Interface& other = network.interface(entry->second);
  const model::Node& my_node = network.node(mine.node);
  const model::Node& other_node = network.node(other.node);
  if (my_node.twin == other_node.name || other_node.twin == my_node.name) {
    return true;  // the address that the pair shares
  }
  faults.error(DiagnosticCode::duplicate_address, span,
               fmt::format("address `{}` of {} belongs to {} already", to_string(address), quote(my_node.name),
                           quote(other_node.name)),
               "networks that use the same addresses are kept apart by `vrf`",
               {{.span = other.origin, .message = "it has the address here"}});
  return false;
}

void Assembly::add_gap(const SourceSpan& span, DiagnosticCode code, std::string why, model::NodeId node) {
  network.gaps.push_back({.span = span, .code = code, .why = std::move(why), .node = node});
}

}  // namespace segproof::input
