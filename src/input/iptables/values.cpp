// SPDX-License-Identifier: Apache-2.0
#include "input/iptables/values.h"

#include <array>

#include "base/text.h"
#include "packet/packet.h"
#include "packet/service_names.h"

namespace segproof::iptables {
namespace {

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F')
    return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

// "10" is 10.0.0.0; a mask must have four parts.
std::optional<Bits> parse_dotted(std::string_view text, bool complete) {
  const auto parts = split(text, '.');
  if (parts.size() > 4 || (complete && parts.size() != 4))
    return std::nullopt;
  Bits value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    Bits octet = 0;
    if (i < parts.size()) {
      const auto number = parse_number(parts[i], 255);
      if (!number)
        return std::nullopt;
      octet = *number;
    }
    value = value << 8U | octet;
  }
  return value;
}

bool looks_like_name(std::string_view text) {
  if (text.empty() || text.size() > 253)
    return false;
  bool letter = false;
  for (const char c : text) {
    const bool alphabetic = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!alphabetic && !is_digit(c) && c != '.' && c != '-' && c != '_')
      return false;
    letter = letter || alphabetic;
  }
  return letter;
}

std::optional<Bits> parse_mask(std::string_view text, Family family) {
  const unsigned width = address_width(family);
  if (const auto length = parse_number(text, width)) {
    return low_ones(width) & ~low_ones(width - static_cast<unsigned>(*length));
  }
  if (family == Family::ipv4)
    return parse_dotted(text, true);
  return parse_plain_address(text, family);
}

std::optional<std::uint16_t> parse_port(std::string_view text, std::uint8_t protocol, bool& is_name) {
  if (const auto number = parse_number(text, 65535))
    return static_cast<std::uint16_t>(*number);
  if (!looks_like_name(text))
    return std::nullopt;
  if (const auto port = find_service(text, protocol))
    return port;
  is_name = true;
  return 0;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t max) {
  unsigned base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  if (text.empty() || text.size() > 64)
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto next = digit(c);
    if (!next || *next >= base || value > (~std::uint64_t{0} - *next) / base)
      return std::nullopt;
    value = value * base + *next;
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

std::optional<Bits> parse_plain_address(std::string_view text, Family family) {
  if (family == Family::ipv4)
    return parse_dotted(text, false);
  const auto address = parse_address(text);
  return address && address->family == family ? std::optional(address->bits) : std::nullopt;
}

ParsedAddress parse_masked_address(std::string_view text, Family family) {
  const Bits all = low_ones(address_width(family));
  const std::size_t slash = text.rfind('/');
  Bits mask = all;
  if (slash != std::string_view::npos) {
    const auto parsed = parse_mask(text.substr(slash + 1), family);
    if (!parsed)
      return {{}, AddressFault::wrong};
    mask = *parsed;
    text = text.substr(0, slash);
    if (mask == 0)
      return {{0, 0}, AddressFault::none};  // the name before "/0" is not looked at
  }
  if (const auto address = parse_plain_address(text, family))
    return {{*address & mask, mask}, AddressFault::none};
  return {{}, looks_like_name(text) ? AddressFault::name : AddressFault::wrong};
}

std::optional<unsigned> prefix_length(Bits mask, Family family) {
  const unsigned width = address_width(family);
  for (unsigned length = 0; length <= width; ++length) {
    if (mask == (low_ones(width) & ~low_ones(width - length)))
      return length;
  }
  return std::nullopt;
}

std::optional<ParsedPorts> parse_ports(std::string_view text, char separator, std::uint8_t protocol) {
  const std::size_t middle = text.find(separator);
  bool is_name = false;
  // A service may have the separator in its name ("ftp-data").
  if (middle == std::string_view::npos || (separator == '-' && find_service(text, protocol))) {
    const auto port = parse_port(text, protocol, is_name);
    if (!port)
      return std::nullopt;
    return ParsedPorts{{*port, *port}, is_name};
  }
  const std::string_view low_text = text.substr(0, middle);
  const std::string_view high_text = text.substr(middle + 1);
  const auto low = low_text.empty() ? std::optional<std::uint16_t>(0) : parse_port(low_text, protocol, is_name);
  const auto high = high_text.empty() ? std::optional<std::uint16_t>(65535) : parse_port(high_text, protocol, is_name);
  if (!low || !high || (!is_name && *low > *high))
    return std::nullopt;
  return ParsedPorts{{*low, *high}, is_name};
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> parse_value_mask(std::string_view text) {
  constexpr std::uint64_t most = 0xffffffffU;
  const std::size_t slash = text.find('/');
  const auto value = parse_number(text.substr(0, slash), most);
  const auto mask = slash == std::string_view::npos ? std::optional(most) : parse_number(text.substr(slash + 1), most);
  if (!value || !mask)
    return std::nullopt;
  return std::pair(static_cast<std::uint32_t>(*value), static_cast<std::uint32_t>(*mask));
}

std::optional<std::uint8_t> parse_protocol_option(std::string_view text) {
  if (const auto number = parse_number(text, 255))
    return static_cast<std::uint8_t>(*number);
  if (same_word(text, "all"))
    return std::uint8_t{0};
  if (same_word(text, "mh") || same_word(text, "ipv6-mh") || same_word(text, "mobility-header")) {
    return std::uint8_t{135};
  }
  return parse_protocol(to_lower(text));
}

}  // namespace segproof::iptables
