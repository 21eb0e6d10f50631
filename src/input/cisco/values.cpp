// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "base/text.h"

namespace segproof::cisco {
namespace {

struct NamedNumber {
  std::string_view name;
  unsigned number;
};

constexpr std::array protocols = {
    NamedNumber{"ah", 51},
    NamedNumber{"ahp", 51},
    NamedNumber{"dccp", 33},
    NamedNumber{"eigrp", 88},
    NamedNumber{"esp", 50},
    NamedNumber{"gre", 47},
    NamedNumber{"hbh", 0},
    NamedNumber{"icmp", 1},
    NamedNumber{"icmp6", 58},
    NamedNumber{"icmpv6", 58},
    NamedNumber{"igmp", 2},
    NamedNumber{"igrp", 9},
    NamedNumber{"ip", every_protocol},
    NamedNumber{"ipinip", 4},
    NamedNumber{"ipsec", 50},
    NamedNumber{"ipv4", every_protocol},
    NamedNumber{"ipv6", every_protocol},
    NamedNumber{"nos", 94},
    NamedNumber{"ospf", 89},
    NamedNumber{"pcp", 108},
    NamedNumber{"pim", 103},
    NamedNumber{"pptp", 47},
    NamedNumber{"sctp", 132},
    NamedNumber{"snp", 109},
    NamedNumber{"tcp", 6},
    NamedNumber{"udp", 17},
    NamedNumber{"udplite", 136},
    NamedNumber{"vrrp", 112},
};

// Names of ports as the command-line help of the three families lists them. TCP and UDP use one table: a name stands
// for the same port in both.
constexpr std::array ports = {
    NamedNumber{"aol", 5190},
    NamedNumber{"bgp", 179},
    NamedNumber{"biff", 512},
    NamedNumber{"bootpc", 68},
    NamedNumber{"bootps", 67},
    NamedNumber{"chargen", 19},
    NamedNumber{"cifs", 3020},
    NamedNumber{"citrix-ica", 1494},
    NamedNumber{"cmd", 514},
    NamedNumber{"connectedapps-plain", 15001},
    NamedNumber{"connectedapps-tls", 15002},
    NamedNumber{"ctiqbe", 2748},
    NamedNumber{"daytime", 13},
    NamedNumber{"discard", 9},
    NamedNumber{"dnsix", 195},
    NamedNumber{"domain", 53},
    NamedNumber{"drip", 3949},
    NamedNumber{"echo", 7},
    NamedNumber{"exec", 512},
    NamedNumber{"finger", 79},
    NamedNumber{"ftp", 21},
    NamedNumber{"ftp-data", 20},
    NamedNumber{"gopher", 70},
    NamedNumber{"h323", 1720},
    NamedNumber{"hostname", 101},
    NamedNumber{"http", 80},
    NamedNumber{"https", 443},
    NamedNumber{"ident", 113},
    NamedNumber{"imap4", 143},
    NamedNumber{"irc", 194},
    NamedNumber{"isakmp", 500},
    NamedNumber{"kerberos", 750},
    NamedNumber{"klogin", 543},
    NamedNumber{"kshell", 544},
    NamedNumber{"ldap", 389},
    NamedNumber{"ldaps", 636},
    NamedNumber{"login", 513},
    NamedNumber{"lotusnotes", 1352},
    NamedNumber{"lpd", 515},
    NamedNumber{"mobile-ip", 434},
    NamedNumber{"msrpc", 135},
    NamedNumber{"nameserver", 42},
    NamedNumber{"netbios-dgm", 138},
    NamedNumber{"netbios-ns", 137},
    NamedNumber{"netbios-ss", 139},
    NamedNumber{"netbios-ssn", 139},
    NamedNumber{"nfs", 2049},
    NamedNumber{"nntp", 119},
    NamedNumber{"non500-isakmp", 4500},
    NamedNumber{"ntp", 123},
    NamedNumber{"onep-plain", 15001},
    NamedNumber{"onep-tls", 15002},
    NamedNumber{"pcanywhere-data", 5631},
    NamedNumber{"pcanywhere-status", 5632},
    NamedNumber{"pim-auto-rp", 496},
    NamedNumber{"pop2", 109},
    NamedNumber{"pop3", 110},
    NamedNumber{"pptp", 1723},
    NamedNumber{"radius", 1645},
    NamedNumber{"radius-acct", 1646},
    NamedNumber{"rip", 520},
    NamedNumber{"ripng", 521},
    NamedNumber{"rsh", 514},
    NamedNumber{"rtsp", 554},
    NamedNumber{"secureid-udp", 5510},
    NamedNumber{"sip", 5060},
    NamedNumber{"smtp", 25},
    NamedNumber{"snmp", 161},
    NamedNumber{"snmptrap", 162},
    NamedNumber{"sqlnet", 1521},
    NamedNumber{"ssh", 22},
    NamedNumber{"sunrpc", 111},
    NamedNumber{"syslog", 514},
    NamedNumber{"tacacs", 49},
    NamedNumber{"tacacs-ds", 49},
    NamedNumber{"talk", 517},
    NamedNumber{"telnet", 23},
    NamedNumber{"tftp", 69},
    NamedNumber{"time", 37},
    NamedNumber{"uucp", 540},
    NamedNumber{"vxlan", 4789},
    NamedNumber{"who", 513},
    NamedNumber{"whois", 43},
    NamedNumber{"www", 80},
    NamedNumber{"xdmcp", 177},
};

struct NamedIcmp {
  std::string_view name;
  unsigned type;
  int code;  // -1: every code
};

constexpr std::array icmp_names = {
    NamedIcmp{"administratively-prohibited", 3, 13},
    NamedIcmp{"alternate-address", 6, -1},
    NamedIcmp{"conversion-error", 31, -1},
    NamedIcmp{"dod-host-prohibited", 3, 10},
    NamedIcmp{"dod-net-prohibited", 3, 9},
    NamedIcmp{"echo", 8, -1},
    NamedIcmp{"echo-reply", 0, -1},
    NamedIcmp{"general-parameter-problem", 12, 0},
    NamedIcmp{"host-isolated", 3, 8},
    NamedIcmp{"host-precedence-unreachable", 3, 14},
    NamedIcmp{"host-redirect", 5, 1},
    NamedIcmp{"host-tos-redirect", 5, 3},
    NamedIcmp{"host-tos-unreachable", 3, 12},
    NamedIcmp{"host-unknown", 3, 7},
    NamedIcmp{"host-unreachable", 3, 1},
    NamedIcmp{"information-reply", 16, -1},
    NamedIcmp{"information-request", 15, -1},
    NamedIcmp{"mask-reply", 18, -1},
    NamedIcmp{"mask-request", 17, -1},
    NamedIcmp{"mobile-redirect", 32, -1},
    NamedIcmp{"net-redirect", 5, 0},
    NamedIcmp{"net-tos-redirect", 5, 2},
    NamedIcmp{"net-tos-unreachable", 3, 11},
    NamedIcmp{"net-unreachable", 3, 0},
    NamedIcmp{"network-unknown", 3, 6},
    NamedIcmp{"no-room-for-option", 12, 2},
    NamedIcmp{"option-missing", 12, 1},
    NamedIcmp{"packet-too-big", 3, 4},
    NamedIcmp{"parameter-problem", 12, -1},
    NamedIcmp{"port-unreachable", 3, 3},
    NamedIcmp{"precedence-unreachable", 3, 15},
    NamedIcmp{"protocol-unreachable", 3, 2},
    NamedIcmp{"reassembly-timeout", 11, 1},
    NamedIcmp{"redirect", 5, -1},
    NamedIcmp{"router-advertisement", 9, -1},
    NamedIcmp{"router-solicitation", 10, -1},
    NamedIcmp{"source-quench", 4, -1},
    NamedIcmp{"source-route-failed", 3, 5},
    NamedIcmp{"time-exceeded", 11, -1},
    NamedIcmp{"timestamp-reply", 14, -1},
    NamedIcmp{"timestamp-request", 13, -1},
    NamedIcmp{"traceroute", 30, -1},
    NamedIcmp{"ttl-exceeded", 11, 0},
    NamedIcmp{"unreachable", 3, -1},
};

constexpr std::array icmpv6_names = {
    NamedIcmp{"beyond-scope", 1, 2},
    NamedIcmp{"destination-unreachable", 1, 3},
    NamedIcmp{"dhaad-reply", 145, -1},
    NamedIcmp{"dhaad-request", 144, -1},
    NamedIcmp{"echo", 128, -1},
    NamedIcmp{"echo-reply", 129, -1},
    NamedIcmp{"echo-request", 128, -1},
    NamedIcmp{"header", 4, 0},
    NamedIcmp{"hop-limit", 3, 0},
    NamedIcmp{"membership-query", 130, -1},
    NamedIcmp{"membership-reduction", 132, -1},
    NamedIcmp{"membership-report", 131, -1},
    NamedIcmp{"mld-query", 130, -1},
    NamedIcmp{"mld-reduction", 132, -1},
    NamedIcmp{"mld-report", 131, -1},
    NamedIcmp{"mldv2", 143, -1},
    NamedIcmp{"mpd-advertisement", 147, -1},
    NamedIcmp{"mpd-solicitation", 146, -1},
    NamedIcmp{"nd-na", 136, -1},
    NamedIcmp{"nd-ns", 135, -1},
    NamedIcmp{"neighbor-advertisement", 136, -1},
    NamedIcmp{"neighbor-redirect", 137, -1},
    NamedIcmp{"neighbor-solicitation", 135, -1},
    NamedIcmp{"next-header", 4, 1},
    NamedIcmp{"no-admin", 1, 1},
    NamedIcmp{"no-route", 1, 0},
    NamedIcmp{"packet-too-big", 2, -1},
    NamedIcmp{"parameter-option", 4, 2},
    NamedIcmp{"parameter-problem", 4, -1},
    NamedIcmp{"port-unreachable", 1, 4},
    NamedIcmp{"reassembly-timeout", 3, 1},
    NamedIcmp{"redirect", 137, -1},
    NamedIcmp{"renum-command", 138, 0},
    NamedIcmp{"renum-result", 138, 1},
    NamedIcmp{"renum-seq-number", 138, 255},
    NamedIcmp{"router-advertisement", 134, -1},
    NamedIcmp{"router-renumbering", 138, -1},
    NamedIcmp{"router-solicitation", 133, -1},
    NamedIcmp{"time-exceeded", 3, -1},
    NamedIcmp{"unreachable", 1, -1},
};

template <std::size_t n>
const NamedNumber* find_named(const std::array<NamedNumber, n>& list, std::string_view name) {
  const auto found = std::ranges::find(list, name, &NamedNumber::name);
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  const std::optional<Address> address = parse_address(text);
  if (!address || address->family != Family::ipv4)
    return std::nullopt;
  return static_cast<std::uint32_t>(address->bits);
}

std::string ipv4_text(std::uint32_t address) {
  return to_string(Address{Family::ipv4, address});
}

std::optional<unsigned> netmask_length(std::uint32_t mask) {
  const auto length = static_cast<unsigned>(std::countl_one(mask));
  return length + static_cast<unsigned>(std::countr_zero(mask)) >= 32 ? std::optional(length) : std::nullopt;
}

std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t max) {
  if (text.empty() || text.size() > 10 || !std::ranges::all_of(text, is_digit))
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : text)
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return value <= max ? std::optional(static_cast<std::uint32_t>(value)) : std::nullopt;
}

std::optional<Prefix> parse_ipv6_prefix(std::string_view text) {
  const std::optional<InterfaceAddress> parsed = parse_interface_address(text);
  if (!parsed || parsed->address.family != Family::ipv6)
    return std::nullopt;
  return parsed->prefix;
}

std::optional<Interval> interval_of(const MaskedAddress& masked) {
  const std::optional<unsigned> length = netmask_length(masked.care);
  if (!length)
    return std::nullopt;
  const std::uint32_t low = masked.value & masked.care;
  return Interval{low, low | ~masked.care};
}

std::optional<unsigned> find_protocol(std::string_view name) {
  if (const NamedNumber* named = find_named(protocols, name))
    return named->number;
  return parse_number(name, 255);
}

std::vector<std::uint16_t> find_ports(std::string_view name) {
  if (const std::optional<std::uint32_t> number = parse_number(name, 65535))
    return {static_cast<std::uint16_t>(*number)};
  if (name == "kerberos")
    return {88, 750};
  if (name == "sqlnet")
    return {1521, 1522};
  if (const NamedNumber* named = find_named(ports, name))
    return {static_cast<std::uint16_t>(named->number)};
  return {};
}

std::optional<IntervalSet> find_icmp(std::string_view name, Family family) {
  if (const std::optional<std::uint32_t> number = parse_number(name, 255))
    return IntervalSet::range(Bits{*number} * 256, Bits{*number} * 256 + 255);
  const auto search = [&](const auto& list) -> std::optional<IntervalSet> {
    const auto found = std::ranges::find(list, name, &NamedIcmp::name);
    if (found == list.end())
      return std::nullopt;
    const Bits first = Bits{found->type} * 256;
    if (found->code < 0)
      return IntervalSet::range(first, first + 255);
    return IntervalSet::single(first + static_cast<unsigned>(found->code));
  };
  return family == Family::ipv4 ? search(icmp_names) : search(icmpv6_names);
}

}  // namespace segproof::cisco
