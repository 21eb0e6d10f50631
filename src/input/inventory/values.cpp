// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace segproof::input::inventory {
namespace {

constexpr Bits largest_port = 65535;
// Hosts have a handful of addresses; a routed /20 on one host is a mistake or an attack.
constexpr std::size_t largest_address_count = 4096;

bool is_separator(char c) {
  return c == ',' || c == ';' || c == '|' || is_space(c);
}

// Without a pair of quotes around it.
std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

// Written by someone who meant an address: digits and dots, or hexadecimal digits and colons.
bool looks_like_address(std::string_view text) {
  const std::string_view address = text.substr(0, text.find('/'));
  const bool has_colon = address.find(':') != std::string_view::npos;
  const bool numeric = std::ranges::all_of(address, [](char c) { return is_digit(c) || c == '.'; });
  const bool hexadecimal = std::ranges::all_of(address, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.' || c == '%';
  });
  return !address.empty() && (numeric || has_colon || (hexadecimal && has_colon) || text.size() != address.size());
}

std::string address_fault(std::string_view text) {
  const std::string_view address = text.substr(0, text.find('/'));
  if (address.find('%') != std::string_view::npos) {
    return "an address with an interface (`%`) is not accepted";
  }
  if (parse_address(address)) {
    return "the prefix length is not valid";
  }
  return "";
}

std::string_view family_name(Family family) {
  return family == Family::ipv4 ? "IPv4" : "IPv6";
}

struct ParsedAddress {
  Address address;
  std::optional<unsigned> length;
};

std::optional<ParsedAddress> parse_host_address(std::string_view text) {
  if (text.find('/') == std::string_view::npos) {
    if (const std::optional<Address> address = parse_address(text)) {
      return ParsedAddress{.address = *address, .length = std::nullopt};
    }
    return std::nullopt;
  }
  if (const std::optional<InterfaceAddress> found = parse_interface_address(text)) {
    return ParsedAddress{.address = found->address, .length = found->prefix.length};
  }
  return std::nullopt;
}

struct NamedProtocol {
  std::string_view name;
  std::uint8_t number;
};
constexpr std::array<NamedProtocol, 20> protocols{{{"ah", 51},
                                                   {"dccp", protocol_number::dccp},
                                                   {"egp", 8},
                                                   {"eigrp", 88},
                                                   {"esp", 50},
                                                   {"etherip", 97},
                                                   {"gre", 47},
                                                   {"icmp", protocol_number::icmp},
                                                   {"icmpv6", protocol_number::icmpv6},
                                                   {"igmp", 2},
                                                   {"ipip", 4},
                                                   {"ipv6", 41},
                                                   {"l2tp", 115},
                                                   {"ospf", 89},
                                                   {"pim", 103},
                                                   {"sctp", protocol_number::sctp},
                                                   {"tcp", protocol_number::tcp},
                                                   {"udp", protocol_number::udp},
                                                   {"udplite", protocol_number::udplite},
                                                   {"vrrp", 112}}};

bool with_ports(std::uint8_t protocol) {
  return protocol == protocol_number::tcp || protocol == protocol_number::udp || protocol == protocol_number::sctp ||
         protocol == protocol_number::dccp || protocol == protocol_number::udplite;
}

// "443" or "8000-8010".
std::optional<Interval> parse_ports(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::uint16_t> low = parse_unsigned<std::uint16_t>(text.substr(0, dash), 1);
  if (!low) {
    return std::nullopt;
  }
  if (dash == std::string_view::npos) {
    return Interval{*low, *low};
  }
  const std::optional<std::uint16_t> high = parse_unsigned<std::uint16_t>(text.substr(dash + 1), *low);
  return high ? std::optional(Interval{*low, *high}) : std::nullopt;
}

// Reads one item of a list of services; reports what is wrong with it.
class ServiceParser {
 public:
  ServiceParser(const Value& item, Reporter& reporter) : item_(item), reporter_(reporter) {}

  // Nothing after an error; two services for a port without a protocol.
  std::vector<ListedService> parse(std::optional<SourceSpan>& bare_port) {
    std::string_view text = item_.text;
    ListedService service{.protocol = 0, .ports = {}, .name = {}, .certain = true, .tags = {}, .origin = item_.span};
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
      service.name = std::string(text.substr(0, equals));
      text = text.substr(equals + 1);
    }
    const std::vector<std::string_view> with_tags = split(text, '+');
    service.tags.assign(with_tags.begin() + 1, with_tags.end());
    std::ranges::sort(service.tags);
    text = with_tags.front();
    const std::size_t slash = text.find('/');
    std::string_view first = text.substr(0, slash);
    std::string_view second = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    if (slash == std::string_view::npos && !first.empty() && is_digit(first.front())) {
      return bare(std::move(service), first, bare_port);
    }
    if (slash != std::string_view::npos && !is_protocol_name(first) && is_protocol_name(second)) {
      std::swap(first, second);  // 443/tcp
    }
    const std::optional<std::uint8_t> protocol = parse_protocol(first);
    if (!protocol) {
      return fault(first, first.empty() ? "the protocol is missing" : fmt::format("{} is not a protocol", quote(first)),
                   protocol_hint(first));
    }
    service.protocol = *protocol;
    if (!with_ports(*protocol)) {
      return slash == std::string_view::npos
                 ? std::vector{std::move(service)}
                 : fault(second, fmt::format("{} has no ports", quote(first)), "write the protocol alone");
    }
    if (slash == std::string_view::npos) {
      service.ports = IntervalSet::range(0, largest_port);
      return {std::move(service)};
    }
    const std::optional<Interval> ports = parse_ports(second);
    if (!ports) {
      return ports_fault(second);
    }
    service.ports = IntervalSet{*ports};
    return {std::move(service)};
  }

 private:
  static bool is_protocol_name(std::string_view text) {
    return std::ranges::any_of(protocols, [&](const NamedProtocol& p) { return same_word(p.name, text); });
  }
  static std::string protocol_hint(std::string_view text) {
    std::vector<std::string_view> names;
    for (const NamedProtocol& protocol : protocols) {
      names.push_back(protocol.name);
    }
    const std::string hint = did_you_mean_hint(text, names);
    return hint.empty() ? "write services like `tcp/443`, `udp/53` or `gre`" : hint;
  }

  std::vector<ListedService> bare(ListedService service, std::string_view text, std::optional<SourceSpan>& bare_port) {
    const std::optional<Interval> ports = parse_ports(text);
    if (!ports) {
      return ports_fault(text);
    }
    if (!bare_port) {
      bare_port = item_.span;
    }
    service.ports = IntervalSet{*ports};
    service.protocol = protocol_number::tcp;
    ListedService udp = service;
    udp.protocol = protocol_number::udp;
    return {std::move(service), std::move(udp)};
  }

  std::vector<ListedService> ports_fault(std::string_view text) {
    return fault(text,
                 text.empty()
                     ? "the port is missing"
                     : fmt::format("{} is not a port from 1 to 65535 or an ascending range of ports", quote(text)),
                 "write services like `tcp/443` or `tcp/8000-8010`");
  }
  std::vector<ListedService> fault(std::string_view part, std::string message, std::string hint) {
    const SourceSpan span = part.empty() ? item_.span : reporter_.part_span(item_, part);
    reporter_.error(DiagnosticCode::inventory_service_invalid, span, std::move(message), std::move(hint));
    return {};
  }

  const Value& item_;
  Reporter& reporter_;
};

}  // namespace

std::vector<Value> list_items(const Value& list, Reporter& reporter) {
  std::string_view text = trim(list.text);
  const bool bracketed = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  if (bracketed) {
    text = text.substr(1, text.size() - 2);
  }
  const std::optional<std::size_t> column = reporter.text_column(list);
  std::vector<Value> items;
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_separator(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && !is_separator(text[end])) {
      ++end;
    }
    const std::string_view written = text.substr(at, end - at);
    const std::string_view item = bracketed ? unquoted(written) : written;
    if (!item.empty()) {
      const auto offset = static_cast<std::size_t>(item.data() - list.text.data());
      const SourceSpan span = column ? reporter.span(list.span.line, *column + offset, item.size()) : list.span;
      if (!reporter.take_item(span)) {
        break;
      }
      items.push_back({.text = std::string(item), .span = span});
    }
    at = end;
  }
  return items;
}

bool is_expression(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos ||
         text.starts_with("$ANSIBLE_VAULT");
}

void add_words(std::vector<std::string>& words, std::span<const Value> items) {
  for (const Value& item : items) {
    words.push_back(item.text);
  }
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
}

bool usable(const Address& address) {
  if (address.family == Family::ipv4) {
    const auto first = static_cast<unsigned>(address.bits >> 24U);
    return first != 0 && first != 127 && first < 224 && address.bits != low_ones(32);
  }
  const bool multicast = (address.bits >> 120U) == 0xffU;
  return address.bits > 1 && !multicast;
}

void add_address(ListedHost& host, const Value& value, std::optional<Family> family, std::string_view interface,
                 NamesAllowed names, Reporter& reporter) {
  const std::string_view text = value.text;
  if (is_expression(text)) {
    const std::string why =
        fmt::format("the address of host {} is computed, its value is not in this file", quote(host.name));
    reporter.doubt(LineUse::undecided, value.span, DiagnosticCode::inventory_expression, why);
    reporter.warning(DiagnosticCode::inventory_expression, value.span, why,
                     "resolve the inventory first, for example with `ansible-inventory --list --yaml`");
    return;
  }
  const std::optional<ParsedAddress> parsed = parse_host_address(text);
  if (!parsed) {
    if (names == NamesAllowed::yes && !looks_like_address(text)) {
      add_words(host.aliases, std::array{value});
      return;
    }
    reporter.error(DiagnosticCode::inventory_address_invalid, value.span,
                   fmt::format("{} is not an {} address", quote(text), family ? family_name(*family) : "IPv4 or IPv6"),
                   address_fault(text));
    return;
  }
  if (family && parsed->address.family != *family) {
    reporter.error(DiagnosticCode::inventory_address_invalid, value.span,
                   fmt::format("{} is an {} address in a place for {}", quote(text),
                               family_name(parsed->address.family), family_name(*family)));
    return;
  }
  if (!usable(parsed->address)) {
    reporter.note(DiagnosticCode::inventory_address_unusable, value.span,
                  fmt::format("{} is loopback, multicast, broadcast or unspecified; host {} does not get it",
                              quote(text), quote(host.name)));
    return;
  }
  const auto known = std::ranges::find(host.addresses, parsed->address, &ListedAddress::address);
  if (known != host.addresses.end()) {
    if (!known->prefix_length) {
      known->prefix_length = parsed->length;
    }
    return;
  }
  if (host.addresses.size() == largest_address_count) {
    reporter.error(DiagnosticCode::inventory_too_large, value.span,
                   fmt::format("host {} has more than {} addresses", quote(host.name), largest_address_count));
    return;
  }
  host.addresses.push_back({.address = parsed->address,
                            .prefix_length = parsed->length,
                            .interface = std::string(interface),
                            .origin = value.span});
}

ServiceList parse_services(std::span<const Value> items, std::optional<SourceSpan>& bare_port, Reporter& reporter) {
  ServiceList list;
  for (const Value& item : items) {
    if (is_expression(item.text)) {
      const char* const why = "the services are computed, their value is not in this file";
      reporter.doubt(LineUse::undecided, item.span, DiagnosticCode::inventory_expression, why);
      list.readable = false;
      reporter.warning(DiagnosticCode::inventory_expression, item.span, why,
                       "resolve the inventory first, for example with `ansible-inventory --list --yaml`");
      return list;
    }
    if (same_word(item.text, "any")) {
      list.any = true;
      continue;
    }
    if (same_word(item.text, "none") && items.size() == 1) {
      continue;
    }
    std::vector<ListedService> parsed = ServiceParser(item, reporter).parse(bare_port);
    if (parsed.empty()) {
      list.readable = false;
    }
    std::ranges::move(parsed, std::back_inserter(list.services));
  }
  sort_services(list.services);
  return list;
}

void sort_services(std::vector<ListedService>& services) {
  const auto key = [](const ListedService& s) {
    return std::tie(s.protocol, s.ports, s.certain, s.name, s.tags, s.origin);
  };
  const auto same = [](const ListedService& a, const ListedService& b) {
    return std::tie(a.protocol, a.ports, a.certain, a.name, a.tags) ==
           std::tie(b.protocol, b.ports, b.certain, b.name, b.tags);
  };
  std::ranges::sort(services, [&](const ListedService& a, const ListedService& b) { return key(a) < key(b); });
  services.erase(std::unique(services.begin(), services.end(), same), services.end());
}

std::optional<std::uint8_t> parse_protocol(std::string_view text) {
  for (const NamedProtocol& protocol : protocols) {
    if (same_word(protocol.name, text)) {
      return protocol.number;
    }
  }
  return parse_unsigned<std::uint8_t>(text);
}

}  // namespace segproof::input::inventory
