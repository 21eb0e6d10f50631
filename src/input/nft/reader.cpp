// SPDX-License-Identifier: Apache-2.0
#include "input/nft/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/text_guard.h"
#include "input/nft/findings.h"
#include "input/nft/finish.h"
#include "input/nft/lower.h"
#include "input/nft/parser.h"

namespace segproof {
namespace nft {
namespace {

// The place of a mark that only templates and scripts have.
std::optional<std::size_t> template_mark(std::string_view line) {
  constexpr std::array<std::string_view, 7> marks{"{{", "{%", "{#", "<%", "${", "%}", "}}"};
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    quoted = quoted != (line[i] == '"');
    const std::string_view rest = line.substr(i);
    // Marks count in quotes, too, where they come in pairs.
    for (const std::string_view mark : marks) {
      const bool opens = mark == "{{" || mark == "{%" || mark == "<%" || mark == "${";
      if (opens && rest.starts_with(mark) && !(mark == "{{" && !quoted && rest.find("}}") == std::string_view::npos))
        return i;
    }
    if (line[i] == '#' && !quoted)
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SourceSpan> find_template(FileId file, const SourceStore& sources) {
  for (std::uint32_t number = 1; number <= sources.line_count(file); ++number) {
    if (const auto place = template_mark(sources.line(file, number)))
      return SourceSpan{file, number, static_cast<std::uint32_t>(*place + 1), 2};
  }
  return std::nullopt;
}

}  // namespace nft

namespace nft {

void finish(Ruleset ruleset, const SourceSpan& whole, const NftTableNames& elsewhere, Findings& findings,
            NftResult& result) {
  std::erase_if(ruleset.tables, [&](const Table& table) {
    return elsewhere.contains(fmt::format("{} {}", table_family_name(table.family), table.name));
  });
  Lowered lowered = lower(ruleset, whole, findings);
  result.rules = std::move(lowered.rules);
  result.interfaces = std::move(lowered.interfaces);
  result.tracks = lowered.tracks;
  result.undecided = std::move(findings.undecided_lines());
  result.unmodelled = std::move(findings.unmodelled_lines());
  std::ranges::stable_sort(result.undecided, {}, &model::Gap::span);
  std::ranges::stable_sort(result.unmodelled, {}, &model::Gap::span);
}

}  // namespace nft

NftResult read_nft(FileId file, const SourceStore& sources, NftIncludes* includes, DiagnosticSink& sink,
                   const NftTableNames& elsewhere) {
  NftResult result;
  result.lines = sources.line_count(file);
  nft::Findings findings(sink);
  nft::Ruleset ruleset;
  const SourceSpan whole{file, 0, 0, 0};
  TextLimits limits;
  limits.bad_utf8 = Severity::warning;
  if (!guard_text(sources, file, limits, sink)) {
    ruleset.doubts.push_back({whole, "a file that cannot be read"});
    findings.undecided(whole, "nothing of this file was used");
  } else if (const auto place = nft::find_template(file, sources)) {
    const std::string why = "this is a template, not a ruleset: nothing of it was used";
    findings.unmodelled(DiagnosticCode::ruleset_template, *place, why,
                        "give what the device runs: the output of `nft list ruleset`");
    ruleset.doubts.push_back({*place, why});
    result.is_template = true;
  } else {
    ruleset = nft::parse_ruleset(file, sources, includes, findings);
    if (ruleset.tables.empty() && ruleset.doubts.empty() && !trim(sources.text(file)).empty() && result.lines > 0)
      ruleset.is_source = true;
  }
  nft::finish(std::move(ruleset), whole, elsewhere, findings, result);
  return result;
}

bool looks_like_nft(std::string_view text) {
  constexpr std::array<std::string_view, 6> families{"ip", "ip6", "inet", "arp", "bridge", "netdev"};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == "flush ruleset" || (line.starts_with("#!") && line.find("nft") != std::string_view::npos))
      return true;
    std::vector<std::string_view> words = split_words(line);
    if (!words.empty() && words.front() == "add")
      words.erase(words.begin());
    const bool table = words.size() >= 2 && words.front() == "table";
    if (!table)
      continue;
    const bool family = std::ranges::find(families, words[1]) != families.end();
    if (line.ends_with('{') || line.ends_with('}') || (family && words.size() >= 3))
      return true;
  }
  return false;
}

}  // namespace segproof
