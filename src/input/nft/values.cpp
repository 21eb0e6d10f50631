// SPDX-License-Identifier: Apache-2.0
#include "input/nft/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/text.h"
#include "packet/address.h"
#include "packet/packet.h"
#include "packet/service_names.h"

namespace segproof::nft {
namespace {

struct Symbol {
  std::string_view name;
  std::uint32_t value;
};
constexpr Symbol tcp_flag_symbols[] = {{"fin", 1},  {"syn", 2},  {"rst", 4},  {"psh", 8},
                                       {"ack", 16}, {"urg", 32}, {"ecn", 64}, {"cwr", 128}};
constexpr Symbol state_symbols[] = {{"invalid", 1}, {"established", 2}, {"related", 4}, {"new", 8}, {"untracked", 64}};
constexpr Symbol status_symbols[] = {{"expected", 1}, {"seen-reply", 2}, {"assured", 4}, {"confirmed", 8},
                                     {"snat", 16},    {"dnat", 32},      {"dying", 512}};
constexpr Symbol direction_symbols[] = {{"original", 0}, {"reply", 1}};
constexpr Symbol icmp_type_symbols[] = {
    {"echo-reply", 0},         {"destination-unreachable", 3}, {"source-quench", 4},        {"redirect", 5},
    {"echo-request", 8},       {"router-advertisement", 9},    {"router-solicitation", 10}, {"time-exceeded", 11},
    {"parameter-problem", 12}, {"timestamp-request", 13},      {"timestamp-reply", 14},     {"info-request", 15},
    {"info-reply", 16},        {"address-mask-request", 17},   {"address-mask-reply", 18}};
constexpr Symbol icmp_code_symbols[] = {{"net-unreachable", 0},  {"host-unreachable", 1}, {"prot-unreachable", 2},
                                        {"port-unreachable", 3}, {"frag-needed", 4},      {"net-prohibited", 9},
                                        {"host-prohibited", 10}, {"admin-prohibited", 13}};
constexpr Symbol icmpv6_type_symbols[] = {
    {"destination-unreachable", 1},  {"packet-too-big", 2},         {"time-exceeded", 3},
    {"parameter-problem", 4},        {"echo-request", 128},         {"echo-reply", 129},
    {"mld-listener-query", 130},     {"mld-listener-report", 131},  {"mld-listener-done", 132},
    {"mld-listener-reduction", 132}, {"nd-router-solicit", 133},    {"nd-router-advert", 134},
    {"nd-neighbor-solicit", 135},    {"nd-neighbor-advert", 136},   {"nd-redirect", 137},
    {"router-renumbering", 138},     {"ind-neighbor-solicit", 141}, {"ind-neighbor-advert", 142},
    {"mld2-listener-report", 143}};
constexpr Symbol icmpv6_code_symbols[] = {{"no-route", 0},         {"admin-prohibited", 1}, {"addr-unreachable", 3},
                                          {"port-unreachable", 4}, {"policy-fail", 5},      {"reject-route", 6}};
constexpr Symbol dscp_symbols[] = {{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},
                                   {"cs5", 40},  {"cs6", 48},  {"cs7", 56},  {"df", 0},    {"be", 0},
                                   {"lephb", 1}, {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18},
                                   {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28}, {"af33", 30},
                                   {"af41", 34}, {"af42", 36}, {"af43", 38}, {"va", 44},   {"ef", 46}};
constexpr Symbol ecn_symbols[] = {{"not-ect", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}};
constexpr Symbol family_symbols[] = {{"ipv4", 2}, {"ipv6", 10}};
constexpr Symbol ether_symbols[] = {{"ip", 0x0800},   {"ip6", 0x86dd},   {"arp", 0x0806},
                                    {"vlan", 0x8100}, {"8021q", 0x8100}, {"8021ad", 0x88a8}};
constexpr Symbol packet_symbols[] = {{"host", 0}, {"unicast", 0}, {"broadcast", 1}, {"multicast", 2}, {"other", 3}};
constexpr Symbol address_symbols[] = {{"unspec", 0},    {"unicast", 1},     {"local", 2},
                                      {"broadcast", 3}, {"anycast", 4},     {"multicast", 5},
                                      {"blackhole", 6}, {"unreachable", 7}, {"prohibit", 8}};

std::span<const Symbol> symbols_of(Datatype type) {
  switch (type) {
    case Datatype::tcp_flags:
      return tcp_flag_symbols;
    case Datatype::track_state:
      return state_symbols;
    case Datatype::track_status:
      return status_symbols;
    case Datatype::track_direction:
      return direction_symbols;
    case Datatype::icmp_type:
      return icmp_type_symbols;
    case Datatype::icmp_code:
      return icmp_code_symbols;
    case Datatype::icmpv6_type:
      return icmpv6_type_symbols;
    case Datatype::icmpv6_code:
      return icmpv6_code_symbols;
    case Datatype::dscp:
      return dscp_symbols;
    case Datatype::ecn:
      return ecn_symbols;
    case Datatype::family:
      return family_symbols;
    case Datatype::ether_type:
      return ether_symbols;
    case Datatype::packet_kind:
      return packet_symbols;
    case Datatype::address_type:
      return address_symbols;
    case Datatype::none:
    case Datatype::number:
    case Datatype::ipv4_address:
    case Datatype::ipv6_address:
    case Datatype::port:
    case Datatype::protocol:
    case Datatype::mark:
    case Datatype::interface:
      return {};
  }
  return {};
}

std::optional<Bits> address_of(const std::string& text, Family family) {
  const auto address = parse_address(text);
  if (address && address->family == family)
    return address->bits;
  return std::nullopt;
}

std::optional<Bits> port_of(const std::string& text) {
  if (const auto port = find_service(text, protocol_number::tcp))
    return *port;
  if (const auto port = find_service(text, protocol_number::udp))
    return *port;
  return std::nullopt;
}

bool looks_like_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' || c == '-' || c == '_';
  };
  return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, fits);
}

}  // namespace

std::optional<Bits> parse_integer(std::string_view text) {
  unsigned base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
    text.remove_prefix(1);
  }
  if (text.empty())
    return std::nullopt;
  Bits value = 0;
  for (const char c : text) {
    unsigned digit = 16;
    if (is_digit(c))
      digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f')
      digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
      digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit >= base || value > (~Bits{0} - digit) / base)
      return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

NamePattern interface_pattern(std::string_view text) {
  NamePattern pattern;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '*') {
      pattern.name += '*';
      ++i;
    } else if (text[i] == '*' && i + 1 == text.size()) {
      pattern.is_prefix = true;
    } else {
      pattern.name += text[i];
    }
  }
  return pattern;
}

void Values::settle() {
  if (pending.empty())
    return;
  numbers = numbers | IntervalSet::of(std::move(pending));
  pending.clear();
}

Values Values::all(unsigned width) {
  Values values;
  values.numbers = IntervalSet::range(0, low_ones(width));
  values.names.push_back({"", true});
  return values;
}

std::optional<Bits> ValueReader::word(const std::string& text) const {
  for (const Symbol& symbol : symbols_of(type_)) {
    if (symbol.name == text)
      return symbol.value;
  }
  std::optional<Bits> value = parse_integer(text);
  if (type_ == Datatype::ipv4_address || type_ == Datatype::ipv6_address) {
    const bool old = type_ == Datatype::ipv4_address;
    if (const auto address = address_of(text, old ? Family::ipv4 : Family::ipv6))
      return address;
  }
  if (!value && type_ == Datatype::port)
    value = port_of(text);
  if (!value && type_ == Datatype::protocol)
    value = parse_protocol(text);
  if (value && *value > low_ones(width_))
    return std::nullopt;
  return value;
}

bool ValueReader::may_be_name(const std::string& text) const {
  const bool named = type_ == Datatype::ipv4_address || type_ == Datatype::ipv6_address || type_ == Datatype::port ||
                     type_ == Datatype::protocol || type_ == Datatype::mark;
  return named && looks_like_name(text);
}

std::optional<Bits> ValueReader::number(const Expression& expression) const {
  if (expression.kind == ExpressionKind::value)
    return word(expression.text);
  if (expression.kind == ExpressionKind::list) {
    Bits all = 0;
    for (const Expression& part : expression.parts) {
      const auto value = number(part);
      if (!value)
        return std::nullopt;
      all |= *value;
    }
    return all;
  }
  if (expression.kind != ExpressionKind::combination || expression.parts.size() != 2)
    return std::nullopt;
  const auto left = number(expression.parts[0]);
  const bool shifts = expression.text == "<<" || expression.text == ">>";
  const auto right =
      shifts ? ValueReader(Datatype::number, 7).number(expression.parts[1]) : number(expression.parts[1]);
  if (!left || !right)
    return std::nullopt;
  if (expression.text == "&")
    return *left & *right;
  if (expression.text == "|")
    return *left | *right;
  if (expression.text == "^")
    return *left ^ *right;
  const auto distance = static_cast<unsigned>(*right);
  return (expression.text == "<<" ? *left << distance : *left >> distance) & low_ones(width_);
}

std::optional<Interval> ValueReader::prefix(const Expression& expression) const {
  const auto length = parse_unsigned<unsigned>(expression.text, 0, width_);
  if (!length || expression.parts.empty())
    return std::nullopt;
  const auto base = number(expression.parts.front());
  if (!base)
    return std::nullopt;
  const Bits host = low_ones(width_ - *length);
  return Interval{*base & ~host & low_ones(width_), *base | host};
}

std::optional<Interval> ValueReader::range(const Expression& expression) const {
  if (expression.parts.size() != 2)
    return std::nullopt;
  const auto low = number(expression.parts[0]);
  if (!low)
    return std::nullopt;
  const auto high = number(expression.parts[1]);
  if (!high)
    return std::nullopt;
  return *low <= *high ? std::optional(Interval{*low, *high}) : std::nullopt;
}

std::optional<ValueFault> ValueReader::read(const Expression& expression, Values& values) const {
  const auto wrong = [&] {
    return ValueFault{expression.span, fmt::format("{} is not a value that is expected here", quote(expression.text))};
  };
  if (type_ == Datatype::interface) {
    if (expression.kind != ExpressionKind::value)
      return ValueFault{expression.span, "expected the name of an interface"};
    values.names.push_back(interface_pattern(expression.text));
    return std::nullopt;
  }
  if (expression.kind == ExpressionKind::prefix || expression.kind == ExpressionKind::range) {
    const auto interval = expression.kind == ExpressionKind::prefix ? prefix(expression) : range(expression);
    if (!interval)
      return ValueFault{expression.span, "this range or prefix cannot be read"};
    values.pending.push_back(*interval);
    return std::nullopt;
  }
  if (expression.kind == ExpressionKind::list && !is_bitmask(type_)) {
    for (const Expression& part : expression.parts) {
      if (auto fault = read(part, values))
        return fault;
    }
    return std::nullopt;
  }
  if (const auto value = number(expression)) {
    values.pending.push_back({*value, *value});
    return std::nullopt;
  }
  if (expression.kind == ExpressionKind::value && may_be_name(expression.text)) {
    values.unresolved.push_back(expression.text);
    return std::nullopt;
  }
  return wrong();
}

}  // namespace segproof::nft
