// SPDX-License-Identifier: Apache-2.0
// Rulesets given as text, and what became of them.
#pragma once

#include <string>
#include <string_view>

#include "input/nft/reader.h"

namespace segproof::test {

struct Read {
  SourceStore sources;
  DiagnosticSink sink;
  NftResult result;

  // The chains as they are written: without what RuleSet::doubt_fragments_of_ipv6 puts around them.
  explicit Read(std::string text, NftIncludes* includes = nullptr);
  // The rules of all chains that stages reach, each "line: tests -> action", one a line; helper chains follow their
  // chain.
  [[nodiscard]] std::string rules() const;
  // "-150 inet t pre drop;" for each stage of a hook in its order.
  [[nodiscard]] std::string stages(model::Hook hook, Family family = Family::ipv4) const;
  // "line:column code message", one a line.
  [[nodiscard]] std::string faults() const;
};

void take_back_doubts(model::RuleSet& rules);

// One rule in a chain of `family` at the forward hook (or in the base chain given), rules separated by " | ". A rule
// that is not understood is "NOT UNDERSTOOD: why".
[[nodiscard]] std::string dump_rule(std::string_view rule, std::string_view family = "inet",
                                    std::string_view base = "type filter hook forward priority 0;");

}  // namespace segproof::test
