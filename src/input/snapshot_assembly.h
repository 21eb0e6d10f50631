// SPDX-License-Identifier: Apache-2.0
// A network while it is put together from what the files say. The steps run in the order in which they are declared;
// each reports what is wrong and leaves the network whole, so that later steps find further faults.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "input/snapshot.h"
#include "input/snapshot_files.h"
#include "input/snapshot_host_folder.h"
#include "input/snapshot_segments.h"
#include "input/snapshot_written.h"
#include "input/yaml/section.h"
#include "model/network.h"

namespace segproof::input {

struct Assembly {
  explicit Assembly(InputFiles& input_files) : files(&input_files), faults(input_files.sink()) {}

  InputFiles* files;
  yaml::Faults faults;
  model::Network network;
  SegmentTable segments;
  std::vector<std::string> segment_vrfs;  // by SegmentId
  std::unordered_map<std::string, model::SegmentId> segment_ids;
  std::unordered_map<std::string, model::ZoneId> zone_ids;
  std::unordered_map<std::string, model::NodeId> node_ids;
  std::vector<bool> interfaces_named;                   // by NodeId: the topology names its interfaces
  std::vector<const yaml::WrittenNode*> written_nodes;  // by NodeId; null: of an inventory
  std::map<std::string, HostFolder> host_folders;       // by node name
  std::map<std::string, NodeFiles> node_files;          // by node name
  std::set<std::string> named_paths;                    // files that a file names, or that were recognised
  bool all_names_known = true;                          // no file is missing whose names are missed, too
  std::set<std::string> other_epochs;                   // names of what exists in other epochs
  std::map<std::pair<std::string, Address>, model::InterfaceId> owners;  // by VRF and address

  [[nodiscard]] model::Node& node(model::NodeId id) { return network.nodes[id.index()]; }
  // Named in other epochs, and in this one only if it is defined twice.
  [[nodiscard]] bool is_of_other_epoch(const std::string& name) const { return other_epochs.contains(name); }
  [[nodiscard]] bool is_interface_of_other_epoch(model::NodeId node, const std::string& name) const;
  [[nodiscard]] bool is_now(const std::vector<std::string>& epochs) const;
  // Invalid when there is none, which is reported at the word, with the nearest known one; not reported when a file
  // could not be read that may well define it: the run has an error then.
  [[nodiscard]] model::SegmentId segment_of(const yaml::Word& word);
  [[nodiscard]] model::ZoneId zone_of(const yaml::Word& word);
  [[nodiscard]] model::NodeId node_of(const yaml::Word& word);

  model::NodeId add_node(model::Node node, bool named, const yaml::WrittenNode* written);
  model::InterfaceId add_interface(model::Interface interface);
  // The address belongs to the interface now; false, and reported, when another one in the VRF has it.
  bool own_address(model::InterfaceId interface, const Address& address, const SourceSpan& span);
  void add_gap(const SourceSpan& span, DiagnosticCode code, std::string why, model::NodeId node);

 private:
  unsigned hints_left_ = 100;  // looking for the nearest of many names is slow
  template <class Id>
  Id reported(const std::unordered_map<std::string, Id>& ids, const yaml::Word& word, std::string_view what);
};

void assemble_segments(const Written& written, Assembly& assembly);
void assemble_zones(const Written& written, Assembly& assembly);  // places, nesting, overlap
// Reads the folders of hosts and adds what they say of interfaces and addresses to what the topology says.
void read_host_folders(Written& written, Assembly& assembly);
// Whether a node without a named segment would be put on one by this address.
[[nodiscard]] bool is_on_one_segment(const Assembly& assembly, const Address& address);
void assemble_nodes(const Written& written, Assembly& assembly);         // interfaces, addresses, services
void assemble_inventories(const Written& written, Assembly& assembly);   // merged with the nodes
void assemble_zone_members(const Written& written, Assembly& assembly);  // hosts and interfaces named by zones
void assemble_routing(const Written& written, Assembly& assembly);
// Routes that were collected on the host itself; only where `elsewhere` holds no others of it.
void assemble_host_routing(const std::map<model::NodeId, SourceSpan>& elsewhere, Assembly& assembly);
void assemble_rules(const Written& written, Assembly& assembly);
void assemble_host_settings(Assembly& assembly);  // forwarding and reverse-path filters, as rules of the node
void assemble_previous(const Written& written, Assembly& assembly);  // rules of the epochs before
void check_assembly(Assembly& assembly);                             // what is missing, twins, lonely segments

}  // namespace segproof::input
