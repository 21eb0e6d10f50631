// SPDX-License-Identifier: Apache-2.0
// Reads what `nft list ruleset` writes, and source files as far as they are static. Nothing is skipped in silence: what
// no configuration decides becomes an UnknownTest, a rule that is not understood may match and may do anything, and a
// file that cannot be followed is in doubt at every hook.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"
#include "input/nft/includes.h"
#include "model/network.h"
#include "model/rule.h"

namespace segproof {

struct NftResult {
  model::RuleSet rules;  // without flaw
  std::size_t lines = 0;
  std::vector<model::Gap> undecided;    // lines that depend on what no configuration says, in order
  std::vector<model::Gap> unmodelled;   // lines that may do anything in the model
  std::vector<std::string> interfaces;  // that rules name, sorted; "eth+" is a prefix
  bool tracks = false;                  // connection tracking is in use: stages of kind track are present
  bool is_template = false;             // nothing of it was used
};

// Tables as "ip filter".
using NftTableNames = std::set<std::string, std::less<>>;

// Faults of the text are warnings in `sink`, each with line and column (an error where nothing of the file is used).
// Never fails; time and memory are linear in the text and in what its variables stand for.
// The tables `elsewhere` are left out: what iptables-nft put there is read from the output of iptables-save.
[[nodiscard]] NftResult read_nft(FileId file, const SourceStore& sources, NftIncludes* includes, DiagnosticSink& sink,
                                 const NftTableNames& elsewhere = {});

// The same for what `nft -j list ruleset` writes: the rules are those of the text. Places are those of the objects.
[[nodiscard]] NftResult read_nft_json(FileId file, const SourceStore& sources, DiagnosticSink& sink,
                                      const NftTableNames& elsewhere = {});
[[nodiscard]] bool looks_like_nft_json(std::string_view text);

// Whether a text looks like an nftables ruleset: a table of one of its families with a block.
[[nodiscard]] bool looks_like_nft(std::string_view text);

}  // namespace segproof
