// SPDX-License-Identifier: Apache-2.0
// One concrete packet: a value for every field.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "packet/address.h"
#include "packet/field.h"

namespace segproof {

struct Packet {
  Family family = Family::ipv4;
  std::array<Bits, field_count> values{};

  [[nodiscard]] Bits operator[](Field field) const { return values[static_cast<std::size_t>(field)]; }
  [[nodiscard]] Bits& operator[](Field field) { return values[static_cast<std::size_t>(field)]; }
  [[nodiscard]] Address source() const { return {family, (*this)[Field::source]}; }
  [[nodiscard]] Address destination() const { return {family, (*this)[Field::destination]}; }
  [[nodiscard]] std::uint8_t protocol() const { return static_cast<std::uint8_t>((*this)[Field::protocol]); }
  friend bool operator==(const Packet&, const Packet&) = default;
};

// "tcp 10.11.0.9:40000 > 172.30.10.4:443 [syn]", "icmp 10.0.0.1 > 10.0.0.2 type 8 code 0", "gre [::1] > [::2]",
// IPv6 with ports in brackets; a later fragment ends with "fragment". Device-internal fields are not shown.
[[nodiscard]] std::string to_string(const Packet& packet);
// The same syntax back. TCP without flags means [syn]; ICMP without a type means type 8 (ICMPv6: 128), code 0; ports
// may be left out for protocols without ports; the protocol may be a number. A Failure says why the text
// is no packet, and how one is written.
[[nodiscard]] Result<Packet> read_packet(std::string_view text);
[[nodiscard]] std::optional<Packet> parse_packet(std::string_view text);  // the same without a reason

// "tcp" for 6, "47" or "gre" for 47: the name that people use, else the number.
[[nodiscard]] std::string protocol_name(std::uint8_t protocol);
// Names of /etc/protocols that firewalls accept, and numbers 0..255.
[[nodiscard]] std::optional<std::uint8_t> parse_protocol(std::string_view text);
// 2 for "syn", lower case only.
[[nodiscard]] std::optional<unsigned> parse_tcp_flag(std::string_view name);
// {"syn","ack"} in the order FIN SYN RST PSH ACK URG ECE CWR, lower case.
[[nodiscard]] std::vector<std::string_view> tcp_flag_names(std::uint8_t flags);

}  // namespace segproof
