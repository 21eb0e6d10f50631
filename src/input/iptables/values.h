// SPDX-License-Identifier: Apache-2.0
// The values that options take, as iptables reads them: numbers of base 0 ("0x10", "010" is eight), addresses with
// masks of any form, ports and services.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "packet/address.h"
#include "packet/interval_set.h"

namespace segproof::iptables {

// A number as strtoul with base 0 reads it, without sign and space.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t max);

// "10.0.0.1", "10.1" (= 10.1.0.0), "10.0.0.0/8", "10.0.0.0/255.0.255.0", "any/0", "2001:db8::/32". The value is masked.
struct MaskedAddress {
  Bits value = 0;
  Bits mask = 0;
};
enum class AddressFault : std::uint8_t { none, name, wrong };  // `name`: a host name, which is not resolved
struct ParsedAddress {
  MaskedAddress address;
  AddressFault fault = AddressFault::none;
};
[[nodiscard]] ParsedAddress parse_masked_address(std::string_view text, Family family);
// One address without a mask.
[[nodiscard]] std::optional<Bits> parse_plain_address(std::string_view text, Family family);
// The length of a mask whose ones come first.
[[nodiscard]] std::optional<unsigned> prefix_length(Bits mask, Family family);

// "80", "http", "1024:", ":1023", "80:90" with the separator given. Nothing when it is neither number nor known
// service, or when the range runs backwards. `protocol` is for service names.
struct ParsedPorts {
  Interval ports;
  bool is_name = false;  // a service name that is not known: `ports` is not set
};
[[nodiscard]] std::optional<ParsedPorts> parse_ports(std::string_view text, char separator, std::uint8_t protocol);

// "VALUE" or "VALUE/MASK" of 32 bits; without mask all ones.
[[nodiscard]] std::optional<std::pair<std::uint32_t, std::uint32_t>> parse_value_mask(std::string_view text);

// "6", "tcp", "all" (= 0).
[[nodiscard]] std::optional<std::uint8_t> parse_protocol_option(std::string_view text);

}  // namespace segproof::iptables
