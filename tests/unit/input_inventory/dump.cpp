// SPDX-License-Identifier: Apache-2.0
#include "dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/display.h"
#include "base/source.h"

namespace segproof::test {
namespace {

std::string protocol_text(std::uint8_t protocol) {
  return protocol == 6 ? "tcp" : protocol == 17 ? "udp" : protocol == 132 ? "sctp" : std::to_string(protocol);
}

std::string ports_text(const IntervalSet& ports) {
  std::string text;
  for (const Interval& interval : ports.intervals()) {
    const auto low = static_cast<unsigned>(interval.low);
    const auto high = static_cast<unsigned>(interval.high);
    text += (text.empty() ? "" : ",") + (low == high ? fmt::format("{}", low) : fmt::format("{}-{}", low, high));
  }
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ",") + word;
  }
  return text;
}

std::string service_text(const input::ListedService& service) {
  std::string text = " " + protocol_text(service.protocol);
  if (!service.ports.is_empty()) {
    text += "/" + ports_text(service.ports);
  }
  if (!service.name.empty()) {
    text += "(" + service.name + ")";
  }
  for (const std::string& tag : service.tags) {
    text += "+" + tag;
  }
  return text + (service.certain ? "" : "?");
}

std::string knowledge_text(const input::ListedHost& host) {
  std::string text;
  if (host.services_listed) {
    text = " listed:";
  } else if (!host.scanned.empty()) {
    text = " scanned";
    for (const auto& [protocol, ports] : host.scanned) {
      text += " " + protocol_text(protocol) + "/" + ports_text(ports);
    }
    text += ":";
  }
  for (const input::ListedService& service : host.services) {
    text += service_text(service);
  }
  return text;
}

}  // namespace

std::string dump(const input::ListedHost& host) {
  std::string text = escape_controls(host.name) + " [";
  for (const input::ListedAddress& address : host.addresses) {
    text += text.back() == '[' ? "" : " ";
    text += to_string(address.address);
    text += address.prefix_length ? fmt::format("/{}", *address.prefix_length) : "";
    text += address.interface.empty() ? "" : "%" + address.interface;
  }
  text += "]";
  const std::vector<std::pair<std::string_view, std::string>> parts{{"aka", joined(host.aliases)},
                                                                    {"groups", joined(host.groups)},
                                                                    {"tags", joined(host.tags)},
                                                                    {"labels", joined(host.labels)},
                                                                    {"zone", host.zone},
                                                                    {"segment", host.segment},
                                                                    {"vrf", host.vrf}};
  for (const auto& [name, value] : parts) {
    text += value.empty() ? "" : fmt::format(" {}={}", name, escape_controls(value));
  }
  return text + knowledge_text(host);
}

std::string dump(const input::Inventory& inventory) {
  std::string text;
  for (const input::ListedHost& host : inventory.hosts) {
    text += dump(host) + "\n";
  }
  if (!inventory.notes.empty()) {
    const auto undecided = std::ranges::count(inventory.notes, LineUse::undecided, &LineNote::use);
    text += fmt::format("({} undecided, {} unmodelled)\n", undecided,
                        static_cast<std::ptrdiff_t>(inventory.notes.size()) - undecided);
  }
  return text;
}

ReadResult read(std::string_view reader, std::string text, const input::CsvColumns& columns) {
  SourceStore sources;
  DiagnosticSink sink;
  const FileId file = sources.add("hosts", std::move(text));
  ReadResult result;
  if (reader == "ini") {
    result.inventory = input::read_ansible_ini(file, sources, sink);
  } else if (reader == "yaml") {
    result.inventory = input::read_ansible_yaml(file, sources, sink);
  } else if (reader == "csv") {
    result.inventory = input::read_csv(file, sources, columns, sink);
  } else {
    result.inventory = input::read_nmap_xml(file, sources, sink);
  }
  for (const Diagnostic& diagnostic : sink.all()) {
    result.diagnostics += render(diagnostic, sources);
  }
  result.errors = sink.error_count();
  return result;
}

}  // namespace segproof::test
