// SPDX-License-Identifier: Apache-2.0
// The second reading of address translation: the three sections of firewalls since release 8.3, `static` and exemptions
// before it, static translations of routers. What only changes sources is left out: no list and no verdict depends on
// it, but for outbound lists of routers, which are then unclear.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agree/cisco/text.h"

namespace segproof::agree {

// What names stand for.
struct Names {
  std::function<std::optional<Places>(const std::string&)> places;
  std::function<std::vector<Kind>(const std::string&)> kinds;
  std::function<std::optional<int>(const std::string&)> port;
  std::function<bool(const std::string&)> is_interface;
};

// Fills in the translations of `text`, in the order in which the device asks. Not empty: what it does not follow.
[[nodiscard]] std::string read_translations(const std::vector<std::string>& lines, const Names& names, Text& text);

}  // namespace segproof::agree
