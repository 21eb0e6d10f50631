// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/definitions.h"

#include <fmt/format.h>

#include "base/text.h"

namespace segproof::cisco {
namespace {

std::string without_number(Words& words) {
  // NX-OS numbers the members: `10 host 10.0.0.1`.
  if (words.left() > 1 && parse_number(words.peek()) && !parse_ipv4(words.peek()))
    return std::string(words.take());
  return {};
}

IntervalSet typed_protocols(std::string_view word) {
  if (word == "tcp")
    return IntervalSet::single(protocol_number::tcp);
  if (word == "udp")
    return IntervalSet::single(protocol_number::udp);
  if (word == "tcp-udp")
    return IntervalSet{{protocol_number::tcp, protocol_number::tcp}, {protocol_number::udp, protocol_number::udp}};
  if (word == "sctp")
    return IntervalSet::single(protocol_number::sctp);
  return {};
}

AddressSet unite_addresses(std::vector<AddressSet> values) {
  AddressSet all;
  std::vector<Interval> ipv4;
  std::vector<Interval> ipv6;
  for (AddressSet& value : values) {
    const IntervalSet four = std::move(value.ipv4);
    const IntervalSet six = std::move(value.ipv6);
    ipv4.insert(ipv4.end(), four.intervals().begin(), four.intervals().end());
    ipv6.insert(ipv6.end(), six.intervals().begin(), six.intervals().end());
    value.ipv4 = {};
    value.ipv6 = {};
    if (value.is_any || !value.masked.empty() || !value.unknown.empty())
      all.add(value);
  }
  all.ipv4 = IntervalSet::of(std::move(ipv4));
  all.ipv6 = IntervalSet::of(std::move(ipv6));
  return all;
}

ServiceSet unite_services(const std::vector<ServiceSet>& values) {
  ServiceSet all;
  for (const ServiceSet& value : values)
    all.insert(all.end(), value.begin(), value.end());
  return merged(all);
}

}  // namespace

bool Definitions::is_port_operator(std::string_view word) {
  return word == "eq" || word == "neq" || word == "lt" || word == "gt" || word == "range";
}

std::optional<Definitions::Ports> Definitions::take_ports(Words& words) {
  const std::string_view operation = words.take();
  constexpr Bits most = 65535;
  Ports result;
  std::vector<Interval> found;
  const auto one = [&]() -> std::optional<Interval> {
    const std::vector<std::uint16_t> ports = find_ports(words.take());
    if (ports.empty())
      return std::nullopt;
    result.is_unclear = result.is_unclear || ports.size() > 1;
    return Interval{ports.front(), ports.back()};
  };
  const std::optional<Interval> first = one();
  if (!first)
    return std::nullopt;
  if (operation == "range") {
    const std::optional<Interval> last = one();
    if (!last)
      return std::nullopt;
    found.push_back({std::min(first->low, last->low), std::max(first->high, last->high)});
  } else if (operation == "lt") {
    if (first->low > 0)
      found.push_back({0, first->low - 1});
  } else if (operation == "gt") {
    if (first->high < most)
      found.push_back({first->high + 1, most});
  } else {  // eq and neq take a list
    found.push_back(result.is_unclear ? Interval{first->low, first->low} : *first);
    if (result.is_unclear)
      found.push_back({first->high, first->high});
    while (!find_ports(words.peek()).empty()) {
      for (const std::uint16_t port : find_ports(words.take()))
        found.push_back({port, port});
    }
  }
  result.ports = IntervalSet::of(std::move(found));
  if (operation == "neq")
    result.ports = result.ports.complement(most);
  return result;
}

const AddressSet* Definitions::network(std::string_view name) const {
  return networks_.contains(name) ? &networks_[name] : nullptr;
}
const ServiceSet* Definitions::service(std::string_view name) const {
  return services_.contains(name) ? &services_[name] : nullptr;
}
bool Definitions::is_empty_group(std::string_view name) const {
  return empty_.contains(name);
}

std::optional<std::uint32_t> Definitions::address(std::string_view word) const {
  if (const std::optional<std::uint32_t> parsed = parse_ipv4(word))
    return parsed;
  const auto found = names_.find(word);
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

void Definitions::read(const Statements& statements, Findings& findings) {
  // Names first: the others use them, wherever they stand.
  statements.for_each_below(no_statement, [&](std::size_t at) { name_line(statements, at, findings); });
  statements.for_each_below(no_statement, [&](std::size_t at) { top_level(statements, at, findings); });
  resolve(statements, findings);
}

void Definitions::name_line(const Statements& statements, std::size_t at, Findings& findings) {
  Words words(statements[at].text);
  if (!words.take_if("name") || words.left() < 2)
    return;
  const std::string_view value = words.take();
  const std::string_view name = words.take();
  if (const std::optional<std::uint32_t> parsed = parse_ipv4(value)) {
    names_.insert_or_assign(std::string(name), *parsed);
    findings.modelled(at);
  } else if (parse_address(value)) {
    findings.undecided(at, fmt::format("an IPv6 name {}", quote(name)));
  }
}

void Definitions::top_level(const Statements& statements, std::size_t at, Findings& findings) {
  const std::string_view text = statements[at].text;
  if (text.starts_with("object-group "))
    return group_block(statements, at, findings);
  if (text.starts_with("object network ") || text.starts_with("object service "))
    return object_block(statements, at, findings);
  if (text.starts_with("no object-group ") || text.starts_with("no object ")) {
    Words words(text);
    words.skip(3);
    if (words.peek() == "address" || words.peek() == "port")
      words.skip(1);
    networks_.erase(words.peek());
    services_.erase(words.peek());
    findings.modelled(at);
  }
}

// host, subnet, range or fqdn.
std::optional<AddressSet> Definitions::object_address(Words& words) const {
  const std::string_view kind = words.take();
  const std::string_view first = words.take();
  const std::string_view second = words.take();
  if (kind == "fqdn")
    return AddressSet::unclear(fmt::format("fqdn {}", second.empty() ? first : second));
  if (kind == "host") {
    if (const auto four = address(first))
      return AddressSet::of(MaskedAddress{*four, 0xffffffffU});
    const std::optional<Address> six = parse_address(first);
    return six ? std::optional(AddressSet::of(make_prefix(*six, 128))) : std::nullopt;
  }
  if (kind == "subnet") {
    if (const auto prefix = parse_ipv6_prefix(first))
      return AddressSet::of(*prefix);
    const auto value = address(first);
    const auto mask = parse_ipv4(second);
    return value && mask ? std::optional(AddressSet::of(MaskedAddress{*value, *mask})) : std::nullopt;
  }
  if (kind == "range") {
    const auto low = address(first);
    const auto high = address(second);
    if (low && high && *low <= *high)
      return AddressSet::of(Interval{*low, *high});
    const std::optional<Address> six = parse_address(first);
    const std::optional<Address> last = parse_address(second);
    if (six && last && six->family == Family::ipv6 && last->family == Family::ipv6 && six->bits <= last->bits) {
      AddressSet set;
      set.ipv6 = IntervalSet::range(six->bits, last->bits);
      return set;
    }
  }
  return std::nullopt;
}

void Definitions::object_block(const Statements& statements, std::size_t at, Findings& findings) {
  Words words(statements[at].text);
  words.skip(1);
  const bool is_network = words.take() == "network";
  const std::string name(words.take());
  findings.modelled(at);
  is_network ? networks_.open(name, at) : services_.open(name, at);
  statements.for_each_below(at, [&](std::size_t member) {
    Words line(statements[member].text);
    if (line.peek() == "description")
      return findings.irrelevant(member);
    if (line.peek() == "nat")
      return;  // the reader of translations takes it
    if (is_network) {
      if (const std::optional<AddressSet> value = object_address(line)) {
        networks_.set(*value);
        return findings.modelled(member);
      }
      networks_.set(AddressSet::unclear(fmt::format("object {}", name)));
    } else {
      const bool begins = line.take_if("service");
      if (const std::optional<Service> service = begins ? take_service(line) : std::nullopt; service && line.done()) {
        services_.set({*service});
        return findings.modelled(member);
      }
      Service unclear = Service::protocol(every_protocol);
      unclear.unknown = fmt::format("object {}", name);
      services_.set({unclear});
    }
    findings.unmodelled(
        member, DiagnosticCode::line_not_understood,
        fmt::format("{} of object {} is not understood", quote(statements[member].text, 40), quote(name)));
  });
}

void Definitions::group_block(const Statements& statements, std::size_t at, Findings& findings) {
  Words words(statements[at].text);
  words.skip(1);
  std::string_view kind = words.take();
  if (kind == "ip" || kind == "ipv6")
    kind = words.take();  // NX-OS: `ip address`, `ip port`
  const std::string name(words.take());
  const std::string_view type = words.take();
  const bool is_network = kind == "network" || kind == "address";
  const bool is_service = kind == "service" || kind == "protocol" || kind == "icmp-type" || kind == "port";
  if (!is_network && !is_service) {  // user, security, interface, v6-network ...
    findings.undecided(at, fmt::format("an object group of type {}", quote(kind)));
    statements.for_each_below(at, [&](std::size_t member) {
      findings.undecided(member, fmt::format("an object group of type {}", quote(kind)));
    });
    return;
  }
  findings.modelled(at);
  if (name.empty())
    return findings.unmodelled(at, DiagnosticCode::line_not_understood, "a group without a name");
  is_network ? networks_.open(name, at) : services_.open(name, at);
  const IntervalSet typed = kind == "port" ? typed_protocols("tcp-udp") : typed_protocols(type);
  statements.for_each_below(at, [&](std::size_t member) {
    Words line(statements[member].text);
    if (line.peek() == "description")
      return findings.irrelevant(member);
    without_number(line);
    if (is_network ? network_member(line, member) : service_member(line, typed, member))
      return findings.modelled(member);
    const std::string what = fmt::format("a member of {}", name);
    if (is_network) {
      networks_.add(AddressSet::unclear(what));
    } else {
      Service unclear = Service::protocol(every_protocol);
      unclear.unknown = what;
      services_.add({unclear});
    }
    findings.unmodelled(
        member, DiagnosticCode::line_not_understood,
        fmt::format("member {} of group {} is not understood", quote(statements[member].text, 40), quote(name)));
  });
}

bool Definitions::network_member(Words& words, std::size_t at) {
  if (words.take_if("group-object")) {
    networks_.refer(words.take(), at);
    return words.done();
  }
  if (words.take_if("network-object") && words.take_if("object")) {
    networks_.refer(words.take(), at);
    return words.done();
  }
  if (words.take_if("any")) {
    networks_.add(AddressSet::any());
    return words.done();
  }
  const std::string_view first = words.peek();
  if (first == "host" || first == "range") {
    const std::optional<AddressSet> value = object_address(words);
    if (value)
      networks_.add(*value);
    return value.has_value();
  }
  words.skip(1);
  if (const auto six = parse_ipv6_prefix(first)) {
    networks_.add(AddressSet::of(*six));
    return words.done();
  }
  if (const std::optional<Prefix> prefix = parse_prefix(first); prefix && first.find('/') != std::string_view::npos) {
    networks_.add(AddressSet::of(*prefix));
    return words.done();
  }
  const auto value = address(first);
  if (!value)
    return false;
  std::string_view second = words.take();
  if (second.empty()) {
    networks_.add(AddressSet::of(MaskedAddress{*value, 0xffffffffU}));
    return true;
  }
  if (second.front() == '/') {
    const auto length = parse_number(second.substr(1), 32);
    if (length)
      networks_.add(AddressSet::of(make_prefix({Family::ipv4, *value}, *length)));
    return length.has_value();
  }
  const auto mask = parse_ipv4(second);
  if (mask)  // a netmask, but for NX-OS
    networks_.add(AddressSet::of(MaskedAddress{*value, dialect_ == CiscoDialect::nxos ? ~*mask : *mask}));
  return mask.has_value();
}

bool Definitions::port_member(Words& words, const IntervalSet& typed, std::size_t) {
  if (!is_port_operator(words.peek()))
    return false;
  const std::optional<Ports> ports = take_ports(words);
  if (!ports)
    return false;
  Service service;
  service.protocols = typed.is_empty() ? typed_protocols("tcp-udp") : typed;
  service.destination_ports = ports->ports;
  service.unknown = ports->is_unclear ? "a port whose name has two meanings" : "";
  service.only_ports = true;
  services_.add({service});
  return words.done();
}

bool Definitions::service_member(Words& words, const IntervalSet& typed, std::size_t at) {
  if (words.take_if("group-object")) {
    services_.refer(words.take(), at);
    return words.done();
  }
  if (words.take_if("port-object") || is_port_operator(words.peek()))
    return port_member(words, typed, at);
  if (words.take_if("icmp-object")) {
    const std::string_view type = words.take();
    bool known = false;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      if (const std::optional<Service> service = icmp_service(type, "", family)) {
        services_.add({*service});
        known = true;
      }
    }
    return known;
  }
  if (words.take_if("protocol-object")) {
    const std::optional<unsigned> protocol = find_protocol(words.take());
    if (protocol)
      services_.add({Service::protocol(*protocol)});
    return protocol.has_value();
  }
  if (words.take_if("service-object") && words.take_if("object")) {
    services_.refer(words.take(), at);
    return words.done();
  }
  const std::optional<Service> service = take_service(words);
  if (service)
    services_.add({*service});
  return service && words.done();
}

std::optional<Service> Definitions::icmp_service(std::string_view type, std::string_view code, Family family) const {
  std::optional<IntervalSet> values = find_icmp(type, family);
  if (!values)
    return std::nullopt;
  if (const auto number = parse_number(code, 255); number && values->size() == 256)
    values = IntervalSet::single(values->min() + *number);
  Service service = Service::protocol(family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6);
  service.icmp = std::move(values);
  return service;
}

// "tcp source gt 1023 destination eq 80", "udp range 5 9", "icmp echo 0", "esp".
std::optional<Service> Definitions::take_service(Words& words) const {
  const std::string_view name = words.take();
  Service service;
  service.protocols = typed_protocols(name);
  if (service.protocols.is_empty()) {
    const std::optional<unsigned> protocol = find_protocol(name);
    if (!protocol)
      return std::nullopt;
    service = Service::protocol(*protocol);
    if (words.done())
      return service;
    if (*protocol == protocol_number::icmp || *protocol == protocol_number::icmpv6) {
      const std::string_view type = words.take();
      const std::string_view code = words.take();
      return icmp_service(type, code, *protocol == protocol_number::icmp ? Family::ipv4 : Family::ipv6);
    }
    return std::nullopt;
  }
  const auto ports = [&](std::optional<IntervalSet>& into) {
    const std::optional<Ports> found = is_port_operator(words.peek()) ? take_ports(words) : std::nullopt;
    if (found)
      into = found->ports;
    if (found && found->is_unclear)
      service.unknown = "a port whose name has two meanings";
    return found.has_value();
  };
  while (!words.done()) {
    const bool at_source = words.take_if("source");
    if (!at_source)
      words.take_if("destination");
    if (!ports(at_source ? service.source_ports : service.destination_ports))
      return std::nullopt;
  }
  return service;
}

void Definitions::resolve(const Statements& statements, Findings& findings) {
  for (const auto& [name, group] : networks_.all()) {
    if (group.values.empty() && group.references.empty())
      empty_.insert(name);
  }
  for (const auto& [name, group] : services_.all()) {
    if (group.values.empty() && group.references.empty())
      empty_.insert(name);
  }
  const auto why = [&](std::size_t statement, std::string_view name, bool circle) {
    findings.unmodelled(statement, DiagnosticCode::line_not_understood,
                        circle ? fmt::format("group {} contains itself", quote(name))
                               : fmt::format("group {} is not defined", quote(name)));
    return fmt::format("{} {}", circle ? "the circle through" : "the missing", name);
  };
  const auto address = [&](const Groups<AddressSet>::Reference& reference, bool circle) {
    return AddressSet::unclear(why(reference.statement, reference.name, circle));
  };
  const auto service = [&](const Groups<ServiceSet>::Reference& reference, bool circle) {
    Service unclear = Service::protocol(every_protocol);
    unclear.unknown = why(reference.statement, reference.name, circle);
    return ServiceSet{unclear};
  };
  static_cast<void>(statements);
  networks_.resolve([&](const auto& r) { return address(r, true); }, [&](const auto& r) { return address(r, false); },
                    unite_addresses);
  services_.resolve([&](const auto& r) { return service(r, true); }, [&](const auto& r) { return service(r, false); },
                    unite_services);
}

}  // namespace segproof::cisco
