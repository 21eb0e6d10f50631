// SPDX-License-Identifier: Apache-2.0
// Packets as bytes on a wire, and back. Every packet carries a number twice: where the header can hold it without
// meaning anything (IPv4: identification, IPv6: the low 16 bits of the flow label; both survive translation), and in
// its last four bytes. Lengths are those that model::SinglePacketWorld knows: 44 bytes of TCP, 32 of anything else, 20
// more for IPv6; only SCTP is longer, because a first packet without an INIT chunk would be no first packet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "packet/packet.h"

namespace segproof::confirm {

using Bytes = std::vector<std::uint8_t>;

// The packet with right checksums, hop limit 64, traffic class 0. Precondition: number > 0.
[[nodiscard]] Bytes to_bytes(const Packet& packet, std::uint16_t number);

// An ICMP error about another packet, of which it quotes the beginning.
[[nodiscard]] Bytes error_bytes(const Packet& error, const Packet& quoted, std::uint16_t number);

// The same packet as the first of several fragments. Precondition: IPv4, whole 8-byte units behind its header.
[[nodiscard]] Bytes as_first_fragment(Bytes bytes);
// The last fragment of an IPv4 packet, `offset` units of 8 bytes behind its beginning.
[[nodiscard]] Bytes last_fragment(const Packet& packet, std::uint16_t number, std::uint16_t offset, std::size_t length);

// The same IPv6 packet with a header of padding behind its own (0: hop-by-hop, 60: destination options).
[[nodiscard]] Bytes with_options(const Bytes& bytes, std::uint8_t header);
// The end of the IPv6 packet as a later fragment.
[[nodiscard]] Bytes as_later_fragment(const Bytes& bytes);

// What stands in the bytes of an IP packet without extension headers.
struct Seen {
  Packet packet;  // fields of the header; the rest is 0
  std::uint16_t number = 0;
  bool is_numbered = false;  // both places hold the same number: one of ours, not an answer
  bool is_refusal = false;   // an ICMP error, or a TCP reset
};
// Nothing when the bytes are no IP packet or too few.
[[nodiscard]] std::optional<Seen> from_bytes(std::span<const std::uint8_t> bytes);
// The same for what a raw IPv6 socket gives: the bytes behind the IP header of `packet`, whose addresses and protocol
// are filled in already. The number is that of the last four bytes.
[[nodiscard]] std::optional<Seen> from_payload(const Packet& packet, std::span<const std::uint8_t> payload);

}  // namespace segproof::confirm
