// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/ports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace segproof::cisco {
namespace {

using namespace std::string_view_literals;

// "GigabitEthernet 0/1" and "GigabitEthernet0/1" are one.
std::string hardware_name(Words& words) {
  std::string name(words.take());
  if (!words.done() && !name.empty() && !is_digit(name.back()) && is_digit(words.peek().front()))
    name += words.take();
  return name;
}

unsigned usual_level(std::string_view name) {
  return name == "inside" ? 100 : 0;
}

std::optional<InterfaceAddress> ipv4_with(std::uint32_t value, unsigned length) {
  const Address address{Family::ipv4, value};
  return InterfaceAddress{address, make_prefix(address, length)};
}

}  // namespace

Port* Ports::find(std::string_view name) {
  const auto named = std::ranges::find(ports_, name, &Port::name);
  if (named != ports_.end())
    return &*named;
  const auto found = by_hardware_.find(name);
  return found == by_hardware_.end() ? nullptr : &ports_[found->second];
}

InterfaceAddresses Ports::addresses() const {
  InterfaceAddresses result;
  for (const Port& port : ports_) {
    AddressSet set;
    for (const InterfaceAddress& one : port.addresses)
      set.add(AddressSet::of(make_prefix(one.address, address_width(one.address.family))));
    if (port.has_unknown_address || port.addresses.empty())
      set.add(AddressSet::unclear(fmt::format("the address of {}", port.name)));
    result.emplace(port.name, std::move(set));
  }
  return result;
}

Port& Ports::open(std::string_view hardware, std::size_t at) {
  const auto [place, is_new] = by_hardware_.try_emplace(std::string(hardware), ports_.size());
  if (is_new) {
    Port port;
    port.hardware = std::string(hardware);
    port.name = port.hardware;
    port.statement = at;
    ports_.push_back(std::move(port));
  }
  return ports_[place->second];
}

void Ports::read(const Statements& statements) {
  statements.for_each_below(no_statement, [&](std::size_t at) {
    if (statements[at].text.starts_with("interface "))
      block(statements, at);
    if (statements[at].text.starts_with("no interface "))
      remove(statements, at);
  });
  statements.for_each_below(no_statement, [&](std::size_t at) {
    if (definitions_.dialect() == CiscoDialect::asa)
      old_firewall(statements, at);
  });
  if (definitions_.dialect() == CiscoDialect::asa) {
    // What has no name takes no part in the traffic of a firewall.
    std::erase_if(ports_, [](const Port& port) { return port.name == port.hardware; });
    by_hardware_.clear();
    for (std::size_t i = 0; i < ports_.size(); ++i)
      by_hardware_.emplace(ports_[i].hardware, i);
  }
}

void Ports::block(const Statements& statements, std::size_t at) {
  Words words(statements[at].text);
  words.skip(1);
  const std::string name = words.take_if("range") ? "range " + words.rest() : hardware_name(words);
  findings_.modelled(at);
  Port& port = open(name, at);
  // PIX: `interface ethernet0 auto shutdown`
  port.is_up = port.is_up && !words.rest().ends_with("shutdown");
  statements.for_each_below(at, [&](std::size_t below) { line(statements, below, port); });
}

void Ports::remove(const Statements& statements, std::size_t at) {
  Words words(statements[at].text);
  words.skip(2);
  const std::string name = hardware_name(words);
  findings_.modelled(at);
  std::erase_if(ports_, [&](const Port& port) { return port.hardware == name; });
  by_hardware_.clear();
  for (std::size_t i = 0; i < ports_.size(); ++i)
    by_hardware_.emplace(ports_[i].hardware, i);
}

void Ports::line(const Statements& statements, std::size_t at, Port& port) {
  Words words(statements[at].text);
  if (definitions_.dialect() == CiscoDialect::asa && firewall_line(words, port))
    return findings_.modelled(at);
  words.go_back_to(0);
  if (words.peek() == "shutdown" || statements[at].text == "no shutdown") {
    port.is_up = words.peek() == "no";
    return findings_.modelled(at);
  }
  if (words.peek() == "switchport" || statements[at].text == "no switchport") {
    if (words.left() == 1 || words.peek() == "no")
      port.is_switched = words.peek() != "no";
    return words.left() == 1 || words.peek() == "no" ? findings_.modelled(at) : findings_.irrelevant(at);
  }
  if (words.peek() == "standby" || words.peek() == "vrrp" || words.peek() == "glbp" || words.peek() == "hsrp") {
    words.skip(1);
    for (std::size_t below = at + 1; below < statements[at].end; ++below) {
      Words inner(statements[below].text);
      if (shared_address(inner, port))
        findings_.modelled(below);
    }
    return shared_address(words, port) ? findings_.modelled(at) : findings_.irrelevant(at);
  }
  if (words.take_if("vrf") && (words.take_if("forwarding") || words.take_if("member"))) {
    port.vrf = std::string(words.take());
    return findings_.modelled(at);
  }
  words.go_back_to(0);
  if (words.take_if("zone-member") && words.take_if("security")) {
    port.zone = std::string(words.take());
    return findings_.modelled(at);
  }
  words.go_back_to(0);
  if (words.take_if("crypto") && words.take_if("map")) {
    port.crypto_map = Binding{std::string(words.take()), at};
    return findings_.undecided(at, "packets of a tunnel come and go here");
  }
  words.go_back_to(0);
  if (words.peek() == "no" && taken_back(words, port))
    return findings_.modelled(at);
  words.go_back_to(0);
  if (words.take_if("ip") && ip_line(words, port, at))
    return;
  words.go_back_to(0);
  if (words.take_if("ipv6") && ipv6_line(words, port, at))
    return;
}

// `no ip address [A M]`, `no ip access-group [LIST] in`, `no ipv6 traffic-filter [LIST] out`.
bool Ports::taken_back(Words& words, Port& port) const {
  words.skip(1);
  const bool ipv6 = words.take() == "ipv6";
  const std::string_view what = words.take();
  if (what == "address" && words.done()) {
    std::erase_if(port.addresses, [&](const InterfaceAddress& address) {
      return address.address.family == (ipv6 ? Family::ipv6 : Family::ipv4);
    });
    port.has_no_address = port.has_no_address || !ipv6;
    return true;
  }
  if (what == "address") {
    const auto gone = parse_address(words.peek().substr(0, words.peek().find('/')));
    std::erase_if(port.addresses, [&](const InterfaceAddress& address) { return gone && address.address == *gone; });
    return gone.has_value();
  }
  if (what == "access-group" || what == "traffic-filter") {
    while (words.left() > 1)
      words.skip(1);
    const bool in = words.peek() == "in";
    (ipv6 ? (in ? port.in_v6 : port.out_v6) : (in ? port.in : port.out)).reset();
    return in || words.peek() == "out";
  }
  return false;
}

// `standby 1 ip 10.0.0.1`, `vrrp 1 ip 10.0.0.1`, NX-OS `ip 10.0.0.1` below `hsrp 1`.
bool Ports::shared_address(Words& words, Port& port) const {
  if (parse_number(words.peek()))
    words.skip(1);
  if (!words.take_if("ip"))
    return false;
  if (const auto address = parse_ipv4(words.peek()))
    port.shared_addresses.push_back({Family::ipv4, *address});
  return true;
}

bool Ports::firewall_line(Words& words, Port& port) const {
  const std::string_view word = words.take();
  if (word == "nameif") {
    port.name = std::string(words.take());
    if (!port.level)
      port.level = usual_level(port.name);
    return !port.name.empty();
  }
  if (word == "security-level") {
    const auto level = parse_number(words.take(), 100);
    if (level)
      port.level = *level;
    return level.has_value();
  }
  if (word == "management-only") {
    port.management_only = true;
    return true;
  }
  return word == "no" && (words.peek() == "nameif" || words.peek() == "security-level" ||
                          words.peek() == "management-only" || (words.peek() == "ip" && words.peek(1) == "address"));
}

// After `ip address`.
bool Ports::address_line(Words& words, Port& port, std::size_t at) {
  const std::string_view first = words.take();
  if (first == "dhcp" || first == "negotiated" || first == "pppoe" || first == "pool" || first == "unnumbered") {
    port.has_unknown_address = true;
    findings_.undecided(at, fmt::format("the address of {} is not written down", port.name));
    return true;
  }
  if (const std::optional<InterfaceAddress> parsed = parse_interface_address(first);
      parsed && first.find('/') != std::string_view::npos) {
    port.addresses.push_back(*parsed);
    findings_.modelled(at);
    return true;
  }
  const auto value = definitions_.address(first);
  const auto mask = parse_ipv4(words.take());
  const auto length = mask ? netmask_length(*mask) : std::nullopt;
  if (!value || !length)
    return false;
  if (!words.peek().empty() && words.peek() != "secondary")
    words.skip(2);  // `standby A`: the mate's
  port.addresses.push_back(*ipv4_with(*value, *length));
  findings_.modelled(at);
  return true;
}

bool Ports::ip_line(Words& words, Port& port, std::size_t at) {
  const std::string_view word = words.take();
  if (word == "address")
    return address_line(words, port, at);
  if (word == "unnumbered") {
    port.has_unknown_address = true;
    findings_.undecided(at, fmt::format("{} has the address of another interface", port.name));
    return true;
  }
  if (word == "vrf" && (words.peek() == "forwarding" || words.peek() == "receive")) {
    words.skip(1);
    port.vrf = std::string(words.take());
    findings_.modelled(at);
    return true;
  }
  if (word == "access-group" || (word == "port" && words.peek() == "access-group")) {
    if (word == "port")
      words.skip(1);
    const Binding binding{std::string(words.take()), at};
    const std::string_view way = words.take();
    if (way != "in" && way != "out")
      return false;
    (way == "in" ? port.in : port.out) = binding;
    findings_.modelled(at);
    return true;
  }
  if (word == "nat" && (words.peek() == "inside" || words.peek() == "outside") && words.left() == 1) {
    (words.peek() == "inside" ? port.nat_inside : port.nat_outside) = true;
    findings_.modelled(at);
    return true;
  }
  if (word == "inspect" && words.left() == 2) {
    const Binding binding{std::string(words.take()), at};
    (words.peek() == "in" ? port.inspect_in : port.inspect_out) = binding;
    findings_.undecided(at, "inspection lets answers through the access lists");
    return true;
  }
  if (word == "policy" && words.take_if("route-map")) {
    port.policy_route = Binding{std::string(words.take()), at};
    findings_.undecided(at, "policy routing may send packets another way");
    return true;
  }
  if (word == "verify" && words.peek() == "unicast") {
    const std::string rest = words.rest();
    const bool allows_default = rest == "unicast source reachable-via rx allow-default";
    const bool strict = allows_default || rest == "unicast source reachable-via rx" || rest == "unicast reverse-path";
    port.reverse_path = Binding{allows_default ? "strict allow-default" : strict ? "strict" : "", at};
    if (allows_default) {
      findings_.modelled(at);
    } else {
      findings_.undecided(at, "packets that fail the reverse-path check are dropped");
    }
    return true;
  }
  if (word == "helper-address") {
    findings_.undecided(at, "broadcasts are relayed to a helper address");
    return true;
  }
  return false;
}

bool Ports::ipv6_line(Words& words, Port& port, std::size_t at) {
  const std::string_view word = words.take();
  if (word == "enable") {
    port.speaks_ipv6 = true;
    findings_.modelled(at);
    return true;
  }
  if (word == "address") {
    const std::string_view value = words.take();
    port.speaks_ipv6 = true;
    const std::string_view kind = words.peek();
    const std::optional<InterfaceAddress> parsed = parse_interface_address(value);
    if (parsed && parsed->address.family == Family::ipv6 && kind != "eui-64") {
      if (kind != "link-local")
        port.addresses.push_back(*parsed);
      findings_.modelled(at);
      return true;
    }
    if (parsed && kind == "eui-64") {  // the prefix is known, the address is not
      port.has_unknown_address = true;
      findings_.undecided(at, "the address is made from the hardware's");
      return true;
    }
    port.has_unknown_address = true;
    findings_.undecided(at, fmt::format("the IPv6 address of {} is not written down", port.name));
    return true;
  }
  if (word == "traffic-filter") {
    const Binding binding{std::string(words.take()), at};
    const std::string_view way = words.take();
    if (way != "in" && way != "out")
      return false;
    (way == "in" ? port.in_v6 : port.out_v6) = binding;
    findings_.modelled(at);
    return true;
  }
  if (word == "verify") {
    port.reverse_path = Binding{"", at};
    findings_.undecided(at, "packets that fail the reverse-path check are dropped");
    return true;
  }
  return false;
}

// PIX 6: `nameif ethernet0 outside security0` and `ip address outside 192.0.2.1 255.255.255.0` at the top.
void Ports::old_firewall(const Statements& statements, std::size_t at) {
  Words words(statements[at].text);
  if (words.take_if("nameif") && words.left() == 3) {
    Port& port = open(words.take(), at);
    port.name = std::string(words.take());
    std::string_view level = words.take();
    if (level.starts_with("security"))
      level.remove_prefix(8);
    const auto number = parse_number(level, 100);
    port.level = number ? *number : usual_level(port.name);
    return findings_.modelled(at);
  }
  words.go_back_to(0);
  if (words.take_if("ip") && words.take_if("address") && words.left() >= 2) {
    if (Port* port = find(words.take()))
      address_line(words, *port, at);
  }
}

}  // namespace segproof::cisco
