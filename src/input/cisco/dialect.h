// SPDX-License-Identifier: Apache-2.0
// The dialects of Cisco configurations, and which of them a text is written in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace segproof {

enum class CiscoDialect : std::uint8_t {
  asa,   // ASA, PIX, FWSM, FTD: firewalls with security levels; masks are netmasks
  ios,   // IOS and IOS-XE: routers and switches; masks are wildcards
  nxos,  // NX-OS
};

// From the words that only one of them has; nothing when the text is no such configuration. Looks at the first 2 MiB.
[[nodiscard]] std::optional<CiscoDialect> recognise_cisco(std::string_view text);

// "cisco-asa", "cisco-ios", "cisco-nxos".
[[nodiscard]] std::string_view cisco_dialect_name(CiscoDialect dialect);
[[nodiscard]] std::optional<CiscoDialect> find_cisco_dialect(std::string_view name);

}  // namespace segproof
