// SPDX-License-Identifier: Apache-2.0
// An inventory and its diagnostics as text, for whole comparisons.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "input/inventory/inventory.h"

namespace segproof::test {

// One line for each host, parts that are empty left out:
//   web1 [192.0.2.1/24%eth0] aka=a,b groups=g tags=t labels=l zone=z segment=s vrf=v listed: tcp/443(https) udp/53?
// `?` marks a service that may listen, `+tag` its tags; `scanned tcp/1-1000:` takes the place of `listed:` when only
// these ports are known, and nothing stands there when nothing is known. A last line holds counts that are not zero.
[[nodiscard]] std::string dump(const input::Inventory& inventory);
[[nodiscard]] std::string dump(const input::ListedHost& host);

// Which reader: "ini", "yaml", "csv", "nmap".
struct ReadResult {
  input::Inventory inventory;
  std::string diagnostics;  // as they are rendered
  std::size_t errors = 0;
};
[[nodiscard]] ReadResult read(std::string_view reader, std::string text, const input::CsvColumns& columns = {});

}  // namespace segproof::test
