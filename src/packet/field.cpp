// SPDX-License-Identifier: Apache-2.0
#include "packet/field.h"

#include "base/assert.h"

namespace segproof {

std::string_view field_name(Field field) {
  switch (field) {
    case Field::origin:
      return "origin";
    case Field::ingress:
      return "ingress";
    case Field::egress:
      return "egress";
    case Field::state:
      return "state";
    case Field::translated:
      return "translated";
    case Field::mark:
      return "mark";
    case Field::connection_mark:
      return "connection_mark";
    case Field::fragment:
      return "fragment";
    case Field::protocol:
      return "protocol";
    case Field::destination:
      return "destination";
    case Field::source:
      return "source";
    case Field::destination_port:
      return "destination_port";
    case Field::source_port:
      return "source_port";
    case Field::tcp_flags:
      return "tcp_flags";
  }
  SEGPROOF_UNREACHABLE();
}

unsigned field_width(Field field, Family family) {
  switch (field) {
    case Field::origin:
    case Field::ingress:
    case Field::egress:
    case Field::mark:
    case Field::connection_mark:
    case Field::destination_port:
    case Field::source_port:
      return 16;
    case Field::destination:
    case Field::source:
      return family == Family::ipv4 ? 32U : 128U;
    case Field::state:
    case Field::translated:
    case Field::fragment:
    case Field::protocol:
    case Field::tcp_flags:
      return 8;
  }
  SEGPROOF_UNREACHABLE();
}

Bits field_max(Field field, Family family) {
  // Enumerated fields end at their last meaning, so that the union over all meanings is everything.
  if (field == Field::state)
    return 3 * 8 - 1;  // eight track states (five in use) for each of three roles
  if (field == Field::translated)
    return 3;
  if (field == Field::fragment)
    return 1;
  return low_ones(field_width(field, family));
}

bool has_ports(std::uint8_t protocol) {
  return protocol == protocol_number::tcp || protocol == protocol_number::udp || protocol == protocol_number::udplite ||
         protocol == protocol_number::sctp || protocol == protocol_number::dccp;
}

bool is_icmp(std::uint8_t protocol) {
  return protocol == protocol_number::icmp || protocol == protocol_number::icmpv6;
}

}  // namespace segproof
