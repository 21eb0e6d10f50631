// SPDX-License-Identifier: Apache-2.0
#include "packet/packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

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

std::optional<unsigned> parse_number(std::string_view text, unsigned max) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

struct Endpoint {
  Address address;
  std::optional<unsigned> port;
};

// "10.0.0.1", "10.0.0.1:80", "[::1]", "[::1]:80"; a bare "::1" has no port.
std::optional<Endpoint> parse_endpoint(std::string_view text) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos)
      return std::nullopt;
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':')
      return std::nullopt;
    if (!rest.empty())
      port = rest.substr(1);
    if (host.find(':') == std::string_view::npos)
      return std::nullopt;
  } else if (std::ranges::count(text, ':') == 1) {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  const auto address = parse_address(host);
  if (!address)
    return std::nullopt;
  if (!port)
    return Endpoint{*address, std::nullopt};
  const auto number = parse_number(*port, 65535);
  return number ? std::optional(Endpoint{*address, number}) : std::nullopt;
}

// "[syn,ack]"; "[none]" for no flag.
std::optional<unsigned> parse_flags(std::string_view text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']')
    return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (text == "none")
    return 0U;
  unsigned flags = 0;
  for (;;) {
    const std::size_t comma = text.find(',');
    const auto name = std::ranges::find(flag_names, text.substr(0, comma));
    if (name == flag_names.end())
      return std::nullopt;
    const unsigned flag = 1U << static_cast<unsigned>(name - flag_names.begin());
    if ((flags & flag) != 0)
      return std::nullopt;
    flags |= flag;
    if (comma == std::string_view::npos)
      return flags;
    text.remove_prefix(comma + 1);
  }
}

// The words of a text, separated by blanks.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) { skip(); }
  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::string_view next() {
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(word.size());
    skip();
    return word;
  }
  [[nodiscard]] std::string_view peek() const { return rest_.substr(0, rest_.find(' ')); }
  bool accept(std::string_view word) {
    if (peek() != word)
      return false;
    next();
    return true;
  }

 private:
  void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
  std::string_view rest_;
};

// "type 8 code 0", both or nothing. False when there is something else.
bool parse_icmp(Words& words, Packet& packet, bool fragment) {
  if (!words.accept("type")) {
    if (!fragment)
      packet[Field::destination_port] = packet.protocol() == protocol_number::icmpv6 ? 128 << 8 : 8 << 8;
    return true;
  }
  const auto type = parse_number(words.next(), 255);
  if (!type || !words.accept("code"))
    return false;
  const auto code = parse_number(words.next(), 255);
  if (!code)
    return false;
  packet[Field::destination_port] = *type << 8U | *code;
  return true;
}

std::string endpoint_text(const Address& address, Bits port, bool with_port) {
  std::string text = to_string(address);
  if (address.family == Family::ipv6)
    text = "[" + text + "]";
  if (with_port)
    fmt::format_to(std::back_inserter(text), ":{}", static_cast<unsigned>(port));
  return text;
}

}  // namespace

std::string to_string(const Packet& packet) {
  const std::uint8_t protocol = packet.protocol();
  const bool fragment = packet[Field::fragment] != 0;
  const Bits source_port = packet[Field::source_port];
  const Bits destination_port = packet[Field::destination_port];
  const bool overlay = is_icmp(protocol);
  const bool nonzero = source_port != 0 || destination_port != 0;
  const bool ports = !overlay && (has_ports(protocol) ? !fragment || nonzero : nonzero);
  std::string out =
      fmt::format("{} {} > {}", protocol_name(protocol), endpoint_text(packet.source(), source_port, ports),
                  endpoint_text(packet.destination(), destination_port, ports));
  if (overlay && (!fragment || destination_port != 0)) {
    const auto value = static_cast<unsigned>(destination_port);
    fmt::format_to(std::back_inserter(out), " type {} code {}", value >> 8U, value & 255U);
  }
  const auto flags = static_cast<std::uint8_t>(packet[Field::tcp_flags]);
  if (protocol == protocol_number::tcp ? !fragment || flags != 0 : flags != 0) {
    fmt::format_to(std::back_inserter(out), " [{}]",
                   flags == 0 ? "none" : fmt::format("{}", fmt::join(tcp_flag_names(flags), ",")));
  }
  if (fragment)
    out += " fragment";
  return out;
}

std::optional<Packet> parse_packet(std::string_view text) {
  if (text.size() > 400)
    return std::nullopt;
  const bool fragment = text.ends_with(" fragment");
  if (fragment)
    text.remove_suffix(9);
  Words words(text);
  const auto protocol = parse_protocol(words.next());
  const auto source = parse_endpoint(words.next());
  if (!protocol || !source || !words.accept(">"))
    return std::nullopt;
  const auto destination = parse_endpoint(words.next());
  if (!destination || source->address.family != destination->address.family)
    return std::nullopt;
  if (source->port.has_value() != destination->port.has_value())
    return std::nullopt;
  if (has_ports(*protocol) && !fragment && !source->port)
    return std::nullopt;
  if (is_icmp(*protocol) && source->port)
    return std::nullopt;

  Packet packet{source->address.family, {}};
  packet[Field::protocol] = *protocol;
  packet[Field::source] = source->address.bits;
  packet[Field::destination] = destination->address.bits;
  packet[Field::source_port] = source->port.value_or(0);
  packet[Field::destination_port] = destination->port.value_or(0);
  packet[Field::fragment] = fragment ? 1 : 0;
  if (is_icmp(*protocol) && !parse_icmp(words, packet, fragment))
    return std::nullopt;
  if (*protocol == protocol_number::tcp && !fragment)
    packet[Field::tcp_flags] = tcp_flag::syn;
  if (!words.done() && words.peek().front() == '[') {
    const auto flags = parse_flags(words.next());
    if (!flags)
      return std::nullopt;
    packet[Field::tcp_flags] = *flags;
  }
  return words.done() ? std::optional(packet) : std::nullopt;
}

std::string protocol_name(std::uint8_t protocol) {
  const auto found = std::ranges::find(protocol_names, protocol, &ProtocolName::number);
  return found != protocol_names.end() ? std::string(found->name) : std::to_string(protocol);
}

std::optional<std::uint8_t> parse_protocol(std::string_view text) {
  const auto found =
      std::ranges::find_if(protocol_names, [&](const ProtocolName& entry) { return same_word(entry.name, text); });
  if (found != protocol_names.end())
    return found->number;
  const auto number = parse_number(text, 255);
  return number ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
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
