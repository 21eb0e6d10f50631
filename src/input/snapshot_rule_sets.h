// SPDX-License-Identifier: Apache-2.0
// The rule sets of one policy: read from their files, in the formats that it names. The epoch at hand and the epochs
// before it are read alike.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "input/snapshot_assembly.h"

namespace segproof::input {

// What a policy says of one node. Gaps are without a node.
struct NodeRules {
  model::RuleSet rules;
  model::PerFamily<bool> given{false, false};
  model::PerFamily<SourceSpan> named_at;  // where the rules of the family are named
  std::vector<model::Gap> gaps;
  bool of_both = false;      // native rules and `none` speak of both families at once
  SourceSpan configuration;  // the first file, line 0, or the native rules
};

class RuleSetReader {
 public:
  explicit RuleSetReader(Assembly& assembly) : assembly_(assembly) {}

  // What `policy` names for a node; faults are reported.
  [[nodiscard]] NodeRules read(const yaml::WrittenRules& written, const yaml::NameTable& names);
  // A file that nothing names: true if it is a rule set whose family its first comment tells, or native rules; then it
  // is read into `rules`.
  [[nodiscard]] bool read_found(const FoundFile& found, const yaml::NameTable& names, NodeRules& rules);

 private:
  void read_iptables(FileId file, Family family, const SourceSpan& named_at, NodeRules& rules);
  void read_native(FileId file, const yaml::NameTable& names, const SourceSpan& named_at, NodeRules& rules);
  bool take_family(Family family, const SourceSpan& named_at, NodeRules& rules);
  Assembly& assembly_;
};

// All rule sets of a policy and of the files found beside it, by node name. Found files that were taken are marked as
// named.
[[nodiscard]] std::map<std::string, NodeRules> read_rule_sets(const std::vector<yaml::PolicyFile>& policies,
                                                              const std::vector<FoundFile>& found, Assembly& assembly);

// Makes rules fit the node: tests of interfaces become undecided where its interfaces have no names, and interfaces
// that only the rules name are added, wired to nothing.
void fit_to_node(NodeRules& rules, model::NodeId node, Assembly& assembly);

}  // namespace segproof::input
