// SPDX-License-Identifier: Apache-2.0
#include "confirm/wire.h"

#include <algorithm>
#include <array>

namespace segproof::confirm {
namespace {

constexpr std::size_t mark_length = 4;

void put16(Bytes& bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}
std::uint16_t get16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}
void put_bits(Bytes& bytes, std::size_t at, std::size_t length, Bits value) {
  for (std::size_t i = length; i-- > 0; value >>= 8U)
    bytes[at + i] = static_cast<std::uint8_t>(value);
}
Bits get_bits(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t length) {
  Bits value = 0;
  for (std::size_t i = 0; i < length; ++i)
    value = value << 8U | bytes[at + i];
  return value;
}

std::uint32_t sum16(std::span<const std::uint8_t> bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    sum += static_cast<std::uint32_t>(bytes[i] << 8U) | (i + 1 < bytes.size() ? bytes[i + 1] : 0U);
  return sum;
}
std::uint32_t folded(std::uint32_t sum) {
  while (sum >> 16U != 0)
    sum = (sum & 0xffffU) + (sum >> 16U);
  return ~sum & 0xffffU;
}

std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc & 1U) != 0 ? crc >> 1U ^ 0x82f63b78U : crc >> 1U;
  }
  return ~crc;
}

struct Layout {
  std::size_t ip = 20;        // length of the IP header
  std::size_t transport = 8;  // length of the header behind it
};

Layout layout_of(const Packet& packet) {
  Layout layout;
  layout.ip = packet.family == Family::ipv4 ? 20 : 40;
  if (packet.protocol() == protocol_number::tcp)
    layout.transport = 20;
  if (packet.protocol() == protocol_number::sctp)
    layout.transport = 12 + 20;  // with an INIT chunk
  return layout;
}

bool is_own_icmp(const Packet& packet) {
  return packet.protocol() == (packet.family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6);
}

void write_ip_header(Bytes& bytes, const Packet& packet, std::uint16_t number) {
  const bool v4 = packet.family == Family::ipv4;
  bytes[0] = v4 ? 0x45 : 0x60;
  if (v4) {
    put16(bytes, 2, static_cast<std::uint32_t>(bytes.size()));
    put16(bytes, 4, number);
    if (packet[Field::fragment] != 0)
      put16(bytes, 6, 64);  // 512 bytes further on, the last one
    bytes[8] = 64;
    bytes[9] = packet.protocol();
    put_bits(bytes, 12, 4, packet[Field::source]);
    put_bits(bytes, 16, 4, packet[Field::destination]);
    put16(bytes, 10, folded(sum16(std::span(bytes).first(20))));
    return;
  }
  put16(bytes, 2, number);
  put16(bytes, 4, static_cast<std::uint32_t>(bytes.size() - 40));
  bytes[6] = packet.protocol();
  bytes[7] = 64;
  put_bits(bytes, 8, 16, packet[Field::source]);
  put_bits(bytes, 24, 16, packet[Field::destination]);
}

// Linux asks UDP-Lite for the checksum that UDP would have, and calls every other packet of it INVALID.
std::uint32_t pseudo_header(const Bytes& bytes, const Packet& packet, std::size_t length) {
  const std::uint8_t protocol =
      packet.protocol() == protocol_number::udplite ? protocol_number::udp : packet.protocol();
  const auto addresses =
      packet.family == Family::ipv4 ? std::span(bytes).subspan(12, 8) : std::span(bytes).subspan(8, 32);
  return sum16(addresses) + protocol + static_cast<std::uint32_t>(length);
}

void write_sctp(Bytes& bytes, std::size_t at) {
  put_bits(bytes, at + 12, 4, 0x01000018);  // INIT, 24 bytes: the number at the end is a parameter
  put_bits(bytes, at + 16, 4, 1);           // initiate tag
  put_bits(bytes, at + 20, 4, 0x10000);     // window
  put_bits(bytes, at + 24, 4, 0x00010001);  // streams
  put_bits(bytes, at + 28, 4, 1);           // first number
  const std::uint32_t crc = crc32c(std::span(bytes).subspan(at));
  for (std::size_t i = 0; i < 4; ++i)
    bytes[at + 8 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
}

// Precondition: the IP header and the number at the end are written.
void write_transport(Bytes& bytes, const Packet& packet, std::uint16_t number, std::size_t at) {
  const std::size_t length = bytes.size() - at;
  const std::uint8_t protocol = packet.protocol();
  if (has_ports(protocol)) {
    put16(bytes, at, static_cast<std::uint32_t>(packet[Field::source_port]));
    put16(bytes, at + 2, static_cast<std::uint32_t>(packet[Field::destination_port]));
  }
  if (protocol == protocol_number::tcp) {
    put_bits(bytes, at + 4, 4, 1);
    bytes[at + 12] = 0x50;
    bytes[at + 13] = static_cast<std::uint8_t>(packet[Field::tcp_flags]);
    put16(bytes, at + 14, 4096);
    put16(bytes, at + 16, folded(sum16(std::span(bytes).subspan(at), pseudo_header(bytes, packet, length))));
  } else if (protocol == protocol_number::udp || protocol == protocol_number::udplite) {
    put16(bytes, at + 4, protocol == protocol_number::udp ? static_cast<std::uint32_t>(length) : 0);
    const std::uint32_t sum = folded(sum16(std::span(bytes).subspan(at), pseudo_header(bytes, packet, length)));
    put16(bytes, at + 6, sum == 0 ? 0xffff : sum);
  } else if (protocol == protocol_number::sctp) {
    write_sctp(bytes, at);
  } else if (is_icmp(protocol)) {
    put16(bytes, at, static_cast<std::uint32_t>(packet[Field::destination_port]));
    put16(bytes, at + 4, number);
    put16(bytes, at + 6, 1);
    const std::uint32_t pseudo = protocol == protocol_number::icmp ? 0 : pseudo_header(bytes, packet, length);
    put16(bytes, at + 2, folded(sum16(std::span(bytes).subspan(at), pseudo)));
  }
}

}  // namespace

Bytes to_bytes(const Packet& packet, std::uint16_t number) {
  const Layout layout = layout_of(packet);
  const std::size_t length = layout.ip + layout.transport + mark_length;
  Bytes bytes(length, 0);
  // SCTP: the number lies behind the chunk; its checksum covers it.
  put16(bytes, length - 4, static_cast<std::uint32_t>(~number) & 0xffffU);
  put16(bytes, length - 2, number);
  write_ip_header(bytes, packet, number);
  if (packet[Field::fragment] == 0)
    write_transport(bytes, packet, number, layout.ip);
  return bytes;
}

Bytes error_bytes(const Packet& error, const Packet& quoted, std::uint16_t number) {
  const Layout layout = layout_of(error);
  Bytes inner = to_bytes(quoted, number);
  inner.resize(std::min(inner.size(), layout.ip + 8));
  Bytes bytes(layout.ip + 8 + inner.size(), 0);
  write_ip_header(bytes, error, number);
  put16(bytes, layout.ip, static_cast<std::uint32_t>(error[Field::destination_port]));
  std::ranges::copy(inner, bytes.begin() + static_cast<std::ptrdiff_t>(layout.ip + 8));
  const std::uint32_t pseudo = error.family == Family::ipv4 ? 0 : pseudo_header(bytes, error, bytes.size() - layout.ip);
  put16(bytes, layout.ip + 2, folded(sum16(std::span(bytes).subspan(layout.ip), pseudo)));
  return bytes;
}

Bytes as_first_fragment(Bytes bytes) {
  put16(bytes, 6, 0x2000);
  put16(bytes, 10, 0);
  put16(bytes, 10, folded(sum16(std::span(bytes).first(20))));
  return bytes;
}

namespace {

// An extension header of eight bytes behind that of IPv6.
Bytes with_header(const Bytes& bytes, std::uint8_t number, std::array<std::uint8_t, 7> rest) {
  Bytes longer = bytes;
  std::array<std::uint8_t, 8> header{bytes[6]};
  std::ranges::copy(rest, header.begin() + 1);
  longer[6] = number;
  longer.insert(longer.begin() + 40, header.begin(), header.end());
  put16(longer, 4, static_cast<std::uint32_t>(longer.size() - 40));
  return longer;
}

}  // namespace

Bytes with_options(const Bytes& bytes, std::uint8_t header) {
  return with_header(bytes, header, {0, 1, 4, 0, 0, 0, 0});  // no longer than this; four bytes of padding
}

Bytes as_later_fragment(const Bytes& bytes) {
  constexpr std::uint8_t fragment = 44;
  return with_header(bytes, fragment, {0, 0x02, 0x00, 0, 0, 0, 9});  // 512 bytes further on, the last one
}

Bytes last_fragment(const Packet& packet, std::uint16_t number, std::uint16_t offset, std::size_t length) {
  Bytes bytes(20 + length, 0);
  write_ip_header(bytes, packet, number);
  put16(bytes, 6, offset);
  put16(bytes, 10, 0);
  put16(bytes, 10, folded(sum16(std::span(bytes).first(20))));
  return bytes;
}

std::optional<Seen> from_payload(const Packet& packet, std::span<const std::uint8_t> payload) {
  if (payload.size() < 8 + mark_length)
    return std::nullopt;
  Seen seen;
  seen.packet = packet;
  Packet& found = seen.packet;
  const bool whole = found[Field::fragment] == 0;
  if (whole && has_ports(found.protocol())) {
    found[Field::source_port] = get16(payload, 0);
    found[Field::destination_port] = get16(payload, 2);
  }
  if (whole && found.protocol() == protocol_number::tcp) {
    found[Field::tcp_flags] = payload[13];
    seen.is_refusal = (payload[13] & tcp_flag::rst) != 0;
  }
  if (whole && is_icmp(found.protocol()))
    found[Field::destination_port] = get16(payload, 0);
  if (whole && is_own_icmp(found)) {
    seen.is_refusal = found.family == Family::ipv4 ? payload[0] == 3 : payload[0] == 1;
  }
  const std::uint16_t number = get16(payload, payload.size() - 2);
  seen.number = number;
  seen.is_numbered = number != 0 && get16(payload, payload.size() - 4) == static_cast<std::uint16_t>(~number);
  return seen;
}

std::optional<Seen> from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.empty())
    return std::nullopt;
  const unsigned version = bytes[0] >> 4U;
  const std::size_t header = version == 4 ? std::size_t{4} * (bytes[0] & 15U) : 40;
  if ((version != 4 && version != 6) || bytes.size() < std::max(header, std::size_t{20}))
    return std::nullopt;
  Packet packet;
  packet.family = version == 4 ? Family::ipv4 : Family::ipv6;
  const std::size_t width = version == 4 ? 4 : 16;
  const std::size_t at = version == 4 ? 12 : 8;
  packet[Field::protocol] = version == 4 ? bytes[9] : bytes[6];
  packet[Field::source] = get_bits(bytes, at, width);
  packet[Field::destination] = get_bits(bytes, at + width, width);
  packet[Field::fragment] = version == 4 && (get16(bytes, 6) & 0x1fffU) != 0 ? 1 : 0;
  const std::size_t total = version == 4 ? get16(bytes, 2) : std::size_t{40} + get16(bytes, 4);
  if (total > bytes.size() || total < header)
    return std::nullopt;
  auto seen = from_payload(packet, bytes.subspan(header, total - header));
  if (seen && get16(bytes, version == 4 ? 4 : 2) != seen->number)
    seen->is_numbered = false;
  return seen;
}

}  // namespace segproof::confirm
