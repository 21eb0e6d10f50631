// SPDX-License-Identifier: Apache-2.0
// The values of Cisco commands: addresses with netmasks, wildcards and lengths; protocols, ports and ICMP types by name
// or number.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "input/cisco/dialect.h"
#include "packet/address.h"
#include "packet/interval_set.h"

namespace segproof::cisco {

[[nodiscard]] std::optional<std::uint32_t> parse_ipv4(std::string_view text);
[[nodiscard]] std::string ipv4_text(std::uint32_t address);
// The length of a netmask whose ones come first.
[[nodiscard]] std::optional<unsigned> netmask_length(std::uint32_t mask);
// A number without sign; leading zeros are allowed, as the devices allow them.
[[nodiscard]] std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t max = 0xffffffffU);
// "2001:db8::/32"; host bits are cleared, as the devices do.
[[nodiscard]] std::optional<Prefix> parse_ipv6_prefix(std::string_view text);

// Addresses that agree with `value` where `care` has ones.
struct MaskedAddress {
  std::uint32_t value = 0;
  std::uint32_t care = 0xffffffffU;
  friend auto operator<=>(const MaskedAddress&, const MaskedAddress&) = default;
};
// As an interval where the ones of `care` come first.
[[nodiscard]] std::optional<Interval> interval_of(const MaskedAddress& masked);

// "tcp", "6", "esp", "icmp6"; `ip` and `ipv6` are every protocol: 256.
inline constexpr unsigned every_protocol = 256;
[[nodiscard]] std::optional<unsigned> find_protocol(std::string_view name);

// Ports of a name or number. Several: releases differ on what the name means.
[[nodiscard]] std::vector<std::uint16_t> find_ports(std::string_view name);

// ICMP types and codes as intervals of type * 256 + code; nothing when the name is not known.
[[nodiscard]] std::optional<IntervalSet> find_icmp(std::string_view name, Family family);

}  // namespace segproof::cisco
