// SPDX-License-Identifier: Apache-2.0
#include "input/snapshot_rule_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "input/cisco/reader.h"
#include "input/iptables/program.h"
#include "input/iptables/reader.h"
#include "input/nft/folder_includes.h"
#include "input/nft/reader.h"
#include "input/yaml/tree.h"

namespace segproof::input {
namespace {

// The family that iptables-save's first comment names.
std::optional<Family> family_of(std::string_view text) {
  constexpr std::size_t looked_at = 4096;
  const std::string_view head = text.substr(0, looked_at);
  for (const Family family : {Family::ipv6, Family::ipv4}) {
    if (comment_names_family(head, family)) {
      return family;
    }
  }
  return std::nullopt;
}

}  // namespace

void add_tables_of_iptables(std::string_view text, Family family, NftTableNames& names) {
  if (iptables::program_of_text(text) != iptables::Program::iptables_nft) {
    return;
  }
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view trimmed = trim(line);
    if (trimmed.size() > 1 && trimmed.front() == '*') {
      names.insert(fmt::format("{} {}", family == Family::ipv4 ? "ip" : "ip6", trimmed.substr(1)));
    }
  }
}

void RuleSetReader::take_gaps(const std::vector<model::Gap>& undecided, const std::vector<model::Gap>& unmodelled,
                              NodeRules& rules) {
  assembly_.files->doubt(LineUse::undecided, undecided);
  assembly_.files->doubt(LineUse::unmodelled, unmodelled);
  rules.gaps.insert(rules.gaps.end(), undecided.begin(), undecided.end());
  rules.gaps.insert(rules.gaps.end(), unmodelled.begin(), unmodelled.end());
}

bool RuleSetReader::take_family(Family family, const SourceSpan& named_at, NodeRules& rules) {
  const std::size_t index = model::index_of(family);
  if (rules.given[index]) {
    assembly_.faults.error(DiagnosticCode::contradiction, named_at,
                           fmt::format("a second rule set for {}", yaml::family_text(family)), {},
                           {{.span = rules.named_at[index], .message = "the first one is named here"}});
    return false;
  }
  rules.given[index] = true;
  rules.named_at[index] = named_at;
  return true;
}

void RuleSetReader::read_iptables(FileId file, Family family, const SourceSpan& named_at, NodeRules& rules) {
  if (!take_family(family, named_at, rules)) {
    return;
  }
  rules.files.push_back({file, family == Family::ipv4 ? RuleForm::iptables_save : RuleForm::ip6tables_save});
  InputFiles& files = *assembly_.files;
  model::SetLookup lookup;
  if (rules.sets) {
    lookup = [&sets = *rules.sets](const model::SetQuestion& question) { return sets.answer(question); };
  }
  const auto read = [&](DiagnosticSink& sink) {
    return read_iptables_save(file, files.sources(), family, sink, lookup);
  };
  // What sets answer is not part of the file.
  const IptablesResult result =
      rules.sets ? read(files.sink())
                 : *files.once<IptablesResult>(file, family == Family::ipv4 ? "iptables" : "ip6tables", read);
  files.take_format(file, family == Family::ipv4 ? "iptables-save" : "ip6tables-save");
  take_gaps(result.undecided, result.unmodelled, rules);
  if (!rules.configuration.file.valid()) {
    rules.configuration = {.file = file};
  }
  rules.rules.append(result.rules);
}

bool RuleSetReader::read_sets(FileId file, const SourceSpan& named_at, NodeRules& rules) {
  if (rules.sets) {
    assembly_.faults.error(DiagnosticCode::contradiction, named_at, "a second file of sets for one node");
    return false;
  }
  rules.files.push_back({file, RuleForm::ipset_save});
  InputFiles& files = *assembly_.files;
  IpsetResult result = read_ipset_save(file, files.sources(), files.sink());
  files.take_format(file, "ipset-save");
  take_gaps({}, result.unmodelled, rules);
  rules.sets = std::move(result.sets);
  return true;
}

void RuleSetReader::read_route_table(FileId file, const SourceSpan& named_at, NodeRules& rules) {
  if (rules.table) {
    assembly_.faults.error(DiagnosticCode::contradiction, named_at, "a second table of routes for one node");
    return;
  }
  rules.files.push_back({file, RuleForm::device});
  InputFiles& files = *assembly_.files;
  rules.table = read_cisco_routes(file, files.sources(), files.sink());
  files.take_format(file, "cisco-routes");
  take_gaps({}, rules.table->unmodelled, rules);
}

void RuleSetReader::look_into_iptables(FileId file, Family family, NodeRules& rules) {
  add_tables_of_iptables(assembly_.files->sources().text(file), family, rules.of_iptables);
  if (!rules.sets) {
    return;
  }
  for (const std::string& name : sets_changed_by_rules(file, assembly_.files->sources(), family)) {
    rules.sets->doubt(name, "rules add to it or delete from it");
  }
}

void RuleSetReader::read_nft_ruleset(FileId file, NftSyntax syntax, const SourceSpan& named_at, NodeRules& rules) {
  if (rules.has_nft) {
    assembly_.faults.error(DiagnosticCode::contradiction, named_at, "a second ruleset of nftables for one node");
    return;
  }
  rules.has_nft = true;
  rules.files.push_back({file, syntax == NftSyntax::text ? RuleForm::nft : RuleForm::nft_json});
  InputFiles& files = *assembly_.files;
  const auto read = [&](const std::string& path) -> Result<FileId> {
    Result<FileId> included = files.read(path);
    if (included) {
      files.take_format(included.value(), "nft");
      assembly_.named_paths.insert(path);
    }
    return included;
  };
  FolderIncludes includes(files.system(), files.sources(), std::string(folder_of(files.sources().path(file))), read);
  const bool is_text = syntax == NftSyntax::text;
  const auto read_all = [&](DiagnosticSink& sink) {
    return is_text ? read_nft(file, files.sources(), &includes, sink, rules.of_iptables)
                   : read_nft_json(file, files.sources(), sink, rules.of_iptables);
  };
  // What a file includes is not part of it.
  const bool stands_alone = files.sources().text(file).find("include") == std::string_view::npos;
  const std::string reader = fmt::format("nft {} {}", is_text, fmt::join(rules.of_iptables, ","));
  const NftResult result = stands_alone ? *files.once<NftResult>(file, reader, read_all) : read_all(files.sink());
  files.take_format(file, is_text ? "nft" : "nft-json");
  take_gaps(result.undecided, result.unmodelled, rules);
  if (!rules.configuration.file.valid()) {
    rules.configuration = {.file = file};
  }
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    if (!rules.named_at[model::index_of(family)].file.valid()) {
      rules.named_at[model::index_of(family)] = named_at;
    }
  }
  rules.rules.append(result.rules);
}

// A whole configuration speaks of both families.
void RuleSetReader::read_device(FileId file, CiscoDialect dialect, const SourceSpan& named_at, NodeRules& rules) {
  if (!take_family(Family::ipv4, named_at, rules) || !take_family(Family::ipv6, named_at, rules)) {
    return;
  }
  rules.of_both = true;
  rules.files.push_back({file, RuleForm::device});
  InputFiles& files = *assembly_.files;
  // What is kept for the next run is the configuration alone.
  auto device = rules.table ? std::make_shared<model::DeviceConfiguration>(
                                  read_cisco(file, files.sources(), dialect, files.sink(), &*rules.table))
                            : std::make_shared<model::DeviceConfiguration>(*files.once<model::DeviceConfiguration>(
                                  file, cisco_dialect_name(dialect), [&](DiagnosticSink& sink) {
                                    return read_cisco(file, files.sources(), dialect, sink);
                                  }));
  files.take_format(file, cisco_dialect_name(dialect));
  files.take_lines(file, device->lines);
  take_gaps(device->undecided, device->unmodelled, rules);
  if (!rules.configuration.file.valid()) {
    rules.configuration = {.file = file};
  }
  rules.rules.append(std::move(device->rules));
  device->rules = {};
  rules.device = std::move(device);
}

void RuleSetReader::read_native(FileId file, const yaml::NameTable& names, const SourceSpan& named_at,
                                NodeRules& rules) {
  InputFiles& files = *assembly_.files;
  if (!take_family(Family::ipv4, named_at, rules) || !take_family(Family::ipv6, named_at, rules)) {
    return;
  }
  rules.of_both = true;
  rules.files.push_back({file, RuleForm::native});
  const auto tree = files.once<std::optional<yaml::Tree>>(
      file, "yaml", [&](DiagnosticSink& sink) { return yaml::read_tree(file, files.sources(), sink); });
  if (!*tree) {
    return;
  }
  yaml::NativeRules native = yaml::read_rules_file(**tree, names, files.sink());
  files.take_format(file, yaml::file_kind_name(yaml::FileKind::rules));
  if (!rules.configuration.file.valid()) {
    rules.configuration = {.file = file};
  }
  take_gaps(native.gaps, {}, rules);
  rules.rules.append(std::move(native.rules));
}

void RuleSetReader::read_named(const yaml::RuleFile& named, FileId file, const yaml::NameTable& names,
                               NodeRules& rules) {
  switch (named.format) {
    case yaml::RuleFormat::ipset_save:
    case yaml::RuleFormat::cisco_routes:
      break;  // read before the rules that ask for sets
    case yaml::RuleFormat::iptables_save:
      read_iptables(file, Family::ipv4, named.file.span, rules);
      break;
    case yaml::RuleFormat::ip6tables_save:
      read_iptables(file, Family::ipv6, named.file.span, rules);
      break;
    case yaml::RuleFormat::native:
      read_native(file, names, named.file.span, rules);
      break;
    case yaml::RuleFormat::nft:
      read_nft_ruleset(file, NftSyntax::text, named.file.span, rules);
      break;
    case yaml::RuleFormat::cisco_asa:
      read_device(file, CiscoDialect::asa, named.file.span, rules);
      break;
    case yaml::RuleFormat::cisco_ios:
      read_device(file, CiscoDialect::ios, named.file.span, rules);
      break;
    case yaml::RuleFormat::cisco_nxos:
      read_device(file, CiscoDialect::nxos, named.file.span, rules);
      break;
    case yaml::RuleFormat::nft_json:
      read_nft_ruleset(file, NftSyntax::json, named.file.span, rules);
      break;
  }
}

NodeRules RuleSetReader::read(const yaml::WrittenRules& written, const yaml::NameTable& names) {
  NodeRules rules;
  if (written.none || written.native) {
    rules.given = {true, true};
    rules.of_both = true;
    rules.named_at = {written.origin, written.origin};
    rules.configuration = written.origin;
    if (written.native) {
      rules.files.push_back({written.origin.file, RuleForm::native});
      rules.rules = written.native->rules;
      take_gaps(written.native->gaps, {}, rules);
    }
    return rules;
  }
  std::vector<std::optional<FileId>> read_files;
  for (const yaml::RuleFile& named : written.files) {
    assembly_.named_paths.insert(assembly_.files->path_from(named.file));
    read_files.push_back(assembly_.files->read_named(named.file));
    if (read_files.back() && named.format == yaml::RuleFormat::ipset_save) {
      static_cast<void>(read_sets(*read_files.back(), named.file.span, rules));
    }
    if (read_files.back() && named.format == yaml::RuleFormat::cisco_routes) {
      read_route_table(*read_files.back(), named.file.span, rules);
    }
  }
  for (std::size_t i = 0; i < written.files.size(); ++i) {
    const yaml::RuleFormat format = written.files[i].format;
    if (read_files[i] && (format == yaml::RuleFormat::iptables_save || format == yaml::RuleFormat::ip6tables_save)) {
      const Family family = format == yaml::RuleFormat::iptables_save ? Family::ipv4 : Family::ipv6;
      look_into_iptables(*read_files[i], family, rules);
    }
  }
  for (std::size_t i = 0; i < written.files.size(); ++i) {
    const yaml::RuleFile& named = written.files[i];
    const std::optional<FileId>& file = read_files[i];
    if (!file) {
      continue;
    }
    read_named(named, *file, names, rules);
  }
  if (rules.has_nft) {
    rules.given = {true, true};
    rules.of_both = true;
  }
  if (rules.table && !rules.device) {
    assembly_.faults.error(DiagnosticCode::contradiction, written.node.span,
                           fmt::format("a table of routes of {}, and no configuration of it", quote(written.node.text)),
                           "name the configuration, too, or give its `routes`");
  }
  return rules;
}

std::vector<FileId> RuleSetReader::read_found(const std::vector<FoundFile>& found, const yaml::NameTable& names,
                                              NodeRules& rules) {
  std::vector<FileId> taken;
  const SourceStore& sources = assembly_.files->sources();
  for (const FoundFile& file : found) {
    if (looks_like_ipset_save(sources.text(file.file)) && !rules.sets &&
        read_sets(file.file, SourceSpan{.file = file.file}, rules)) {
      taken.push_back(file.file);
    }
  }
  for (const FoundFile& file : found) {
    const std::string_view text = sources.text(file.file);
    if (const auto family = looks_like_iptables_save(text) ? family_of(text) : std::nullopt) {
      look_into_iptables(file.file, *family, rules);
    }
  }
  for (const FoundFile& file : found) {
    if (std::ranges::find(taken, file.file) == taken.end() && read_found_rules(file, names, rules)) {
      taken.push_back(file.file);
    }
  }
  if (rules.has_nft) {
    rules.given = {true, true};
    rules.of_both = true;
  }
  return taken;
}

bool RuleSetReader::read_found_rules(const FoundFile& found, const yaml::NameTable& names, NodeRules& rules) {
  const SourceSpan whole{.file = found.file};
  if (found.is_native) {
    if (rules.given[0] || rules.given[1]) {
      return false;
    }
    read_native(found.file, names, whole, rules);
    return true;
  }
  const std::string_view text = assembly_.files->sources().text(found.file);
  if (looks_like_nft(text) && !rules.has_nft && !rules.of_both) {
    read_nft_ruleset(found.file, NftSyntax::text, whole, rules);
    return true;
  }
  if (looks_like_nft_json(text) && !rules.has_nft && !rules.of_both) {
    read_nft_ruleset(found.file, NftSyntax::json, whole, rules);
    return true;
  }
  const bool is_free = !rules.given[0] && !rules.given[1] && !rules.has_nft;
  if (const auto dialect = looks_like_iptables_save(text) ? std::nullopt : recognise_cisco(text); dialect && is_free) {
    read_device(found.file, *dialect, whole, rules);
    return true;
  }
  const std::optional<Family> family = looks_like_iptables_save(text) ? family_of(text) : std::nullopt;
  if (!family || rules.given[model::index_of(*family)]) {
    return false;
  }
  read_iptables(found.file, *family, whole, rules);
  return true;
}

std::map<std::string, NodeRules> read_rule_sets(const std::vector<yaml::PolicyFile>& policies,
                                                const std::vector<FoundFile>& found, Assembly& assembly) {
  std::map<std::string, NodeRules> sets;
  std::map<std::string, SourceSpan> named;
  RuleSetReader reader(assembly);
  for (const yaml::PolicyFile& policy : policies) {
    for (const yaml::WrittenRules& written : policy.rules) {
      const auto [entry, added] = named.emplace(written.node.text, written.node.span);
      if (!added) {
        assembly.faults.error(DiagnosticCode::contradiction, written.node.span,
                              fmt::format("the rules of {} are given twice", quote(written.node.text)), {},
                              {{.span = entry->second, .message = "they are given here as well"}});
        continue;
      }
      sets[written.node.text] = reader.read(written, policy.names);
    }
  }
  std::map<std::string, std::vector<FoundFile>> found_of;
  for (const FoundFile& file : found) {
    const std::string path(assembly.files->sources().path(file.file));
    const std::string_view name = file_name(path);
    const std::string node(name.substr(0, name.find('.')));
    if (file.where == FoundIn::policy && !assembly.named_paths.contains(path) && !named.contains(node) &&
        assembly.node_ids.contains(node)) {
      found_of[node].push_back(file);
    }
  }
  const yaml::NameTable none;
  for (const auto& [node, files] : found_of) {
    for (const FileId file : reader.read_found(files, policies.empty() ? none : policies.front().names, sets[node])) {
      assembly.named_paths.insert(std::string(assembly.files->sources().path(file)));
      assembly.files->sink().add({.code = DiagnosticCode::rule_set_found,
                                  .severity = Severity::note,
                                  .span = {.file = file},
                                  .message = fmt::format("taken for the rules of {}", quote(node)),
                                  .hint = "name the file under `rules` of the policy to be sure"});
    }
  }
  return sets;
}

}  // namespace segproof::input
