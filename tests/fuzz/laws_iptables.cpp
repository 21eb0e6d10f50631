// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "base/text.h"
#include "input/iptables/reader.h"
#include "laws.h"

namespace segproof::fuzz {
namespace {

// The lines that a result says something about: as a rule, or as one in doubt. Line 0: about the whole file.
std::set<std::uint32_t> lines_of(const IptablesResult& result) {
  std::set<std::uint32_t> lines;
  for (const model::Chain& chain : result.rules.chains) {
    for (const model::Rule& rule : chain.rules)
      lines.insert(rule.origin.line);
  }
  for (const auto* gaps : {&result.undecided, &result.unmodelled}) {
    for (const model::Gap& gap : *gaps)
      lines.insert(gap.span.line);
  }
  return lines;
}

bool is_table(std::string_view line) {
  return line.size() > 1 && line.front() == '*' && split_words(line).size() == 1 && !line.ends_with('*');
}

// Whether rules may be gone for a reason: a table that comes again, or a command that takes rules away.
bool takes_away(FileId file, const SourceStore& sources) {
  std::set<std::string_view> tables;
  for (std::uint32_t number = 1; number <= sources.line_count(file); ++number) {
    const std::string_view line = trim(sources.line(file, number));
    if ((line.starts_with('-') && !line.starts_with("-A ")) || line.starts_with('['))
      return true;
    if (is_table(line) && !tables.insert(trim(line.substr(1))).second)
      return true;
  }
  return false;
}

// Every line "-A ..." is a rule or a gap; a table that is in doubt is one gap with all of its rules.
bool accounts_for_rules(const IptablesResult& result, FileId file, const SourceStore& sources) {
  if (takes_away(file, sources))
    return true;
  const std::set<std::uint32_t> lines = lines_of(result);
  bool in_doubt = false;
  for (std::uint32_t number = 1; number <= sources.line_count(file); ++number) {
    const std::string_view line = trim(sources.line(file, number));
    if (is_table(line))
      in_doubt = lines.contains(number);
    if (line == "COMMIT")
      in_doubt = false;
    if (!in_doubt && line.starts_with("-A ") && !lines.contains(number))
      return false;
  }
  return true;
}

std::uint64_t digest(const IptablesResult& result, const DiagnosticSink& sink) {
  Digest digest;
  digest.add(result.rules).add(result.undecided).add(result.unmodelled).add(sink);
  for (const std::string& name : result.interfaces)
    digest.add(name);
  return digest.add(std::uint64_t{result.tracks}).add(result.lines).value();
}

}  // namespace

std::string broken_by_iptables(std::string_view text) {
  SourceStore sources;
  const FileId file = sources.add("rules", std::string(text));
  Laws laws(sources);
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    DiagnosticSink sink(100);
    const IptablesResult result = read_iptables_save(file, sources, family, sink);
    laws.diagnostics(sink, Laws::Errors::never);
    laws.rules(result.rules, text.size());
    laws.gaps(result.undecided);
    laws.gaps(result.unmodelled);
    laws.hold(result.lines == sources.line_count(file), "the number of lines");
    laws.hold(accounts_for_rules(result, file, sources), "a rule that is lost");
    laws.hold(result.unmodelled.empty() == sink.all().empty() || result.unmodelled.empty(), "a gap without a message");
    DiagnosticSink again(100);
    const IptablesResult second = read_iptables_save(file, sources, family, again);
    laws.hold(digest(result, sink) == digest(second, again), "a second reading says something else");
  }
  return laws.broken();
}

}  // namespace segproof::fuzz
