// SPDX-License-Identifier: Apache-2.0
// IPv4 and IPv6 addresses and prefixes: values, parsed strictly (no leading zeros, no short forms, no IPv4 in a
// place for IPv6), printed canonically (RFC 5952).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "packet/field.h"
#include "packet/interval_set.h"

namespace segproof {

struct Address {
  Family family = Family::ipv4;
  Bits bits = 0;
  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

struct Prefix {
  Address address;      // bits below `length` are zero
  unsigned length = 0;  // 0..32 or 0..128
  friend constexpr auto operator<=>(const Prefix&, const Prefix&) = default;

  [[nodiscard]] Bits first() const { return address.bits; }
  [[nodiscard]] Bits last() const;
  [[nodiscard]] bool contains(const Address& other) const;
  [[nodiscard]] bool contains(const Prefix& other) const;
  [[nodiscard]] Interval interval() const { return {first(), last()}; }
};

[[nodiscard]] constexpr unsigned address_width(Family family) {
  return family == Family::ipv4 ? 32U : 128U;
}

// Nothing when the text is not exactly one address. "::ffff:1.2.3.4" is IPv6; a zone ("fe80::1%eth0") is refused.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);
// "10.0.0.0/8" or a bare address (full length). Host bits below the length are an error for parse_prefix and are
// kept apart by parse_interface_address ("10.0.0.1/24" gives the address and the prefix).
[[nodiscard]] std::optional<Prefix> parse_prefix(std::string_view text);
struct InterfaceAddress {
  Address address;
  Prefix prefix;
  friend auto operator<=>(const InterfaceAddress&, const InterfaceAddress&) = default;
};
[[nodiscard]] std::optional<InterfaceAddress> parse_interface_address(std::string_view text);

[[nodiscard]] Prefix make_prefix(const Address& address, unsigned length);  // clears the bits below
[[nodiscard]] std::string to_string(const Address& address);
[[nodiscard]] std::string to_string(const Prefix& prefix);  // "10.0.0.0/8"; a host prefix prints without a length
// The fewest prefixes whose union is the interval, ascending.
[[nodiscard]] std::vector<Prefix> prefixes_of(Family family, const Interval& interval);

}  // namespace segproof
