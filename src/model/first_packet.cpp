// SPDX-License-Identifier: Apache-2.0
// The state of a packet that no connection table knows yet.
#include "model/walk.h"

namespace segproof::model {
namespace {

TrackState first_tcp_state(unsigned flags, bool tcp_loose) {
  const unsigned telling = flags & (tcp_flag::fin | tcp_flag::syn | tcp_flag::rst | tcp_flag::ack);
  // A bare ACK is taken for a connection that began before the table did.
  const bool opens = telling == tcp_flag::syn || (tcp_loose && telling == tcp_flag::ack);
  return opens ? TrackState::fresh : TrackState::invalid;
}

// Requests: echo, timestamp, information, address mask.
TrackState first_icmp_state(unsigned type) {
  return type == 8 || type == 13 || type == 15 || type == 17 ? TrackState::fresh : TrackState::invalid;
}

// Echo and node information requests; neighbour discovery and multicast listener reports are not tracked at all.
TrackState first_icmpv6_state(unsigned type) {
  if (type == 128 || type == 139)
    return TrackState::fresh;
  const bool untracked = (type >= 130 && type <= 136) || type == 143 || type == 151 || type == 152;
  return untracked ? TrackState::untracked : TrackState::invalid;
}

}  // namespace

TrackState first_packet_state(const Packet& packet, bool tcp_loose) {
  const auto icmp_type = static_cast<unsigned>(packet[Field::destination_port] >> 8U);
  if (packet[Field::fragment] != 0)
    return TrackState::fresh;
  if (packet.protocol() == protocol_number::tcp) {
    return first_tcp_state(static_cast<unsigned>(packet[Field::tcp_flags]), tcp_loose);
  }
  const bool ipv6 = packet.family == Family::ipv6;
  if (packet.protocol() == protocol_number::icmp)
    return ipv6 ? TrackState::invalid : first_icmp_state(icmp_type);
  if (packet.protocol() == protocol_number::icmpv6)
    return ipv6 ? first_icmpv6_state(icmp_type) : TrackState::invalid;
  constexpr std::uint8_t no_next_header = 59;
  return ipv6 && packet.protocol() == no_next_header ? TrackState::invalid : TrackState::fresh;
}

}  // namespace segproof::model
