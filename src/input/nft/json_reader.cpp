// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "input/nft/finish.h"
#include "input/nft/json_parser.h"
#include "input/nft/reader.h"

namespace segproof {
namespace {

// From version 1.1.4 on, as the object `metainfo` at the beginning says.
bool tells_dormant_tables(std::string_view text) {
  constexpr std::size_t looked_at = 512;
  constexpr std::string_view key = "\"version\":";
  constexpr std::array<unsigned, 3> first{1, 1, 4};
  const std::string_view head = text.substr(0, looked_at);
  const std::size_t at = head.find(key);
  if (at == std::string_view::npos) {
    return false;
  }
  const std::string_view rest = trim(head.substr(at + key.size()));
  const std::size_t end = rest.find('"', 1);
  if (!rest.starts_with('"') || end == std::string_view::npos) {
    return false;
  }
  const auto parts = split(rest.substr(1, end - 1), '.');
  std::array<unsigned, 3> version{};
  for (std::size_t i = 0; i < std::min(parts.size(), version.size()); ++i) {
    version[i] = parse_unsigned<unsigned>(parts[i]).value_or(0);
  }
  return version >= first;
}

}  // namespace

NftResult read_nft_json(FileId file, const SourceStore& sources, DiagnosticSink& sink, const NftTableNames& elsewhere) {
  NftResult result;
  result.lines = sources.line_count(file);
  nft::Findings findings(sink);
  nft::Ruleset ruleset = nft::parse_ruleset_json(file, sources, findings);
  if (!ruleset.tables.empty() && !tells_dormant_tables(sources.text(file))) {
    sink.add({DiagnosticCode::json_tells_less,
              Severity::warning,
              {file, 1, 1, 1},
              "this version of nft does not say in JSON which tables are dormant",
              {},
              "give the text of `nft list ruleset` if there are any"});
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
