// SPDX-License-Identifier: Apache-2.0
#include "packet/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/assert.h"

namespace segproof {
namespace {

// A decimal number without sign and leading zeros, at most `max`.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

std::optional<Bits> parse_ipv4(std::string_view text) {
  Bits bits = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (part == 3))
      return std::nullopt;
    const auto octet = parse_decimal(text.substr(0, dot), 255);
    if (!octet)
      return std::nullopt;
    bits = bits << 8U | *octet;
    if (part < 3)
      text.remove_prefix(dot + 1);
  }
  return bits;
}

std::optional<unsigned> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4)
    return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    value = value << 4U | digit;
  }
  return value;
}

struct Groups {
  Bits bits = 0;
  unsigned count = 0;  // 16-bit groups
};

// Groups separated by single colons; the last one may be an IPv4 address (two groups) when `tail` says so.
std::optional<Groups> parse_groups(std::string_view text, bool tail) {
  Groups result;
  if (text.empty())
    return result;
  for (;;) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    if (colon == std::string_view::npos && tail && part.find('.') != std::string_view::npos) {
      const auto quad = parse_ipv4(part);
      if (!quad || result.count > 6)
        return std::nullopt;
      return Groups{result.bits << 32U | *quad, result.count + 2};
    }
    const auto group = parse_group(part);
    if (!group || result.count >= 8)
      return std::nullopt;
    result = {result.bits << 16U | *group, result.count + 1};
    if (colon == std::string_view::npos)
      return result;
    text.remove_prefix(colon + 1);
  }
}

std::optional<Bits> parse_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto groups = parse_groups(text, true);
    return groups && groups->count == 8 ? std::optional(groups->bits) : std::nullopt;
  }
  const auto left = parse_groups(text.substr(0, gap), false);
  const auto right = parse_groups(text.substr(gap + 2), true);
  if (!left || !right || left->count + right->count > 7)
    return std::nullopt;
  if (left->count == 0)
    return right->bits;  // a shift by 128 is not defined
  return left->bits << (16U * (8 - left->count)) | right->bits;
}

std::string ipv6_text(Bits bits) {
  std::array<unsigned, 8> groups{};
  for (unsigned i = 0; i < 8; ++i)
    groups[i] = static_cast<unsigned>(bits >> (16U * (7 - i)) & 0xffffU);
  unsigned gap = 8;  // the first longest run of at least two zero groups
  unsigned gap_length = 1;
  for (unsigned i = 0; i < 8; ++i) {
    unsigned end = i;
    while (end < 8 && groups[end] == 0)
      ++end;
    if (end - i > gap_length) {
      gap = i;
      gap_length = end - i;
    }
  }
  std::string out;
  for (unsigned i = 0; i < 8;) {
    if (i == gap) {
      out += "::";
      i += gap_length;
      continue;
    }
    if (i > 0 && out.back() != ':')
      out += ':';
    fmt::format_to(std::back_inserter(out), "{:x}", groups[i]);
    ++i;
  }
  return out;
}

std::string ipv4_text(Bits bits) {
  const auto value = static_cast<std::uint32_t>(bits);
  return fmt::format("{}.{}.{}.{}", value >> 24U, value >> 16U & 255U, value >> 8U & 255U, value & 255U);
}

struct Slashed {
  Address address;
  unsigned length = 0;
};

std::optional<Slashed> parse_slashed(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address)
    return std::nullopt;
  if (slash == std::string_view::npos)
    return Slashed{*address, address_width(address->family)};
  const auto length = parse_decimal(text.substr(slash + 1), address_width(address->family));
  return length ? std::optional(Slashed{*address, *length}) : std::nullopt;
}

}  // namespace

Bits Prefix::last() const {
  return address.bits | low_ones(address_width(address.family) - length);
}

bool Prefix::contains(const Address& other) const {
  return other.family == address.family && other.bits >= first() && other.bits <= last();
}

bool Prefix::contains(const Prefix& other) const {
  return other.length >= length && contains(other.address);
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() > 45)
    return std::nullopt;  // the longest text of an address
  const Family family = text.find(':') == std::string_view::npos ? Family::ipv4 : Family::ipv6;
  const auto bits = family == Family::ipv4 ? parse_ipv4(text) : parse_ipv6(text);
  return bits ? std::optional(Address{family, *bits}) : std::nullopt;
}

std::optional<Prefix> parse_prefix(std::string_view text) {
  const auto parsed = parse_slashed(text);
  if (!parsed)
    return std::nullopt;
  const Prefix prefix = make_prefix(parsed->address, parsed->length);
  return prefix.address == parsed->address ? std::optional(prefix) : std::nullopt;
}

std::optional<InterfaceAddress> parse_interface_address(std::string_view text) {
  const auto parsed = parse_slashed(text);
  if (!parsed)
    return std::nullopt;
  return InterfaceAddress{parsed->address, make_prefix(parsed->address, parsed->length)};
}

Prefix make_prefix(const Address& address, unsigned length) {
  const unsigned width = address_width(address.family);
  SEGPROOF_ASSERT(length <= width);
  return {{address.family, address.bits & ~low_ones(width - length)}, length};
}

std::string to_string(const Address& address) {
  if (address.family == Family::ipv4)
    return ipv4_text(address.bits);
  if (address.bits >> 32U == 0xffffU)
    return "::ffff:" + ipv4_text(address.bits & 0xffffffffU);
  return ipv6_text(address.bits);
}

std::string to_string(const Prefix& prefix) {
  if (prefix.length == address_width(prefix.address.family))
    return to_string(prefix.address);
  return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

std::vector<Prefix> prefixes_of(Family family, const Interval& interval) {
  const unsigned width = address_width(family);
  SEGPROOF_ASSERT(interval.low <= interval.high && interval.high <= low_ones(width));
  std::vector<Prefix> result;
  Bits low = interval.low;
  for (;;) {
    unsigned host_bits = 0;  // grow while the block stays aligned and inside
    while (host_bits < width && (low & low_ones(host_bits + 1)) == 0 &&
           (low | low_ones(host_bits + 1)) <= interval.high) {
      ++host_bits;
    }
    result.push_back({{family, low}, width - host_bits});
    const Bits last = low | low_ones(host_bits);
    if (last == interval.high)
      return result;
    low = last + 1;
  }
}

}  // namespace segproof
