// SPDX-License-Identifier: Apache-2.0
// Packets without what only a device knows of them: who sent them, by which interfaces they go, their state and marks.
// What is left is what a wire carries.
#pragma once

#include <array>

#include "packet/space.h"

namespace segproof::claim {

inline constexpr std::array<Field, 7> fields_of_devices{
    Field::origin, Field::ingress, Field::egress, Field::state, Field::translated, Field::mark, Field::connection_mark};

[[nodiscard]] inline Packet header_only(Packet packet) {
  for (const Field field : fields_of_devices) {
    packet[field] = 0;
  }
  return packet;
}

[[nodiscard]] inline PacketSet headers_only(PacketSet packets) {
  for (const Field field : fields_of_devices) {
    packets = packets.forget(field);
  }
  return packets;
}

}  // namespace segproof::claim
