// SPDX-License-Identifier: Apache-2.0
// A set of packets as few rectangles that people can read.
#pragma once

#include <string>
#include <vector>

#include "packet/space.h"

namespace segproof {

// A rectangle: the packets whose every field lies in its set. Rows may overlap; their union is the set exactly.
struct Row {
  Family family = Family::ipv4;
  std::array<IntervalSet, field_count> fields;
};

// Rows whose union R has must <= R <= may (pass the same set twice for an exact cover), few and large, the same for
// equal sets, in a stable order. Device-internal fields are covered too. Cost grows with the rows; stops at `limit`
// rows and then returns nothing.
[[nodiscard]] std::optional<std::vector<Row>> cover(PacketSet must, PacketSet may, std::size_t limit = 100000);

// For people: few rows whose valid packets (Space::valid) are exactly the valid packets of the set. Combinations that
// no packet has do not clutter the rows: everything is one row.
[[nodiscard]] std::optional<std::vector<Row>> readable_cover(PacketSet set, std::size_t limit = 100000);

// The union of rows again. to_set(space, cover(s, s)) == s.
[[nodiscard]] PacketSet to_set(Space& space, std::span<const Row> rows);

// "tcp dport 443,8443 from 10.0.0.0/24 to 10.2.0.5"; the whole field is left out; sets that are nearly everything print
// as "all except ..."; a row of everything prints as "any". Device-internal fields are left out.
[[nodiscard]] std::string to_string(const Row& row);
// Only protocol, ports, types and flags: "tcp dport 443", "icmp type 8", "any".
[[nodiscard]] std::string service_text(const Row& row);

}  // namespace segproof
