// SPDX-License-Identifier: Apache-2.0
// The packets that `filter` judges: a table with the columns
// `iif oif proto src sport dst dport_or_icmptype tcpflags` separated by tabs; further columns are ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/single_packet.h"

namespace segproof::cli {

struct PacketRow {
  model::SinglePacket packet;
  std::uint32_t line = 0;                      // from 1
  std::vector<std::string_view> more_columns;  // after the eighth; they point into the text
};

struct RowFault {
  std::uint32_t line = 0;
  std::string message;
};

// One line without its end: a row, nothing (comment, empty), or what is wrong with it. `LOCAL` as iif means generated
// here, as oif delivered here. Addresses of both families are read; a row must not mix them.
[[nodiscard]] std::variant<std::monostate, PacketRow, RowFault> parse_packet_row(std::string_view line,
                                                                                 std::uint32_t number);

}  // namespace segproof::cli
