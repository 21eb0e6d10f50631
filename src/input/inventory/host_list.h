// SPDX-License-Identifier: Apache-2.0
// The hosts that a reader has found so far, and what can only be said at the end: hosts without an address, one address
// on two hosts, an inventory without hosts.
#pragma once

#include <cstddef>
#include <optional>

#include "input/inventory/inventory.h"
#include "input/inventory/reporter.h"

namespace segproof::input::inventory {

// The most hosts that one file may list, ranges expanded.
inline constexpr std::size_t largest_host_count = 262144;

class HostList {
 public:
  explicit HostList(Reporter& reporter) : reporter_(reporter) {}

  // False, and an error once, when there is no room for `more` hosts.
  [[nodiscard]] bool has_room(std::size_t more, SourceSpan span);
  ListedHost& add(ListedHost host);
  [[nodiscard]] ListedHost& at(std::size_t index) { return inventory_.hosts[index]; }
  [[nodiscard]] std::size_t size() const { return inventory_.hosts.size(); }
  // The place of the first port that was written without a protocol.
  std::optional<SourceSpan> bare_port;

  // The inventory with its counts, after the closing diagnostics.
  [[nodiscard]] Inventory finish() &&;

 private:
  void report_without_address();
  void report_shared_addresses();

  Reporter& reporter_;
  Inventory inventory_;
  bool full_ = false;
};

}  // namespace segproof::input::inventory
