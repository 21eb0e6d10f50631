// SPDX-License-Identifier: Apache-2.0
// Reads what iptables-save and ip6tables-save write and iptables-restore reads. Nothing is skipped in silence: a match
// that no configuration decides becomes an UnknownTest, a line that is not understood becomes a rule that may match and
// may do anything, and a file that iptables-restore would not load is in doubt as a whole table.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"
#include "model/network.h"
#include "model/rule.h"
#include "model/set_lookup.h"
#include "packet/field.h"

namespace segproof {

struct IptablesResult {
  model::RuleSet rules;  // without flaw
  std::size_t lines = 0;
  std::vector<model::Gap> undecided;    // lines that depend on what no configuration says, in order
  std::vector<model::Gap> unmodelled;   // lines that may do anything in the model
  std::vector<std::string> interfaces;  // names in -i and -o, sorted; "eth+" is a prefix
  bool tracks = false;                  // connection tracking is in use: stages of kind track are present
};

// The text of `file` as tables of the given family. Faults of the text are warnings in `sink`, each with its line.
// Never fails; time and memory are linear in the text (but for 10,000 insertions and deletions inside a chain).
// `sets` answers what -m set asks; without it such matches are undecided.
[[nodiscard]] IptablesResult read_iptables_save(FileId file, const SourceStore& sources, Family family,
                                                DiagnosticSink& sink, const model::SetLookup& sets = {});

// The sets that rules of the text add to or delete from (`-j SET`), sorted: what they hold changes with the traffic, in
// the rules of both families.
[[nodiscard]] std::vector<std::string> sets_changed_by_rules(FileId file, const SourceStore& sources, Family family);

// Whether a text looks like the output of iptables-save or ip6tables-save (which of the two, only its name tells).
[[nodiscard]] bool looks_like_iptables_save(std::string_view text);

}  // namespace segproof
