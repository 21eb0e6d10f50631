// SPDX-License-Identifier: Apache-2.0
// The second reading of address translation: the three sections of firewalls since release 8.3, `static` and exemptions
// before it, translations of routers. Outbound lists of routers, which see translated sources, are unclear then.
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
