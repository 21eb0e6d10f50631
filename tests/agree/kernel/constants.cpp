// SPDX-License-Identifier: Apache-2.0
#include "constants.h"

#include <fmt/format.h>

#include <algorithm>

#include "sandbox.h"

namespace segproof::oracle {
namespace {

const char* anchor(Dice& dice, Family family) {
  if (family == Family::ipv4) {
    return dice.pick({"10.0.0.1", "10.0.0.5", "10.0.1.200", "10.200.3.4", "192.0.2.1", "192.0.2.77", "172.16.0.1",
                      "172.16.5.9", "203.0.113.9", "198.51.100.1", "8.8.8.8"});
  }
  return dice.pick({"fd00::1", "fd00::5", "fd00::1:200", "fd00:200::3:4", "2001:db8:1::1", "2001:db8:1::77",
                    "fd00:1::1", "fd00:1::5:9", "2001:db8:9::9", "2001:db8:2::1", "2a00::8"});
}

Address anchor_address(Dice& dice, Family family) {
  return parse_address(anchor(dice, family)).value_or(Address{});
}

}  // namespace

bool is_plain(const Address& address) {
  if (address.family == Family::ipv4) {
    const Bits first = address.bits >> 24U;
    return first != 0 && first != 127 && first < 224;
  }
  const Bits first = address.bits >> 112U;
  return first >= 0x2000 && first < 0xfe00;
}

Address random_address(Dice& dice, Family family) {
  Address address = anchor_address(dice, family);
  const unsigned width = address_width(family);
  if (dice.percent(40))
    address.bits += dice.below(4);
  if (dice.percent(20)) {
    const Bits noise = dice.inside({0, low_ones(width)});
    address.bits ^= noise & low_ones(static_cast<unsigned>(dice.below(width)));
  }
  return is_plain(address) ? address : anchor_address(dice, family);
}

Address random_own_address(Dice& dice, Family family) {
  for (;;) {
    const auto& entry = dice.pick(Sandbox::own_addresses().entries);
    if (entry.address.address.family == family && is_plain(entry.address.address))
      return entry.address.address;
  }
}

AddressText random_prefix(Dice& dice, Family family) {
  const unsigned length = family == Family::ipv4
                              ? dice.pick({32U, 32U, 32U, 31U, 30U, 25U, 24U, 24U, 16U, 12U, 8U, 1U, 0U})
                              : dice.pick({128U, 128U, 128U, 127U, 126U, 64U, 64U, 65U, 48U, 32U, 16U, 1U, 0U});
  const Prefix prefix = make_prefix(random_address(dice, family), length);
  // With the length even where it is that of a host.
  return {fmt::format("{}/{}", to_string(prefix.address), length), prefix.interval()};
}

AddressText random_range(Dice& dice, Family family, bool narrow) {
  const Address first = random_address(dice, family);
  Address second = random_address(dice, family);
  if (narrow || dice.percent(50))
    second = {family, first.bits + dice.below(narrow ? 4 : 300)};
  const auto [low, high] = std::minmax(first.bits, second.bits);
  return {fmt::format("{}-{}", to_string(Address{family, low}), to_string(Address{family, high})), {low, high}};
}

Interval random_ports(Dice& dice) {
  const std::uint64_t low = dice.pick({0U, 1U, 22U, 53U, 53U, 80U, 80U, 443U, 1023U, 1024U, 8080U, 65534U, 65535U});
  if (dice.percent(60))
    return {low, low};
  const std::uint64_t high = dice.percent(70) ? low + dice.below(12) : dice.pick({1023U, 2000U, 65535U});
  return {std::min(low, high), std::min<std::uint64_t>(std::max(low, high), 65535)};
}

std::string range_text(const Interval& interval, char separator) {
  const auto low = static_cast<std::uint64_t>(interval.low);
  const auto high = static_cast<std::uint64_t>(interval.high);
  return low == high ? fmt::format("{}", low) : fmt::format("{}{}{}", low, separator, high);
}

std::string random_interface(Dice& dice) {
  if (dice.percent(90))
    return dice.pick(Sandbox::interfaces());
  return dice.word({"eth2", "lo", "eth", "eth00", "tun7"});
}

}  // namespace segproof::oracle
