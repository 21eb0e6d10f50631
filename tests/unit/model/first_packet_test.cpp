// SPDX-License-Identifier: Apache-2.0
// The state of the first packet of a flow, on all flag bytes and all ICMP types (semantics were asked of a kernel).
#include <doctest/doctest.h>

#include "build.h"

namespace segproof::test {

TEST_CASE("TCP: NEW if and only if SYN alone or ACK alone of FIN, SYN, RST, ACK") {
  Packet packet = *parse_packet("tcp 10.0.0.1:1000 > 10.0.0.2:80");
  unsigned fresh = 0;
  for (unsigned flags = 0; flags < 256; ++flags) {
    packet[Field::tcp_flags] = flags;
    const bool fin = (flags & 1U) != 0;
    const bool syn = (flags & 2U) != 0;
    const bool rst = (flags & 4U) != 0;
    const bool ack = (flags & 16U) != 0;
    const bool opens = !fin && !rst && (syn != ack);
    CAPTURE(flags);
    CHECK(first_packet_state(packet) == (opens ? TrackState::fresh : TrackState::invalid));
    CHECK((first_packet_state(packet, false) == TrackState::fresh) == (opens && syn));
    fresh += opens ? 1 : 0;
  }
  CHECK(fresh == 32);
}

TEST_CASE("ICMP requests open a flow") {
  Packet packet = *parse_packet("icmp 10.0.0.1 > 10.0.0.2 type 8 code 0");
  for (unsigned type = 0; type < 256; ++type) {
    packet[Field::destination_port] = type * 256;
    const bool request = type == 8 || type == 13 || type == 15 || type == 17;
    CAPTURE(type);
    CHECK(first_packet_state(packet) == (request ? TrackState::fresh : TrackState::invalid));
  }
}

TEST_CASE("ICMPv6 requests open a flow, neighbour discovery is not tracked") {
  Packet packet = *parse_packet("icmpv6 2001:db8::1 > 2001:db8::2 type 128 code 0");
  for (unsigned type = 0; type < 256; ++type) {
    packet[Field::destination_port] = type * 256;
    TrackState expected = TrackState::invalid;
    if (type == 128 || type == 139)
      expected = TrackState::fresh;
    if ((type >= 130 && type <= 136) || type == 143 || type == 151 || type == 152)
      expected = TrackState::untracked;
    CAPTURE(type);
    CHECK(first_packet_state(packet) == expected);
  }
}

TEST_CASE("other protocols open a flow") {
  CHECK(first_packet_state(*parse_packet("udp 10.0.0.1:1 > 10.0.0.2:2")) == TrackState::fresh);
  CHECK(first_packet_state(*parse_packet("gre 10.0.0.1 > 10.0.0.2")) == TrackState::fresh);
  CHECK(first_packet_state(*parse_packet("icmpv6 10.0.0.1 > 10.0.0.2 type 128 code 0")) == TrackState::invalid);
  CHECK(first_packet_state(*parse_packet("icmp [::1] > [::2] type 8 code 0")) == TrackState::invalid);
  CHECK(first_packet_state(*parse_packet("59 [::1] > [::2]")) == TrackState::invalid);
  CHECK(first_packet_state(*parse_packet("sctp 10.0.0.1:1 > 10.0.0.2:2")) == TrackState::fresh);
}

}  // namespace segproof::test
