// SPDX-License-Identifier: Apache-2.0
#include "cli/filter_command.h"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <variant>

#include "base/diagnostic.h"
#include "base/text.h"
#include "cli/packet_table.h"
#include "input/cisco/reader.h"
#include "input/host_addresses/host_addresses.h"
#include "input/ipset/reader.h"
#include "input/iptables/reader.h"
#include "input/nft/folder_includes.h"
#include "input/nft/reader.h"
#include "model/single_packet.h"

namespace segproof::cli {
namespace {

std::string_view word(model::Fate fate) {
  switch (fate) {
    case model::Fate::accept:
      return "accept";
    case model::Fate::drop:
      return "drop";
    case model::Fate::reject:
      return "reject";
    case model::Fate::unknown:
      return "unknown";
  }
  return {};
}

std::string error(std::string_view message) {
  return fmt::format("segproof: error: {}\n", escape_controls(message));
}

FilterAnswer cannot_run(std::string_view message) {
  return {ExitCode::cannot_run, {}, error(message)};
}

std::optional<Family> family_of(std::string_view syntax) {
  if (syntax == "iptables-save")
    return Family::ipv4;
  if (syntax == "ip6tables-save")
    return Family::ipv6;
  return std::nullopt;
}

// One line of the answer.
std::string answer_line(const model::SinglePacket& packet, const model::Judgement& judged, const SourceStore& sources) {
  std::string rule;
  if (judged.decided_by.file.valid()) {
    rule = fmt::format("{}:{}", sources.path(judged.decided_by.file), judged.decided_by.line);
  }
  std::string header;
  if (judged.fate == model::Fate::accept) {
    model::Flight before;
    before.packet = packet.packet;
    header = model::header_text(judged.flight);
    if (header == model::header_text(before))
      header.clear();
  }
  return fmt::format("{}\t{}\t{}\t{}\n", word(judged.fate), escape_controls(rule), header,
                     escape_controls(judged.reason));
}

class Filter {
 public:
  // Without a family the rule set speaks of both.
  Filter(const model::RuleSet& rules, std::optional<Family> family, const model::OwnAddresses* own,
         const SourceStore& sources)
      : rules_(rules), family_(family), own_(own), sources_(sources) {}

  // Why the packet cannot be judged, or nothing.
  std::optional<std::string> judge(const model::SinglePacket& packet, std::string& lines) const {
    if (family_ && packet.packet.family != *family_)
      return "the packet is not of the address family of the rule set";
    if (packet.ingress.empty() && packet.egress.empty())
      return "a packet cannot be LOCAL on both sides";
    lines += answer_line(packet, model::judge(rules_, packet, own_), sources_);
    return std::nullopt;
  }

  FilterAnswer table(const std::string& path, std::string_view text) const {
    FilterAnswer answer;
    std::uint32_t number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      if (line.ends_with('\r'))
        line.remove_suffix(1);
      const auto row = parse_packet_row(line, ++number);
      std::optional<std::string> fault;
      if (const auto* wrong = std::get_if<RowFault>(&row))
        fault = wrong->message;
      if (const auto* good = std::get_if<PacketRow>(&row))
        fault = judge(good->packet, answer.lines);
      if (fault)
        return cannot_run(fmt::format("{}:{}: {}", path, number, *fault));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return answer;
  }

 private:
  const model::RuleSet& rules_;
  std::optional<Family> family_;
  const model::OwnAddresses* own_;
  const SourceStore& sources_;
};

std::string interface_of(const std::string& name) {
  return name == "LOCAL" ? std::string() : name;
}

FilterAnswer ask(const FilterRequest& request, const FileSystem& files, const Filter& filter) {
  if (request.packets) {
    const auto text = files.read_file(*request.packets, default_file_limit);
    if (!text)
      return cannot_run(text.failure().message);
    return filter.table(*request.packets, text.value());
  }
  const auto packet = read_packet(*request.packet);
  if (!packet) {
    return cannot_run(packet.failure().message);
  }
  FilterAnswer answer;
  const model::SinglePacket single{packet.value(), interface_of(request.in), interface_of(request.out)};
  if (const auto fault = filter.judge(single, answer.lines))
    return cannot_run(*fault);
  return answer;
}

// The file with sets: the one that is named, or else the one in the folder of the host. Empty: none.
Result<std::string> sets_path(const FilterRequest& request, const FileSystem& files) {
  if (!request.ipset.empty() || request.host.empty())
    return request.ipset;
  const auto names = files.list_folder(request.host);
  if (!names)
    return names.failure();
  for (const std::string& name : names.value()) {
    const std::string path = join_path(request.host, name);
    const auto text = files.kind(path) == FileKind::folder ? Result<std::string>(std::string())
                                                           : files.read_file(path, default_file_limit);
    if (!text)
      return text.failure();
    if (looks_like_ipset_save(text.value()))
      return path;
  }
  return std::string();
}

Result<model::RuleSet> read_iptables(const FilterRequest& request, Family family, FileId file, const FileSystem& files,
                                     SourceStore& sources, DiagnosticSink& sink) {
  SetCollection sets;
  model::SetLookup lookup;
  const auto path = sets_path(request, files);
  if (!path)
    return path.failure();
  if (!path.value().empty()) {
    auto saved = files.read_file(path.value(), default_file_limit);
    if (!saved)
      return saved.failure();
    sets = read_ipset_save(sources.add(path.value(), std::move(saved).value()), sources, sink).sets;
    for (const std::string& name : sets_changed_by_rules(file, sources, family))
      sets.doubt(name, "rules add to it or delete from it");
    lookup = [&sets](const model::SetQuestion& question) { return sets.answer(question); };
  }
  return read_iptables_save(file, sources, family, sink, lookup).rules;
}

Result<model::RuleSet> read_nft_rules(const FilterRequest& request, FileId file, const FileSystem& files,
                                      SourceStore& sources, DiagnosticSink& sink) {
  if (request.syntax == "nft-json")
    return read_nft_json(file, sources, sink).rules;
  std::map<std::string, FileId> known;
  const auto read = [&](const std::string& path) -> Result<FileId> {
    if (const auto found = known.find(path); found != known.end())
      return found->second;
    auto text = files.read_file(path, default_file_limit);
    if (!text)
      return text.failure();
    const FileId added = sources.add(path, std::move(text).value());
    known.emplace(path, added);
    return added;
  };
  FolderIncludes includes(files, sources, std::string(folder_of(request.ruleset)), read);
  return read_nft(file, sources, &includes, sink).rules;
}

// A device's configuration knows the device's addresses, unless the user gives others.
model::RuleSet read_device(CiscoDialect dialect, FileId file, const SourceStore& sources, DiagnosticSink& sink,
                           model::OwnAddresses& own) {
  model::DeviceConfiguration device = read_cisco(file, sources, dialect, sink);
  if (own.entries.empty()) {
    for (const model::ConfiguredInterface& interface : device.interfaces) {
      for (const InterfaceAddress& address : interface.addresses)
        own.entries.push_back({interface.name, address});
    }
  }
  return std::move(device.rules);
}

}  // namespace

FilterAnswer run_filter(const FilterRequest& request, const FileSystem& files) {
  const std::optional<Family> family = family_of(request.syntax);
  const std::optional<CiscoDialect> device = find_cisco_dialect(request.syntax);
  if (!family && !device && request.syntax != "nft" && request.syntax != "nft-json") {
    return cannot_run(request.syntax.empty() ? "say the syntax of the rule set with --as"
                                             : fmt::format("syntax {} is not read", quote(request.syntax)));
  }
  if (request.packets.has_value() == request.packet.has_value()) {
    return cannot_run("give either --packets or --packet");
  }
  auto text = files.read_file(request.ruleset, default_file_limit);
  if (!text)
    return cannot_run(text.failure().message);

  model::OwnAddresses own;
  if (!request.host.empty()) {
    auto read = read_host_addresses(request.host, files);
    if (!read)
      return cannot_run(read.failure().message);
    own = std::move(read).value();
  }
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add(request.ruleset, std::move(text).value());
  auto rules = device   ? Result<model::RuleSet>(read_device(*device, file, sources, sink, own))
               : family ? read_iptables(request, *family, file, files, sources, sink)
                        : read_nft_rules(request, file, files, sources, sink);
  if (!rules)
    return cannot_run(rules.failure().message);
  const Filter filter(rules.value(), family, request.host.empty() && own.entries.empty() ? nullptr : &own, sources);
  FilterAnswer answer = ask(request, files, filter);
  std::string diagnostics;
  for (const Diagnostic& diagnostic : sink.all())
    diagnostics += render(diagnostic, sources);
  if (sink.suppressed() > 0)
    diagnostics += fmt::format("segproof: {} more messages\n", sink.suppressed());
  answer.messages.insert(0, diagnostics);
  return answer;
}

}  // namespace segproof::cli
