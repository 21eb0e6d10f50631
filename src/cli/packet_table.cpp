// SPDX-License-Identifier: Apache-2.0
#include "cli/packet_table.h"

#include <fmt/format.h>

#include "base/text.h"

namespace segproof::cli {
namespace {

constexpr std::size_t columns = 8;

std::optional<Bits> parse_flags(std::string_view text) {
  if (const auto hex = parse_hex<std::uint8_t>(text))
    return Bits{*hex};
  if (const auto decimal = parse_unsigned<std::uint8_t>(text))
    return Bits{*decimal};
  return std::nullopt;
}

std::string interface_of(std::string_view text) {
  return text == "LOCAL" ? std::string() : std::string(text);
}

// ICMP rows give the type in the column of the destination port; the code is 0.
Bits overlay(const Packet& packet, std::uint16_t value) {
  const bool icmp =
      packet.protocol() == (packet.family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6);
  if (icmp)
    return Bits{value} * 256;
  return has_ports(packet.protocol()) ? Bits{value} : Bits{0};
}

}  // namespace

std::variant<std::monostate, PacketRow, RowFault> parse_packet_row(std::string_view line, std::uint32_t number) {
  if (trim(line).empty() || line.front() == '#')
    return std::monostate();
  const auto fault = [&](std::string message) { return RowFault{number, std::move(message)}; };
  const auto cells = split(line, '\t');
  if (cells.size() < columns) {
    return fault(fmt::format("{} columns separated by tabs, {} needed", cells.size(), columns));
  }
  PacketRow row;
  row.line = number;
  row.packet.ingress = interface_of(cells[0]);
  row.packet.egress = interface_of(cells[1]);
  Packet& packet = row.packet.packet;
  const auto protocol = parse_unsigned<std::uint8_t>(cells[2]);
  const auto source = parse_address(cells[3]);
  const auto source_port = parse_unsigned<std::uint16_t>(cells[4]);
  const auto destination = parse_address(cells[5]);
  const auto destination_port = parse_unsigned<std::uint16_t>(cells[6]);
  const auto flags = parse_flags(cells[7]);
  if (cells[0].empty() || cells[1].empty())
    return fault("an interface is empty");
  if (!protocol)
    return fault(fmt::format("protocol {} is no number of 0 to 255", quote(cells[2])));
  if (!source)
    return fault(fmt::format("source {} is no address", quote(cells[3])));
  if (!source_port)
    return fault(fmt::format("source port {} is no number of 0 to 65535", quote(cells[4])));
  if (!destination)
    return fault(fmt::format("destination {} is no address", quote(cells[5])));
  if (!destination_port)
    return fault(fmt::format("destination port {} is no number of 0 to 65535", quote(cells[6])));
  if (!flags)
    return fault(fmt::format("TCP flags {} are no number of 0 to 0xff", quote(cells[7])));
  if (source->family != destination->family)
    return fault("source and destination are of different families");
  packet.family = source->family;
  packet[Field::protocol] = *protocol;
  packet[Field::source] = source->bits;
  packet[Field::destination] = destination->bits;
  packet[Field::source_port] = has_ports(*protocol) ? Bits{*source_port} : Bits{0};
  packet[Field::destination_port] = overlay(packet, *destination_port);
  packet[Field::tcp_flags] = *protocol == protocol_number::tcp ? *flags : Bits{0};
  if (is_icmp(*protocol) && *destination_port > 255)
    return fault("an ICMP type above 255");
  row.more_columns.assign(cells.begin() + columns, cells.end());
  return row;
}

}  // namespace segproof::cli
