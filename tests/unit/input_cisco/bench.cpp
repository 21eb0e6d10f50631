// SPDX-License-Identifier: Apache-2.0
#include "bench.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/text.h"
#include "model/single_packet.h"

namespace segproof::test {
namespace {

std::uint8_t number_of(std::string_view protocol) {
  if (protocol == "tcp")
    return 6;
  if (protocol == "udp")
    return 17;
  if (protocol == "icmp")
    return 1;
  return parse_unsigned<std::uint8_t>(protocol).value_or(0);
}

// "10.0.0.1:80", "[2001:db8::1]:80", "10.0.0.1:8/0"
void end_point(std::string_view text, Field address, Field port, Packet& packet) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('['))
    host = host.substr(1, host.size() - 2);
  const Address parsed = parse_address(host).value();
  packet.family = parsed.family;
  packet[address] = parsed.bits;
  const std::vector<std::string_view> parts = split(text.substr(colon + 1), '/');
  Bits value = parse_unsigned<std::uint16_t>(parts[0]).value();
  if (parts.size() > 1)
    value = value * 256 + parse_unsigned<std::uint8_t>(parts[1]).value();
  packet[port] = value;
}

}  // namespace

Bench::Bench(std::string text, CiscoDialect dialect, std::string table) {
  const FileId file = sources_.add("device.cfg", std::move(text));
  if (table.empty()) {
    device_ = read_cisco(file, sources_, dialect, sink_);
    return;
  }
  const FileId routes = sources_.add("routes.txt", std::move(table));
  const CiscoRouteTable known = read_cisco_routes(routes, sources_, sink_);
  device_ = read_cisco(file, sources_, dialect, sink_, &known);
}

std::string Bench::judge(std::string_view question) const {
  const std::vector<std::string_view> words = split_words(question);
  model::SinglePacket packet;
  packet.ingress = words[0] == "LOCAL" ? "" : std::string(words[0]);
  packet.egress = words[1] == "LOCAL" ? "" : std::string(words[1]);
  packet.packet[Field::protocol] = number_of(words[2]);
  end_point(words[3], Field::source, Field::source_port, packet.packet);
  end_point(words[5], Field::destination, Field::destination_port, packet.packet);
  if (packet.packet.protocol() == 6)
    packet.packet[Field::tcp_flags] = words.size() > 6 ? parse_unsigned<std::uint8_t>(words[6]).value() : 2;
  if (words.size() > 6 && words[6] == "fragment")
    packet.packet[Field::fragment] = 1;
  model::OwnAddresses own;
  for (const model::ConfiguredInterface& interface : device_.interfaces) {
    for (const InterfaceAddress& address : interface.addresses)
      own.entries.push_back({interface.name, address});
  }
  model::Flight before;
  before.packet = packet.packet;
  const model::Judgement judged = model::judge(device_.rules, packet, &own);
  if (judged.fate == model::Fate::unknown)
    return "unknown";
  const std::string header = model::header_text(judged.flight);
  const bool changed = judged.fate == model::Fate::accept && header != model::header_text(before);
  return fmt::format("{} line {}{}", judged.fate == model::Fate::accept ? "accept" : "drop", judged.decided_by.line,
                     changed ? " " + header : "");
}

std::string Bench::messages() const {
  std::string text;
  for (const Diagnostic& diagnostic : sink_.all())
    text += fmt::format("{}{}: {}", text.empty() ? "" : " | ", diagnostic.span.line, diagnostic.message);
  return text;
}

std::string Bench::account() const {
  constexpr std::string_view letters = ".mi?X";
  std::string text;
  for (const model::LineUse use : device_.lines)
    text += letters[static_cast<std::size_t>(use)];
  return text;
}

}  // namespace segproof::test
