// SPDX-License-Identifier: Apache-2.0
// One element of a set, as an `add` line writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "input/ipset/set_type.h"

namespace segproof::ipset {

// Addresses of one dimension. Of several elements that hold an address, the one with the longest prefix decides.
struct AddressPart {
  Interval addresses{};
  unsigned length = 0;
  friend auto operator<=>(const AddressPart&, const AddressPart&) = default;
};

struct InterfacePart {
  std::string name;
  bool is_prefix = false;  // `wildcard`
  bool is_port = false;    // "physdev:": a port of a bridge, which no rule of iptables can ask for
  friend auto operator<=>(const InterfacePart&, const InterfacePart&) = default;
};

struct Element {
  AddressPart first;   // all addresses where the type has no such dimension
  AddressPart second;  // likewise
  std::uint8_t protocol = 0;
  Interval ports{};  // of ICMP: type * 256 + code
  std::uint32_t mark = 0;
  bool has_mac = false;
  bool nomatch = false;
  InterfacePart interface;
  std::string member;  // of list:set
  std::uint32_t line = 0;

  // What makes it another element than the others of its set.
  [[nodiscard]] auto key() const { return std::tie(first, second, protocol, ports, mark, interface, member); }
};

// The elements that the text stands for ("10.0.0.1-10.0.0.6" of hash:net is several prefixes), or what is wrong with
// it. The options `nomatch` and `wildcard` are not part of the text; a set of type list:set takes any name.
[[nodiscard]] std::variant<std::vector<Element>, std::string> parse_element(std::string_view text,
                                                                            const SetShape& shape);

}  // namespace segproof::ipset
