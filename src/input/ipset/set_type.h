// SPDX-License-Identifier: Apache-2.0
// The types of sets that ipset has, as lists of dimensions, and what a `create` line says about one set.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "packet/address.h"

namespace segproof::ipset {

enum class Dimension : std::uint8_t {
  ip,         // an address, or every address of a range
  net,        // a prefix; the longest one that holds the packet's address decides
  port,       // a protocol with ports
  bare_port,  // a port of TCP or UDP
  interface,
  mac,
  mark,
  set,  // another set, by name
};

struct SetType {
  std::string_view name;  // "hash:ip,port"
  std::span<const Dimension> dimensions;
  bool ipv6 = true;               // may hold IPv6; bitmaps of addresses may not
  bool of_any_family = false;     // bitmap:port, list:set
  bool takes_nomatch = false;     // it has a `net`
  bool takes_mask = false;        // `netmask` and `bitmask`
  bool refuses_zero = false;      // the zero address is no element and never looked for
  bool last_is_optional = false;  // bitmap:ip,mac
};

// Null for a type that is not known.
[[nodiscard]] const SetType* find_set_type(std::string_view name);

// What is the same for all elements of a set.
struct SetShape {
  const SetType* type = nullptr;
  Family family = Family::ipv4;
  Bits address_mask = 0;  // of packets' addresses before they are looked for
  std::uint32_t mark_mask = 0xffffffffU;
  std::optional<Interval> range;  // of bitmaps: packets outside are not looked for
  bool has_timeout = false;
};

}  // namespace segproof::ipset
