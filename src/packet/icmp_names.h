// SPDX-License-Identifier: Apache-2.0
// The names that Linux packet filters use for ICMP and ICMPv6 types and codes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "packet/field.h"

namespace segproof {

struct IcmpTypes {
  std::uint8_t type = 0;
  std::optional<std::uint8_t> code;  // nothing: every code
};

// "echo-request" is {8, any} under IPv4 and {128, any} under IPv6. A beginning of exactly one name will do; case does
// not matter. "any" is type 255 under IPv4.
[[nodiscard]] std::optional<IcmpTypes> find_icmp_types(std::string_view name, Family family);

}  // namespace segproof
