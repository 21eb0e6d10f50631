// SPDX-License-Identifier: Apache-2.0
// The fields of a packet as a firewall sees it: its header, and what the device knows about it while it passes.
// The order of the enumerators is the order of the levels of the diagram, top first (docs/decisions/0001).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "packet/bits.h"

namespace segproof {

enum class Family : std::uint8_t { ipv4, ipv6 };

// Values that only live inside one device (ingress to tracking) are free ("any") on the wire.
enum class Field : std::uint8_t {
  origin,            // where the packet was sent: an index of the caller's, for one fixpoint over many senders
  ingress,           // interface id on the device at hand; 0 = generated here
  egress,            // interface id on the device at hand; 0 = delivered here
  state,             // low three bits: TrackState; above them how it came so far, 0..2 (reach::Role)
  translated,        // bit 0: destination was translated, bit 1: source was translated
  mark,              // index into the device's table of mark values; 0 = mark 0
  connection_mark,   // as mark
  fragment,          // 0 = whole packet or first fragment, 1 = later fragment (no ports, no flags)
  protocol,          // IP protocol number
  destination,       // 32 or 128 bits
  source,            // 32 or 128 bits
  destination_port,  // TCP, UDP, UDP-Lite, SCTP, DCCP port; ICMP and ICMPv6: type * 256 + code
  source_port,       // ports as above; 0 for ICMP and all other protocols
  tcp_flags,         // FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128; 0 unless TCP
};
inline constexpr std::size_t field_count = 14;

// Some of the fields.
class FieldSet {
 public:
  constexpr FieldSet(std::initializer_list<Field> fields) {
    for (const Field field : fields)
      bits_ |= 1U << static_cast<unsigned>(field);
  }
  [[nodiscard]] constexpr bool has(Field field) const { return (bits_ >> static_cast<unsigned>(field) & 1U) != 0; }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }

 private:
  std::uint32_t bits_ = 0;
};

enum class TrackState : std::uint8_t { fresh, established, related, invalid, untracked };
inline constexpr std::size_t track_state_count = 5;

// "destination_port".
[[nodiscard]] std::string_view field_name(Field field);
// Width in bits: 128 or 32 for addresses, 16 for ports, ids and marks, 8 for the rest.
[[nodiscard]] unsigned field_width(Field field, Family family);
// The largest value of the field.
[[nodiscard]] Bits field_max(Field field, Family family);

namespace protocol_number {
inline constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17, dccp = 33, icmpv6 = 58, sctp = 132, udplite = 136;
}
// True for the protocols whose header begins with two ports.
[[nodiscard]] bool has_ports(std::uint8_t protocol);
// 1 under IPv4, 58 under IPv6. (The other one is a protocol like any other there, its overlay is still kept.)
[[nodiscard]] bool is_icmp(std::uint8_t protocol);

namespace tcp_flag {
inline constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16, urg = 32, ece = 64, cwr = 128;
}

}  // namespace segproof
