// SPDX-License-Identifier: Apache-2.0
// Addresses, prefixes, ranges and services as YAML writes them, each with its place; faults say what is wrong.
#pragma once

#include <optional>
#include <vector>

#include "input/yaml/section.h"
#include "model/claim.h"
#include "packet/address.h"

namespace segproof::input::yaml {

struct PlacedAddress {
  Address address;
  SourceSpan span;
};
struct PlacedPrefix {
  Prefix prefix;
  SourceSpan span;
};
struct PlacedInterfaceAddress {
  InterfaceAddress address;
  SourceSpan span;
};
struct PlacedService {
  claim::ServiceSpec service;
  SourceSpan span;
};
// Addresses from first to last, of one family.
struct AddressRange {
  Family family = Family::ipv4;
  Interval range;
};

[[nodiscard]] std::optional<PlacedAddress> read_address(Faults& faults, const View& view, std::string_view what);
[[nodiscard]] std::optional<PlacedPrefix> read_prefix(Faults& faults, const View& view, std::string_view what);
// With a length: 10.0.0.1/24.
[[nodiscard]] std::optional<PlacedInterfaceAddress> read_interface_address(Faults& faults, const View& view,
                                                                           std::string_view what);
[[nodiscard]] std::optional<PlacedService> read_service(Faults& faults, const View& view, std::string_view what);

// An address, a prefix, or 10.0.0.4-10.0.0.9; nothing if it does not look like one of them.
[[nodiscard]] std::optional<AddressRange> parse_address_range(std::string_view text);
// True for what can only be meant as an address: digits and dots, or a colon, with an optional length or range.
[[nodiscard]] bool looks_like_address(std::string_view text);
void report_bad_address(Faults& faults, const Word& word, std::string_view what);

// "443", "1024-65535", or a list of them.
[[nodiscard]] std::optional<IntervalSet> read_ports(Faults& faults, const View& view, std::string_view what);

[[nodiscard]] std::vector<PlacedPrefix> prefixes_at(const Section& section, std::string_view key);

[[nodiscard]] std::string_view family_text(Family family);  // "IPv4"

}  // namespace segproof::input::yaml
