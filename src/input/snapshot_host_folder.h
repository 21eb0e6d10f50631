// SPDX-License-Identifier: Apache-2.0
// One folder with what the collecting commands printed on a Linux host (docs/collecting-a-linux-host.md). The files are
// told apart by their content; what contradicts the YAML is an error, what is beyond the model becomes a gap.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/source.h"
#include "input/host_addresses/host_facts.h"
#include "input/iptables/program.h"
#include "input/snapshot_files.h"
#include "input/yaml/section.h"
#include "model/network.h"

namespace segproof::input {

enum class HostRuleKind : std::uint8_t { iptables, nft, nft_json, sets };
struct HostRuleFile {
  FileId file;
  HostRuleKind kind = HostRuleKind::iptables;
  Family family = Family::ipv4;                            // of iptables
  iptables::Program program = iptables::Program::unknown;  // of iptables
  bool is_partial = false;  // it says that other tables were there, of the other back end
};

struct HostFolder {
  yaml::Word named;           // the path as the topology gives it
  std::vector<FileId> files;  // all that were read
  std::optional<FileId> address_file;
  std::vector<HostInterface> interfaces;
  std::vector<std::pair<HostRoute, FileId>> routes;  // each once
  model::PerFamily<std::optional<FileId>> rule_file;
  model::PerFamily<std::vector<HostRouteRule>> route_rules;
  // Why the routes of a family are not used although there are some.
  model::PerFamily<std::string> routes_fault;
  std::optional<FileId> settings_file;
  HostSettings settings;
  std::vector<HostRuleFile> rule_files;  // in the order of their names
  std::vector<model::Gap> gaps;

  [[nodiscard]] bool has_routes(Family family) const;
  // "net.ipv4.ip_forward" as a number; nothing when it was not collected.
  [[nodiscard]] std::optional<unsigned> setting(std::string_view name) const;
  [[nodiscard]] SourceSpan setting_span(std::string_view name) const;
};

// The name of an interface in the name of a setting: sysctl writes a dot as a slash.
[[nodiscard]] std::string setting_name(std::string_view interface);

// Reads every file of the folder. Faults are reported; a folder that cannot be read is an error.
[[nodiscard]] HostFolder read_host_folder(const yaml::Word& named, InputFiles& files,
                                          std::set<std::string>& named_paths);

}  // namespace segproof::input
