// SPDX-License-Identifier: Apache-2.0
// The addresses, ports and names that made-up rules speak of: few enough that rules meet one another, and packets
// rules.
#pragma once

#include <string>

#include "dice.h"
#include "packet/address.h"

namespace segproof::oracle {

struct AddressText {
  std::string text;
  Interval values;
};

// An address that means nothing special: no loopback, multicast, broadcast, link-local.
[[nodiscard]] bool is_plain(const Address& address);
[[nodiscard]] Address random_address(Dice& dice, Family family);                 // plain
[[nodiscard]] Address random_own_address(Dice& dice, Family family);             // of an interface
[[nodiscard]] AddressText random_prefix(Dice& dice, Family family);              // "10.0.0.0/24"
[[nodiscard]] AddressText random_range(Dice& dice, Family family, bool narrow);  // "10.0.0.4-10.0.0.9"
[[nodiscard]] Interval random_ports(Dice& dice);                                 // often a single one
[[nodiscard]] std::string range_text(const Interval& interval, char separator);  // "80", "80:90"
// A name of one of the interfaces, or of one that does not exist.
[[nodiscard]] std::string random_interface(Dice& dice);

}  // namespace segproof::oracle
