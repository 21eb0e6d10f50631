// SPDX-License-Identifier: Apache-2.0
// A set of packets for people to read.
#pragma once

#include <string>
#include <vector>

namespace segproof::api {

// Rows, each a rectangle: "web1: tcp dport 443 from 10.1.0.0/24 to 10.2.0.10". Their union is the set; they may
// overlap, and are the same for equal sets. The last one is "..." when there were too many to print.
struct PacketSet {
  std::vector<std::string> rows;
  [[nodiscard]] bool is_empty() const { return rows.empty(); }
};

}  // namespace segproof::api
