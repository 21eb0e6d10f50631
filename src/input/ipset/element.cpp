// SPDX-License-Identifier: Apache-2.0
#include "input/ipset/element.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "packet/icmp_names.h"
#include "packet/packet.h"
#include "packet/service_names.h"

namespace segproof::ipset {
namespace {

using Fault = std::string;
constexpr std::size_t longest_interface_name = 15;
constexpr std::size_t most_elements = 10000;  // of one line
constexpr std::string_view port_prefix = "physdev:";

bool has_holes(const SetShape& shape) {
  const Bits hidden = low_ones(address_width(shape.family)) & ~shape.address_mask;
  return (hidden & (hidden + 1)) != 0;
}

// A prefix of the given length, as packets meet it: their addresses are masked first.
AddressPart part_of(Bits address, unsigned length, const SetShape& shape) {
  const unsigned width = address_width(shape.family);
  const Bits mask = shape.address_mask & (low_ones(width) & ~low_ones(width - length));
  const Bits low = address & mask;
  // Bits that the set's mask hides are free. A mask with holes is handled by the set itself (answer.cpp).
  const Bits hidden = low_ones(width) & ~shape.address_mask;
  const Bits free = low_ones(width - length) | (has_holes(shape) ? 0 : hidden);
  return {{low, low | free}, length};
}

// "10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.6".
std::variant<std::vector<AddressPart>, Fault> parse_addresses(std::string_view text, const SetShape& shape,
                                                              bool is_net) {
  const unsigned width = address_width(shape.family);
  const Fault bad = fmt::format("bad address {}", quote(text));
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  const auto low = parse_address(text.substr(0, std::min(dash, slash)));
  if (!low || low->family != shape.family) {
    return bad;
  }
  if (dash != std::string_view::npos) {
    const auto high = parse_address(text.substr(dash + 1));
    if (!high || high->family != shape.family) {
      return bad;
    }
    const Interval range{std::min(low->bits, high->bits), std::max(low->bits, high->bits)};
    if (!is_net && shape.address_mask == low_ones(width)) {
      return std::vector<AddressPart>{{range, width}};
    }
    std::vector<AddressPart> parts;
    for (const Prefix& prefix : prefixes_of(shape.family, range)) {
      parts.push_back(part_of(prefix.first(), prefix.length, shape));
    }
    return parts;
  }
  unsigned length = width;
  if (slash != std::string_view::npos) {
    const auto given = parse_unsigned<unsigned>(text.substr(slash + 1), 0, width);
    if (!given) {
      return bad;
    }
    length = *given;
  }
  AddressPart part = part_of(low->bits, length, shape);
  if (!is_net) {
    part.length = width;  // every address of it is an element of its own
  }
  return std::vector<AddressPart>{part};
}

std::optional<std::uint16_t> parse_port(std::string_view text, std::uint8_t protocol) {
  if (const auto number = parse_unsigned<std::uint16_t>(text)) {
    return number;
  }
  return find_service(text, protocol);
}

std::optional<Interval> parse_port_range(std::string_view text, std::uint8_t protocol) {
  if (const auto single = parse_port(text, protocol)) {
    return Interval{*single, *single};
  }
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto low = parse_port(text.substr(0, dash), protocol);
  const auto high = parse_port(text.substr(dash + 1), protocol);
  if (!low || !high) {
    return std::nullopt;
  }
  return Interval{std::min(*low, *high), std::max(*low, *high)};
}

// "8/0", "echo-request".
std::optional<Interval> parse_icmp(std::string_view text, Family family) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto type = parse_unsigned<std::uint8_t>(text.substr(0, slash));
    const auto code = parse_unsigned<std::uint8_t>(text.substr(slash + 1));
    if (type && code) {
      const Bits value = Bits{*type} << 8U | *code;
      return Interval{value, value};
    }
  }
  const auto named = find_icmp_types(text, family);
  if (!named) {
    return std::nullopt;
  }
  // A name without a code stands for code 0: a set holds single types and codes.
  const Bits value = Bits{named->type} << 8U | named->code.value_or(0);
  return Interval{value, value};
}

std::optional<std::uint8_t> parse_protocol_word(std::string_view text) {
  if (const auto number = parse_unsigned<std::uint8_t>(text)) {
    return number;
  }
  return parse_protocol(to_lower(text));
}

// "tcp:80-90", "80", "icmp:echo-request", "gre:0".
std::optional<Fault> parse_port_part(std::string_view text, const SetShape& shape, Element& element) {
  const std::size_t colon = text.find(':');
  element.protocol = protocol_number::tcp;
  if (colon != std::string_view::npos) {
    const auto protocol = parse_protocol_word(text.substr(0, colon));
    if (!protocol || *protocol == 0) {
      return fmt::format("bad protocol {}", quote(text.substr(0, colon)));
    }
    element.protocol = *protocol;
    text.remove_prefix(colon + 1);
  }
  std::optional<Interval> ports;
  if (element.protocol == protocol_number::icmp || element.protocol == protocol_number::icmpv6) {
    const Family names = element.protocol == protocol_number::icmp ? Family::ipv4 : Family::ipv6;
    if (names != shape.family) {
      return fmt::format("protocol {} in a set of the other family", protocol_name(element.protocol));
    }
    ports = parse_icmp(text, names);
  } else {
    ports = parse_port_range(text, element.protocol);
  }
  if (!ports) {
    return fmt::format("bad port {}", quote(text));
  }
  element.ports = *ports;
  return std::nullopt;
}

bool is_mac(std::string_view text) {
  if (text.size() != 17) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (i % 3 == 2 ? c != ':' : !hex) {
      return false;
    }
  }
  return true;
}

// The dimensions of one element that are not addresses.
std::optional<Fault> parse_other(Dimension dimension, std::string_view text, const SetShape& shape, Element& element) {
  switch (dimension) {
    case Dimension::ip:
    case Dimension::net:
    case Dimension::set:
      return std::nullopt;
    case Dimension::port:
      return parse_port_part(text, shape, element);
    case Dimension::bare_port: {
      const std::size_t colon = text.find(':');
      const auto ports = parse_port_range(colon == std::string_view::npos ? text : text.substr(colon + 1), 6);
      if (!ports) {
        return fmt::format("bad port {}", quote(text));
      }
      element.ports = *ports;
      return std::nullopt;
    }
    case Dimension::interface:
      element.interface.is_port = text.starts_with(port_prefix);
      element.interface.name = element.interface.is_port ? text.substr(port_prefix.size()) : text;
      if (element.interface.name.empty() || element.interface.name.size() > longest_interface_name) {
        return fmt::format("bad interface name {}", quote(text));
      }
      return std::nullopt;
    case Dimension::mac:
      element.has_mac = true;
      return is_mac(text) ? std::nullopt : std::optional(fmt::format("bad MAC address {}", quote(text)));
    case Dimension::mark: {
      auto mark = parse_hex<std::uint32_t>(text);
      if (!mark) {
        mark = parse_unsigned<std::uint32_t>(text);
      }
      if (!mark) {
        return fmt::format("bad mark {}", quote(text));
      }
      element.mark = *mark & shape.mark_mask;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<std::vector<Element>, std::string> parse_element(std::string_view text, const SetShape& shape) {
  Element element;
  const AddressPart everything{{0, low_ones(address_width(shape.family))}, 0};
  element.first = everything;
  element.second = everything;
  const auto& dimensions = shape.type->dimensions;
  if (dimensions.front() == Dimension::set) {
    element.member = text;
    return std::vector<Element>{element};
  }
  const std::vector<std::string_view> words = split(text, ',');
  const std::size_t least = dimensions.size() - (shape.type->last_is_optional ? 1 : 0);
  if (words.size() < least || words.size() > dimensions.size()) {
    return fmt::format("element {} does not have the parts of type {}", quote(text), shape.type->name);
  }
  if (has_holes(shape) && text.find_first_of("/-") != std::string_view::npos) {
    return fmt::format("element {} is more than one address, under a mask with holes", quote(text));
  }
  std::array<std::vector<AddressPart>, 2> parts{std::vector{everything}, std::vector{everything}};
  std::size_t place = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto fault = parse_other(dimensions[i], words[i], shape, element)) {
      return *fault;
    }
    if (dimensions[i] != Dimension::ip && dimensions[i] != Dimension::net) {
      continue;
    }
    auto addresses = parse_addresses(words[i], shape, dimensions[i] == Dimension::net);
    if (auto* fault = std::get_if<Fault>(&addresses)) {
      return std::move(*fault);
    }
    parts.at(place++) = std::get<std::vector<AddressPart>>(std::move(addresses));
  }
  if (parts[0].size() * parts[1].size() > most_elements) {
    return fmt::format("element {} stands for too many", quote(text));
  }
  std::vector<Element> elements;
  for (const AddressPart& first : parts[0]) {
    for (const AddressPart& second : parts[1]) {
      element.first = first;
      element.second = second;
      elements.push_back(element);
    }
  }
  return elements;
}

}  // namespace segproof::ipset
