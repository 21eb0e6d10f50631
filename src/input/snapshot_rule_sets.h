// SPDX-License-Identifier: Apache-2.0
// The rule sets of one policy: read from their files, in the formats that it names. The epoch at hand and the epochs
// before it are read alike.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "input/cisco/dialect.h"
#include "input/cisco/route_table.h"
#include "input/ipset/reader.h"
#include "input/nft/reader.h"
#include "input/snapshot_assembly.h"
#include "model/device_configuration.h"

namespace segproof::input {

// What a policy says of one node. Gaps are without a node.
struct NodeRules {
  model::RuleSet rules;
  model::PerFamily<bool> given{false, false};
  model::PerFamily<SourceSpan> named_at;  // where the rules of the family are named
  std::vector<model::Gap> gaps;
  std::optional<SetCollection> sets;                         // named sets, where the policy or the folder gives them
  std::shared_ptr<const model::DeviceConfiguration> device;  // a whole configuration, but for its rules
  std::optional<CiscoRouteTable> table;                      // what the device itself said of its routes
  NftTableNames of_iptables;  // tables of nftables that stand in the output of iptables-nft-save
  bool has_nft = false;       // a ruleset of nftables: it speaks of both families, beside iptables
  bool of_both = false;       // native rules and `none` speak of both families at once
  std::vector<GivenRules> files;
  SourceSpan configuration;  // the first file, line 0, or the native rules
};

class RuleSetReader {
 public:
  explicit RuleSetReader(Assembly& assembly) : assembly_(assembly) {}

  // What `policy` names for a node; faults are reported.
  [[nodiscard]] NodeRules read(const yaml::WrittenRules& written, const yaml::NameTable& names);
  // Files of one node that nothing names: `ipset save`, rule sets whose family their first comment tells, or native
  // rules are read into `rules`. Returns those that were.
  [[nodiscard]] std::vector<FileId> read_found(const std::vector<FoundFile>& found, const yaml::NameTable& names,
                                               NodeRules& rules);

 private:
  void read_named(const yaml::RuleFile& named, FileId file, const yaml::NameTable& names, NodeRules& rules);
  [[nodiscard]] bool read_found_rules(const FoundFile& found, const yaml::NameTable& names, NodeRules& rules);
  bool read_sets(FileId file, const SourceSpan& named_at, NodeRules& rules);
  // Before the configuration that it belongs to.
  void read_route_table(FileId file, const SourceSpan& named_at, NodeRules& rules);
  // Before rules are read: sets that rules of the file change answer nothing from then on, and what iptables-nft put
  // into nftables is not read a second time.
  void look_into_iptables(FileId file, Family family, NodeRules& rules);
  void read_iptables(FileId file, Family family, const SourceSpan& named_at, NodeRules& rules);
  enum class NftSyntax : std::uint8_t { text, json };
  void read_nft_ruleset(FileId file, NftSyntax syntax, const SourceSpan& named_at, NodeRules& rules);
  void read_device(FileId file, CiscoDialect dialect, const SourceSpan& named_at, NodeRules& rules);
  void read_native(FileId file, const yaml::NameTable& names, const SourceSpan& named_at, NodeRules& rules);
  // What is not decided or not understood is a gap of the node, and said of the line.
  void take_gaps(const std::vector<model::Gap>& undecided, const std::vector<model::Gap>& unmodelled, NodeRules& rules);
  bool take_family(Family family, const SourceSpan& named_at, NodeRules& rules);
  Assembly& assembly_;
};

// All rule sets of a policy and of the files found beside it, by node name. Found files that were taken are marked as
// named.
[[nodiscard]] std::map<std::string, NodeRules> read_rule_sets(const std::vector<yaml::PolicyFile>& policies,
                                                              const std::vector<FoundFile>& found, Assembly& assembly);

// Adds the tables of the output of iptables-nft-save as nftables names them: "ip filter". Nothing for other back ends.
void add_tables_of_iptables(std::string_view text, Family family, NftTableNames& names);

// All rules that were collected on one host, of every back end, as one rule set.
[[nodiscard]] NodeRules read_host_rules(const HostFolder& folder, Assembly& assembly);

// Makes rules fit the node: tests of interfaces become undecided where its interfaces have no names, and interfaces
// that only the rules name are added, wired to nothing.
void fit_to_node(NodeRules& rules, model::NodeId node, Assembly& assembly);

}  // namespace segproof::input
