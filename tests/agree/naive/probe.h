// SPDX-License-Identifier: Apache-2.0
// One packet of the naive engine, small enough to be a key, and what connection tracking thinks of it on its own.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "packet/field.h"
#include "packet/packet.h"

namespace segproof::naive {

struct Probe {
  Bits source = 0;
  Bits destination = 0;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;  // ICMP: type * 256 + code
  std::uint8_t protocol = 0;
  std::uint8_t flags = 0;
  bool fragment = false;  // a later fragment: no ports, no flags

  friend bool operator==(const Probe&, const Probe&) = default;
  friend std::strong_ordering operator<=>(const Probe&, const Probe&) = default;
};

struct ProbeHash {
  std::size_t operator()(const Probe& p) const;
};

// The value that a rule reads from a header field. Precondition: not one of the device's own fields.
[[nodiscard]] Bits value_of(const Probe& probe, Field field);

// SYN and none of ACK, RST, FIN.
[[nodiscard]] bool is_bare_syn(const Probe& probe);
// The SYN+ACK to a bare SYN.
[[nodiscard]] Probe answer_to(const Probe& syn);

// The packet without its flags: what a connection table keeps.
[[nodiscard]] Probe tuple_of(const Probe& probe);
// The tuple of the other direction. Nothing for an ICMP type that asks for no answer.
[[nodiscard]] std::optional<Probe> inverse(const Probe& tuple, Family family);

[[nodiscard]] bool is_icmp_error(const Probe& probe, Family family);
// What conntrack says of it when no entry matches (semantics-linux.md, "Connection tracking").
[[nodiscard]] TrackState first_state(const Probe& probe, Family family);

[[nodiscard]] Packet to_packet(const Probe& probe, Family family);
[[nodiscard]] Probe from_packet(const Packet& packet);
// For failure messages: "tcp 10.0.0.1:22 > 10.0.0.2:443 flags 2".
[[nodiscard]] std::string text_of(const Probe& probe, Family family);

}  // namespace segproof::naive
