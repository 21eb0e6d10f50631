// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "input/nft/finish.h"
#include "input/nft/json_parser.h"
#include "input/nft/reader.h"

namespace segproof {
NftResult read_nft_json(FileId file, const SourceStore& sources, DiagnosticSink& sink, const NftTableNames& elsewhere) {
  NftResult result;
  result.lines = sources.line_count(file);
  nft::Findings findings(sink);
  nft::Ruleset ruleset = nft::parse_ruleset_json(file, sources, findings);
  for (const nft::Table& table : ruleset.tables) {
    if (table.perhaps_dormant) {
      sink.add({DiagnosticCode::json_tells_less,
                Severity::warning,
                table.span,
                fmt::format("this version of nft garbles the flags of table {}: it may be dormant", quote(table.name)),
                {},
                "give the text of `nft list ruleset`"});
    }
  }
  nft::finish(std::move(ruleset), {file, 0, 0, 0}, elsewhere, findings, result);
  return result;
}

bool looks_like_nft_json(std::string_view text) {
  constexpr std::size_t looked_at = 256;
  const std::string_view head = trim(text.substr(0, looked_at));
  return head.starts_with('{') && trim(head.substr(1)).starts_with("\"nftables\"");
}

}  // namespace segproof
