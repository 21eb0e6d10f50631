// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_found_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "input/cisco/dialect.h"
#include "input/cisco/route_table.h"
#include "input/ipset/reader.h"
#include "input/iptables/reader.h"
#include "input/nft/reader.h"

namespace segproof::input {
namespace {

// The epoch of a run without a policy.
constexpr std::string_view only_epoch = "now";

std::optional<yaml::RuleFormat> format_of(CiscoDialect dialect) {
  switch (dialect) {
    case CiscoDialect::asa:
      return yaml::RuleFormat::cisco_asa;
    case CiscoDialect::ios:
      return yaml::RuleFormat::cisco_ios;
    case CiscoDialect::nxos:
      return yaml::RuleFormat::cisco_nxos;
  }
  return std::nullopt;
}

bool is_whole_configuration(yaml::RuleFormat format) {
  return find_cisco_dialect(yaml::rule_format_name(format)).has_value();
}

// Before the first dot.
std::string stem_of(std::string_view path) {
  const std::string_view name = file_name(path);
  return std::string(name.substr(0, name.find('.')));
}

// What `hostname` says; empty when no line does.
std::string host_name_of(std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> words =
        line.starts_with(' ') ? std::vector<std::string_view>() : split_words(line);
    if (words.size() == 2 && (words[0] == "hostname" || words[0] == "switchname")) {
      std::string name(words[1]);
      std::erase(name, '"');
      return name;
    }
  }
  return {};
}

class FoundDevices {
 public:
  FoundDevices(Written& written, Assembly& assembly) : written_(written), assembly_(assembly) {
    for (const yaml::PolicyFile& policy : written_.policies) {
      for (const yaml::WrittenRules& rules : policy.rules) {
        ruled_.insert(rules.node.text);
        for (const yaml::RuleFile& file : rules.files) {
          named_.insert(assembly_.files->path_from(file.file));
        }
      }
    }
    const std::string epoch = written_.policies.empty() ? std::string(only_epoch) : written_.policies.front().epoch;
    for (const yaml::TopologyFile& topology : written_.topologies) {
      for (const yaml::WrittenNode& node : topology.nodes) {
        const bool is_now = node.epochs.empty() || std::ranges::find(node.epochs, epoch) != node.epochs.end();
        (is_now ? known_ : elsewhen_).insert(node.name.text);
      }
    }
  }

  void take() {
    const bool has_topology = !written_.topologies.empty();
    for (const FoundFile& file : written_.found) {
      look_at(file);
    }
    for (const auto& [stem, file] : configurations_) {
      take(file.first, file.second, stem);
    }
    if (!has_topology) {
      take_named();
    }
  }

 private:
  void look_at(const FoundFile& found) {
    const SourceStore& sources = assembly_.files->sources();
    const std::string path(sources.path(found.file));
    const std::string_view text = sources.text(found.file);
    if (found.is_native || found.where == FoundIn::claims || named_.contains(path) || looks_like_iptables_save(text) ||
        looks_like_ipset_save(text) || looks_like_nft(text) || looks_like_nft_json(text)) {
      return;
    }
    const std::string stem = stem_of(path);
    if (looks_like_cisco_routes(text)) {
      tables_.emplace(stem, found.file);
    } else if (const auto dialect = recognise_cisco(text)) {
      configurations_.push_back({stem, {found.file, *dialect}});
    }
  }

  // Without a topology or a policy, an empty one stands for it.
  yaml::TopologyFile& topology() {
    if (written_.topologies.empty()) {
      written_.topologies.emplace_back();
    }
    return written_.topologies.front();
  }
  yaml::PolicyFile& policy() {
    if (written_.policies.empty()) {
      written_.policies.emplace_back().epoch = std::string(only_epoch);
      written_.policy_paths.emplace_back();
    }
    return written_.policies.front();
  }

  void add_device(const yaml::Word& name) {
    yaml::WrittenNode node;
    node.name = name;
    node.kind = model::NodeKind::device;
    node.interfaces_named = true;
    node.forwarding = model::Forwarding::on;
    topology().nodes.push_back(std::move(node));
    known_.insert(name.text);
  }

  void take(FileId file, CiscoDialect dialect, const std::string& stem) {
    const SourceStore& sources = assembly_.files->sources();
    const SourceSpan whole{.file = file};
    std::string name = stem;
    if (!known_.contains(stem)) {
      const std::string host_name = host_name_of(sources.text(file));
      name = host_name.empty() ? stem : host_name;
    }
    if (ruled_.contains(name) || (elsewhen_.contains(name) && !known_.contains(name))) {
      return;  // the policy says what counts, or there is no such device now: the file is one that nobody recognises
    }
    const auto [other, is_first] = taken_.emplace(name, whole);
    if (!is_first) {
      assembly_.faults.error(
          DiagnosticCode::contradiction, whole, fmt::format("a second configuration of {}", quote(name)),
          "move one away, or let its name begin with a dot", {{.span = other->second, .message = "the first one"}});
      return;
    }
    const bool is_new = !known_.contains(name);
    if (is_new) {
      add_device({.text = name, .span = whole});
    }
    yaml::WrittenRules rules;
    rules.node = {.text = name, .span = whole};
    rules.origin = whole;
    add_file(file, *format_of(dialect), rules);
    const auto table = tables_.contains(stem) ? tables_.find(stem) : tables_.find(name);
    if (table != tables_.end()) {
      add_file(table->second, yaml::RuleFormat::cisco_routes, rules);
    }
    policy().rules.push_back(std::move(rules));
    assembly_.files->sink().add(
        {.code = is_new ? DiagnosticCode::device_found : DiagnosticCode::rule_set_found,
         .severity = Severity::note,
         .span = whole,
         .message = fmt::format("taken for the {} of {}{}", is_new ? "configuration" : "rules", quote(name),
                                table == tables_.end() ? "" : ", with its table of routes"),
         .hint = is_new ? "name the device in a topology, and the file under `rules` of a policy, to be sure"
                        : "name the file under `rules` of the policy to be sure"});
  }

  void add_file(FileId file, yaml::RuleFormat format, yaml::WrittenRules& rules) const {
    const std::string path(assembly_.files->sources().path(file));
    rules.files.push_back(
        {.format = format, .file = {.text = std::string(file_name(path)), .span = SourceSpan{.file = file}}});
  }

  // There is no topology: who has a whole configuration is a device.
  void take_named() {
    std::vector<yaml::Word> names;
    for (const yaml::PolicyFile& policy : written_.policies) {
      for (const yaml::WrittenRules& rules : policy.rules) {
        const bool is_whole = std::ranges::any_of(
            rules.files, [](const yaml::RuleFile& file) { return is_whole_configuration(file.format); });
        if (is_whole && !known_.contains(rules.node.text)) {
          names.push_back(rules.node);
          known_.insert(rules.node.text);
        }
      }
    }
    for (const yaml::Word& name : names) {
      add_device(name);
    }
  }

  Written& written_;
  Assembly& assembly_;
  std::set<std::string> ruled_;              // nodes whose rules a policy names
  std::map<std::string, SourceSpan> taken_;  // nodes whose configuration was found
  std::set<std::string> named_;              // paths that policies name
  std::set<std::string> known_;              // nodes of the topology
  std::set<std::string> elsewhen_;           // nodes of other epochs
  std::map<std::string, FileId> tables_;     // by the beginning of the file's name
  std::vector<std::pair<std::string, std::pair<FileId, CiscoDialect>>> configurations_;
};

}  // namespace

void take_found_devices(Written& written, Assembly& assembly) {
  FoundDevices(written, assembly).take();
}

}  // namespace segproof::input
