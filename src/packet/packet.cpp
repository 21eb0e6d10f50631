// SPDX-License-Identifier: Apache-2.0
#include "packet/packet.h"

#include <algorithm>

#include "base/text.h"

namespace segproof {
namespace {

struct ProtocolName {
  std::string_view name;
  std::uint8_t number;
};

// The first name of a number is the one that is printed. "ip" and "all" are missing on purpose: they mean any.
constexpr std::array<ProtocolName, 42> protocol_names{{
    {"hopopt", 0}, {"icmp", 1},      {"igmp", 2},     {"ggp", 3},     {"ipencap", 4},    {"ipip", 4},
    {"st", 5},     {"tcp", 6},       {"egp", 8},      {"igp", 9},     {"igrp", 9},       {"pup", 12},
    {"udp", 17},   {"hmp", 20},      {"idp", 22},     {"rdp", 27},    {"dccp", 33},      {"ipv6", 41},
    {"idrp", 45},  {"rsvp", 46},     {"gre", 47},     {"esp", 50},    {"ipsec-esp", 50}, {"ah", 51},
    {"ahp", 51},   {"ipsec-ah", 51}, {"skip", 57},    {"icmpv6", 58}, {"ipv6-icmp", 58}, {"icmp6", 58},
    {"eigrp", 88}, {"ospf", 89},     {"ospfigp", 89}, {"encap", 98},  {"pim", 103},      {"ipcomp", 108},
    {"pcp", 108},  {"vrrp", 112},    {"l2tp", 115},   {"isis", 124},  {"sctp", 132},     {"udplite", 136},
}};

constexpr std::array<std::string_view, 8> flag_names{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};

}  // namespace

std::string protocol_name(std::uint8_t protocol) {
  const auto found = std::ranges::find(protocol_names, protocol, &ProtocolName::number);
  return found != protocol_names.end() ? std::string(found->name) : std::to_string(protocol);
}

std::optional<std::uint8_t> parse_protocol(std::string_view text) {
  const auto found =
      std::ranges::find_if(protocol_names, [&](const ProtocolName& entry) { return same_word(entry.name, text); });
  if (found != protocol_names.end())
    return found->number;
  return parse_unsigned<std::uint8_t>(text);
}

std::optional<unsigned> parse_tcp_flag(std::string_view name) {
  const auto found = std::ranges::find(flag_names, name);
  return found == flag_names.end() ? std::nullopt
                                   : std::optional(1U << static_cast<unsigned>(found - flag_names.begin()));
}

std::vector<std::string_view> tcp_flag_names(std::uint8_t flags) {
  std::vector<std::string_view> names;
  for (std::size_t bit = 0; bit < flag_names.size(); ++bit) {
    if ((static_cast<unsigned>(flags) >> bit & 1U) != 0)
      names.push_back(flag_names[bit]);
  }
  return names;
}

}  // namespace segproof
