// SPDX-License-Identifier: Apache-2.0
// What a firewall inspects: policy maps that are in service, and the `fixup` lines of old releases.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "input/cisco/device.h"

namespace segproof::cisco {

struct Inspection {
  bool icmp = false;            // answers to echo requests pass by their connection
  bool bypasses_state = false;  // perhaps packets without a connection pass
  // Connections that may open others between the same parties.
  struct Helper {
    std::string name;
    std::vector<model::Test> tests;
    SourceSpan origin;
  };
  std::vector<Helper> helpers;
};

// Takes class maps, policy maps, service policies and fixups.
[[nodiscard]] Inspection read_inspection(Device& device);

}  // namespace segproof::cisco
