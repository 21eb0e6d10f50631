// SPDX-License-Identifier: Apache-2.0
// A network, its claims and the diagnostics of reading them as text, for whole-output comparisons.
#pragma once

#include <map>
#include <string>

#include "base/diagnostic.h"
#include "base/source.h"
#include "input/snapshot.h"
#include "model/network.h"

namespace segproof::test {

[[nodiscard]] std::string dump_network(const model::Network& network, const SourceStore& sources);
[[nodiscard]] std::string dump_rules(const model::RuleSet& rules, const SourceStore& sources);
[[nodiscard]] std::string dump_condition(const model::Condition& condition);

// What load_snapshot makes of files in memory; `roots` are the topology paths (standing for all three).
struct Loaded {
  SourceStore sources;
  DiagnosticSink sink;
  input::Snapshot snapshot;
  std::string failure;

  [[nodiscard]] std::string diagnostics() const;  // rendered, one after the other
  [[nodiscard]] std::string messages() const;     // "FILE:LINE:COLUMN: MESSAGE [CODE]" lines
};
[[nodiscard]] Loaded load(const std::map<std::string, std::string>& files, const input::SnapshotRequest& request);
[[nodiscard]] Loaded load(const std::map<std::string, std::string>& files);  // the folder `net`

}  // namespace segproof::test
