// SPDX-License-Identifier: Apache-2.0
// Well-known names of services, as configuration files write them in place of ports. The list is the usual one of a
// Linux host; a device may have another, so a name that is missing here is unresolved, not wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace segproof {

// The port of a service of TCP, UDP (also UDP-Lite), SCTP or DCCP: ("https", 6) is 443. Case matters. O(log n).
[[nodiscard]] std::optional<std::uint16_t> find_service(std::string_view name, std::uint8_t protocol);

}  // namespace segproof
