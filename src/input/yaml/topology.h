// SPDX-License-Identifier: Apache-2.0
// A topology file as written (docs/files.md): names are not resolved, epochs are not yet looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "input/yaml/network_words.h"
#include "input/yaml/routing.h"
#include "model/network.h"

namespace segproof::input::yaml {

struct WrittenZone {
  Word name;
  std::optional<std::size_t> parent;  // index into the file's zones, smaller than its own
  std::vector<PlacedPrefix> prefixes;
  std::vector<Word> segments;
  std::vector<Word> hosts;
  std::vector<Word> tags;
  std::vector<Word> interfaces;  // "NODE:INTERFACE"
  bool external = false;
  bool internet = false;
  bool external_falls = false;
  std::vector<std::string> epochs;  // empty: all, also below
};

struct WrittenSegment {
  Word name;
  std::vector<PlacedPrefix> prefixes;
  std::optional<Word> zone;
  bool complete = false;
  std::string vrf = "main";
  std::vector<std::string> epochs;
};

struct WrittenInterface {
  Word name;
  std::vector<PlacedInterfaceAddress> addresses;
  std::optional<Word> segment;  // "none": wired to nothing
  bool up = true;
  std::vector<std::string> epochs;
};

struct WrittenNode {
  Word name;
  model::NodeKind kind = model::NodeKind::host;
  std::vector<PlacedAddress> addresses;  // of hosts without `interfaces`
  std::optional<Word> segment;           // of `addresses`
  std::vector<WrittenInterface> interfaces;
  bool interfaces_named = false;  // `interfaces` was given
  std::vector<model::Service> services;
  bool services_known = false;
  std::vector<std::string> tags;
  std::vector<std::string> labels;
  model::Forwarding forwarding = model::Forwarding::unknown;
  model::PerFamily<std::optional<SourceSpan>> off;  // where the family is switched off
  std::optional<WrittenRouting> routing;
  std::optional<Word> host_folder;             // what was collected on the host itself
  std::optional<SourceSpan> forwarding_given;  // where `forwarding` stands
  std::optional<Word> twin;
  std::vector<std::string> epochs;
};

enum class InventoryFormat : std::uint8_t { ansible_ini, ansible_yaml, csv, nmap_xml };
[[nodiscard]] std::string_view inventory_format_name(InventoryFormat format);

struct WrittenInventory {
  Word file;
  InventoryFormat format = InventoryFormat::csv;
  std::optional<Word> segment;
  std::string vrf;
  std::vector<std::pair<std::string, Word>> columns;  // what a column holds, and its name
  std::vector<std::string> epochs;
};

struct TopologyFile {
  std::string name;
  std::vector<Word> includes;
  std::vector<WrittenZone> zones;
  std::vector<WrittenSegment> segments;
  std::vector<WrittenNode> nodes;
  std::vector<WrittenInventory> inventories;
};

// Precondition: the root is a map (read_file_kind says `topology`).
[[nodiscard]] TopologyFile read_topology(const Tree& tree, DiagnosticSink& sink);

}  // namespace segproof::input::yaml
