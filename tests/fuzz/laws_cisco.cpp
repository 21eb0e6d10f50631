// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "input/cisco/reader.h"
#include "laws.h"

namespace segproof::fuzz {
namespace {

std::uint64_t digest(const model::DeviceConfiguration& device, const DiagnosticSink& sink) {
  Digest digest;
  digest.add(device.rules).add(device.undecided).add(device.unmodelled).add(sink).add(device.host_name);
  for (const model::LineUse use : device.lines)
    digest.add(static_cast<std::uint64_t>(use));
  for (const model::ConfiguredInterface& interface : device.interfaces)
    digest.add(interface.name).add(interface.addresses.size()).add(interface.origin);
  for (const model::ConfiguredRoute& route : device.routes)
    digest.add(IntervalSet{route.destination.interval()}).add(route.interface).add(route.origin);
  return digest.value();
}

// What the account says of the lines is what the gaps say.
void ask_account(Laws& laws, const model::DeviceConfiguration& device, std::uint32_t lines) {
  laws.hold(device.lines.size() == lines, "the account has another number of lines");
  const auto ask = [&](const std::vector<model::Gap>& gaps, model::LineUse use, std::string_view law) {
    std::set<std::uint32_t> named;
    for (const model::Gap& gap : gaps)
      named.insert(gap.span.line);
    for (std::uint32_t number = 1; number <= device.lines.size(); ++number) {
      if (device.lines[number - 1] == use && !named.contains(number))
        laws.hold(false, fmt::format("line {}: {}", number, law));
    }
  };
  ask(device.undecided, model::LineUse::undecided, "an undecided line without a gap");
  ask(device.unmodelled, model::LineUse::unmodelled, "an unmodelled line without a gap");
}

void ask_routing(Laws& laws, const model::DeviceConfiguration& device) {
  for (const model::ConfiguredInterface& interface : device.interfaces) {
    laws.hold(!interface.name.empty(), "an interface without a name");
    laws.place(interface.origin, "interface");
    for (const InterfaceAddress& address : interface.addresses)
      laws.hold(address.prefix.contains(address.address), "an address outside its prefix");
  }
  for (const model::ConfiguredRoute& route : device.routes) {
    laws.place(route.origin, "route");
    const Family family = route.destination.address.family;
    laws.hold(route.destination.length <= address_width(family), "a prefix beyond its family");
    laws.hold(!route.gateway || route.gateway->family == family, "a gateway of the other family");
  }
}

}  // namespace

std::string broken_by_cisco(std::string_view text) {
  SourceStore sources;
  const FileId file = sources.add("device.cfg", std::string(text));
  Laws laws(sources);
  for (const CiscoDialect dialect : {CiscoDialect::asa, CiscoDialect::ios, CiscoDialect::nxos}) {
    DiagnosticSink sink(100);
    const model::DeviceConfiguration device = read_cisco(file, sources, dialect, sink);
    laws.diagnostics(sink, Laws::Errors::never);
    laws.rules(device.rules, text.size());
    laws.gaps(device.undecided);
    laws.gaps(device.unmodelled);
    ask_account(laws, device, sources.line_count(file));
    ask_routing(laws, device);
    DiagnosticSink again(100);
    laws.hold(digest(device, sink) == digest(read_cisco(file, sources, dialect, again), again),
              "a second reading says something else");
  }
  static_cast<void>(recognise_cisco(text));
  return laws.broken();
}

}  // namespace segproof::fuzz
