// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/access_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace segproof::cisco {
namespace {

using namespace std::string_view_literals;

void add_unknown(Entry& entry, model::Unknown kind, std::string text) {
  entry.unknown.push_back({kind, std::move(text), false});
}

bool is_address_word(std::string_view word) {
  static constexpr std::array words = {"any"sv,    "any4"sv,         "any6"sv,      "host"sv,
                                       "object"sv, "object-group"sv, "interface"sv, "addrgroup"sv};
  return std::ranges::find(words, word) != words.end() || parse_ipv4(word) ||
         word.find(':') != std::string_view::npos || word.find('/') != std::string_view::npos;
}

constexpr std::array<std::pair<std::string_view, unsigned>, 22> code_points{{
    {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18},   {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28},
    {"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},
    {"cs5", 40},  {"cs6", 48},  {"cs7", 56},  {"default", 0}, {"ef", 46},   {"va", 44},
}};
constexpr std::array precedences = {"routine"sv,        "priority"sv, "immediate"sv, "flash"sv,
                                    "flash-override"sv, "critical"sv, "internet"sv,  "network"sv};

std::optional<IntervalSet> traffic_class(std::string_view kind, std::string_view value) {
  if (kind == "dscp") {
    const auto* const found = std::ranges::find(code_points, value, &std::pair<std::string_view, unsigned>::first);
    const auto number = found != code_points.end() ? std::optional(found->second) : parse_number(value, 63);
    return number ? std::optional(IntervalSet::range(Bits{*number} * 4, Bits{*number} * 4 + 3)) : std::nullopt;
  }
  const auto* const found = std::ranges::find(precedences, value);
  const auto number = found != precedences.end() ? std::optional(static_cast<unsigned>(found - precedences.begin()))
                                                 : parse_number(value, 7);
  return number ? std::optional(IntervalSet::range(Bits{*number} * 32, Bits{*number} * 32 + 31)) : std::nullopt;
}

std::optional<unsigned> flag_bit(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, unsigned>, 6> flags{{{"fin", tcp_flag::fin},
                                                                        {"syn", tcp_flag::syn},
                                                                        {"rst", tcp_flag::rst},
                                                                        {"psh", tcp_flag::psh},
                                                                        {"ack", tcp_flag::ack},
                                                                        {"urg", tcp_flag::urg}}};
  const auto* const found = std::ranges::find(flags, name, &std::pair<std::string_view, unsigned>::first);
  return found == flags.end() ? std::nullopt : std::optional(found->second);
}

model::MaskTest flag_test(unsigned bit, bool is_set) {
  return {.field = Field::tcp_flags, .value = is_set ? Bits{bit} : Bits{0}, .mask = bit};
}

}  // namespace

bool EntryParser::parse(Words& words, ListKind kind, Entry& entry, std::string& fault) const {
  const std::string_view verb = words.take();
  if (verb == "remark") {
    entry.is_remark = true;
    entry.text = words.rest();
    return true;
  }
  if (verb == "evaluate") {
    entry.permits = true;
    entry.is_evaluate = true;
    entry.services = {Service::protocol(every_protocol)};
    add_unknown(entry, model::Unknown::history, fmt::format("reflexive list {}", words.take()));
    return true;
  }
  if (verb != "permit" && verb != "deny") {
    fault = fmt::format("{} is neither permit nor deny", quote(verb));
    return false;
  }
  entry.permits = verb == "permit";
  if (kind == ListKind::standard)
    return standard(words, entry, fault);
  if (words.peek() == "dynamic" && words.left() > 2) {
    words.skip(1);
    add_unknown(entry, model::Unknown::history, fmt::format("dynamic list {}", words.take()));
    if (words.take_if("timeout"))
      words.skip(1);
  }
  if (!take_protocol(words, kind, entry, fault))
    return false;
  if (words.done() && !entry.unknown.empty())
    return true;  // a group that is not defined
  skip_identity(words, entry);
  if (!take_address(words, kind, entry.source, fault) || !take_ports(words, entry, true, fault))
    return false;
  if (words.done() && !entry.unknown.empty())
    return true;
  skip_identity(words, entry);
  if (!take_address(words, kind, entry.destination, fault) || !take_ports(words, entry, false, fault))
    return false;
  return take_tail(words, entry, fault);
}

// `permit A [WILDCARD]`; on the firewall `permit A NETMASK`.
bool EntryParser::standard(Words& words, Entry& entry, std::string& fault) const {
  entry.services = {Service::protocol(every_protocol)};
  const bool bare = parse_ipv4(words.peek()) && !parse_ipv4(words.peek(1));
  if (bare) {
    entry.source = AddressSet::of(MaskedAddress{*parse_ipv4(words.take()), 0xffffffffU});
  } else if (!take_address(words, ListKind::standard, entry.source, fault)) {
    return false;
  }
  return take_tail(words, entry, fault);
}

// What stands behind a group of unknown kind cannot be told apart.
bool EntryParser::undefined(Words& words, Entry& entry, std::string_view name) {
  entry.services = {Service::protocol(every_protocol)};
  add_unknown(entry, model::Unknown::unresolved_name, fmt::format("group {} is not defined", quote(name)));
  words.skip(words.left());
  return true;
}

bool EntryParser::take_protocol(Words& words, ListKind kind, Entry& entry, std::string& fault) const {
  const std::string_view word = words.take();
  if (word == "object-group" || word == "object") {
    const std::string_view name = words.take();
    if (const ServiceSet* services = definitions_.service(name)) {
      entry.services = *services;
      return true;
    }
    return undefined(words, entry, name);
  }
  const bool is_pair = word == "tcp-udp";
  const std::optional<unsigned> protocol = find_protocol(word);
  if (protocol || is_pair) {
    entry.services = {Service::protocol(is_pair ? 6U : *protocol)};
    if (is_pair)
      entry.services.push_back(Service::protocol(17));
    // `icmp` of an IPv6 list is ICMPv6.
    if (kind == ListKind::ipv6 && protocol == 1U)
      entry.services = {Service::protocol(protocol_number::icmpv6)};
    return true;
  }
  if (is_address_word(word)) {  // `permit any any`: an IPv6 list of old releases
    words.go_back_to(words.position() - 1);
    entry.services = {Service::protocol(every_protocol)};
    return true;
  }
  fault = fmt::format("protocol {} is not known", quote(word));
  return false;
}

bool EntryParser::take_address(Words& words, ListKind kind, AddressSet& into, std::string& fault) const {
  const std::string_view word = words.take();
  const auto bad = [&] {
    fault = word.empty() ? "an address is missing" : fmt::format("address {} is not understood", quote(word));
    return false;
  };
  if (word == "any") {
    into = AddressSet::any();
    return true;
  }
  if (word == "any4" || word == "any6") {
    into = {};
    (word == "any4" ? into.ipv4 : into.ipv6) =
        IntervalSet::range(0, field_max(Field::source, word == "any4" ? Family::ipv4 : Family::ipv6));
    return true;
  }
  if (word == "object" || word == "object-group" || word == "addrgroup") {
    const std::string_view name = words.take();
    const AddressSet* set = definitions_.network(name);
    if (set == nullptr) {
      into = AddressSet::unclear(fmt::format("group {} is not defined", quote(name)));
      return true;
    }
    into = *set;
    return true;
  }
  if (word == "interface") {
    const auto found = interfaces_.find(words.take());
    into = found == interfaces_.end() ? AddressSet::unclear("an interface without address") : found->second;
    return true;
  }
  if (word == "host")
    return take_host(words, into) || bad();
  return take_masked(word, words, kind, into) || bad();
}

bool EntryParser::take_host(Words& words, AddressSet& into) const {
  const std::string_view host = words.take();
  if (const auto four = definitions_.address(host)) {
    into = AddressSet::of(MaskedAddress{*four, 0xffffffffU});
    return true;
  }
  if (const std::optional<Address> six = parse_address(host)) {
    into = AddressSet::of(make_prefix(*six, 128));
    return true;
  }
  into = AddressSet::unclear(fmt::format("host {}", host));
  return !host.empty();
}

// A prefix, or an address with a netmask or a wildcard.
bool EntryParser::take_masked(std::string_view word, Words& words, ListKind kind, AddressSet& into) const {
  if (const auto six = parse_ipv6_prefix(word)) {
    into = AddressSet::of(*six);
    return true;
  }
  if (word.find('/') != std::string_view::npos) {
    const std::optional<InterfaceAddress> prefix = parse_interface_address(word);
    if (prefix)
      into = AddressSet::of(prefix->prefix);
    return prefix.has_value();
  }
  const auto value = definitions_.address(word);
  const auto mask = parse_ipv4(words.peek());
  if (!value || (!mask && kind != ListKind::standard))
    return false;
  if (!mask) {
    into = AddressSet::of(MaskedAddress{*value, 0xffffffffU});
    return true;
  }
  words.skip(1);
  into = AddressSet::of(MaskedAddress{*value, definitions_.dialect() == CiscoDialect::asa ? *mask : ~*mask});
  return true;
}

bool EntryParser::take_ports(Words& words, Entry& entry, bool at_source, std::string& fault) const {
  std::optional<IntervalSet> ports;
  bool unclear = false;
  const bool is_group = words.peek() == "object-group" || words.peek() == "portgroup";
  if (is_group) {
    const std::string_view name = words.peek(1);
    const ServiceSet* services = definitions_.service(name);
    if (services == nullptr) {
      if (definitions_.network(name) != nullptr)
        return true;  // the destination
      return undefined(words, entry, name);
    }
    words.skip(2);
    IntervalSet set;
    bool has_icmp = false;
    IntervalSet icmp;
    for (const Service& service : *services) {
      if (service.destination_ports)
        set = set | *service.destination_ports;
      if (service.icmp && (service.protocols.contains(protocol_number::icmpv6)) ==
                              (entry.services.front().protocols == IntervalSet::single(protocol_number::icmpv6))) {
        icmp = icmp | *service.icmp;
        has_icmp = true;
      }
      if (!service.unknown.empty())
        add_unknown(entry, model::Unknown::unresolved_name, service.unknown);
    }
    if (has_icmp) {
      for (Service& service : entry.services)
        service.icmp = icmp;
      return true;
    }
    ports = set;
  } else if (Definitions::is_port_operator(words.peek())) {
    const std::string_view named = words.peek(1);
    const std::optional<Definitions::Ports> found = Definitions::take_ports(words);
    if (!found) {
      fault = fmt::format("port {} is not understood", quote(named));
      return false;
    }
    ports = found->ports;
    unclear = found->is_unclear;
  }
  if (!ports)
    return true;
  if (unclear)
    add_unknown(entry, model::Unknown::unresolved_name, "a port whose name has two meanings");
  for (Service& service : entry.services)
    (at_source ? service.source_ports : service.destination_ports) = ports;
  return true;
}

// Type and code of an entry for ICMP.
bool EntryParser::take_icmp(Words& words, Entry& entry) const {
  const bool six = entry.services.front().protocols == IntervalSet::single(protocol_number::icmpv6);
  const std::optional<IntervalSet> types = find_icmp(words.peek(), six ? Family::ipv6 : Family::ipv4);
  if (!types)
    return false;
  words.skip(1);
  IntervalSet values = *types;
  if (const auto code = parse_number(words.peek(), 255); code && values.size() == 256) {
    words.skip(1);
    values = IntervalSet::single(values.min() + *code);
  }
  entry.services.front().icmp = std::move(values);
  return true;
}

// Users and security groups: who sends is not in the header.
void EntryParser::skip_identity(Words& words, Entry& entry) const {
  static constexpr std::array kinds = {"user"sv, "user-group"sv, "security-group"sv, "object-group-user"sv,
                                       "object-group-security"sv};
  while (std::ranges::find(kinds, words.peek()) != kinds.end()) {
    const std::string_view kind = words.take();
    if (kind == "security-group")
      words.skip(1);  // name or tag
    add_unknown(entry, model::Unknown::unresolved_name, fmt::format("{} {}", kind, words.take()));
  }
}

bool EntryParser::take_flags(std::string_view word, Words& words, Entry& entry) const {
  if (word == "established") {
    model::AnyTest any;
    any.alternatives.push_back({{flag_test(tcp_flag::ack, true)}});
    any.alternatives.push_back({{flag_test(tcp_flag::rst, true)}});
    entry.header.emplace_back(std::move(any));
    return true;
  }
  if (word == "match-any" || word == "match-all") {
    model::AnyTest any;
    while (words.peek().starts_with('+') || words.peek().starts_with('-')) {
      const std::string_view flag = words.take();
      const std::optional<unsigned> bit = flag_bit(flag.substr(1));
      if (!bit)
        return false;
      if (word == "match-all") {
        entry.header.emplace_back(flag_test(*bit, flag.front() == '+'));
      } else {
        any.alternatives.push_back({{flag_test(*bit, flag.front() == '+')}});
      }
    }
    if (!any.alternatives.empty())
      entry.header.emplace_back(std::move(any));
    return true;
  }
  const std::optional<unsigned> bit = flag_bit(word);
  if (!bit)
    return false;
  model::AnyTest any;
  any.alternatives.push_back({{flag_test(*bit, true)}});
  while (flag_bit(words.peek()))  // several flags: releases differ on whether one or all must be set
    any.alternatives.push_back({{flag_test(*flag_bit(words.take()), true)}});
  if (any.alternatives.size() > 1)
    add_unknown(entry, model::Unknown::not_understood, "several TCP flags");
  entry.header.emplace_back(std::move(any));
  return true;
}

// One word after the addresses and what belongs to it.
bool EntryParser::take_option(std::string_view word, Words& words, Entry& entry) const {
  if (word == "log" || word == "log-input") {
    while (!words.done() && words.peek() != "time-range" && words.peek() != "inactive")
      words.skip(1);  // level, interval, tag
    return true;
  }
  if (word == "inactive") {
    entry.is_inactive = true;
    return true;
  }
  if (word == "fragments") {
    entry.only_fragments = true;
    return true;
  }
  if (word == "time-range") {
    add_unknown(entry, model::Unknown::clock, fmt::format("time-range {}", words.take()));
    return true;
  }
  if (word == "dscp" || word == "precedence") {
    if (const auto values = traffic_class(word, words.take())) {
      entry.header.emplace_back(model::MeasureTest{model::Measure::traffic_class, *values});
      add_unknown(entry, model::Unknown::not_understood, std::string(word));
      return true;
    }
    return false;
  }
  if (word == "reflect") {
    words.skip(1);
    if (words.take_if("timeout"))
      words.skip(1);
    return true;
  }
  static constexpr std::array with_value = {"tos"sv, "option"sv, "ttl"sv, "flow-label"sv, "packet-length"sv, "vlan"sv};
  if (std::ranges::find(with_value, word) != with_value.end()) {
    add_unknown(entry, model::Unknown::not_understood, fmt::format("{} {}", word, words.rest()));
    words.skip(words.left());
    return true;
  }
  static constexpr std::array silent = {"sequence"sv};
  if (std::ranges::find(silent, word) != silent.end()) {
    words.skip(1);
    return true;
  }
  if (word == "routing" || word == "auth" || word == "dest-option" || word == "mobility" ||
      word == "undetermined-transport") {
    add_unknown(entry, model::Unknown::extension_header, std::string(word));
    return true;
  }
  return take_flags(word, words, entry);
}

bool EntryParser::take_tail(Words& words, Entry& entry, std::string& fault) const {
  const bool icmp = entry.services.size() == 1 && (entry.services.front().protocols == IntervalSet::single(1) ||
                                                   entry.services.front().protocols == IntervalSet::single(58));
  if (icmp && !words.done())
    static_cast<void>(take_icmp(words, entry));
  while (!words.done()) {
    const std::string_view word = words.take();
    if (word.starts_with("(hitcnt=")) {  // the output of `show access-list`
      words.skip(words.left());
      return true;
    }
    if (!take_option(word, words, entry)) {
      fault = fmt::format("{} is not understood", quote(word));
      return false;
    }
  }
  return true;
}

namespace {

void add_ports(model::Condition& condition, const Service& service) {
  if (service.source_ports)
    condition.tests.emplace_back(model::FieldTest{.field = Field::source_port, .values = *service.source_ports});
  if (service.destination_ports) {
    condition.tests.emplace_back(
        model::FieldTest{.field = Field::destination_port, .values = *service.destination_ports});
  }
  if (service.icmp)
    condition.tests.emplace_back(model::FieldTest{.field = Field::destination_port, .values = *service.icmp});
}

// Addresses and protocols of one family, without ports; nothing when no packet of the family matches.
std::optional<model::Condition> outline(const Entry& entry, const Service& service, std::optional<Family> family) {
  model::Condition condition;
  const Family shown = family.value_or(Family::ipv4);
  if (!entry.source.has(shown) || !entry.destination.has(shown))
    return std::nullopt;
  if (!service.is_every_protocol()) {
    condition.tests.emplace_back(
        model::FieldTest{.field = Field::protocol, .values = service.protocols, .family = family});
  }
  bool has_family = !family || !service.is_every_protocol();
  if (auto test = entry.source.test(Field::source, shown)) {
    condition.tests.push_back(std::move(*test));
    has_family = has_family || entry.source.is_exact();
  }
  if (auto test = entry.destination.test(Field::destination, shown)) {
    condition.tests.push_back(std::move(*test));
    has_family = has_family || entry.destination.is_exact();
  }
  if (!has_family) {
    condition.tests.emplace_back(
        model::FieldTest{.field = Field::protocol, .values = IntervalSet::range(0, 255), .family = family});
  }
  for (const model::UnknownTest& unknown : entry.unknown)
    condition.tests.emplace_back(unknown);
  if (!service.unknown.empty())
    condition.tests.emplace_back(model::UnknownTest{model::Unknown::unresolved_name, service.unknown, false});
  return condition;
}

void add_conditions(const Entry& entry, const Service& service, const Meaning& meaning, std::optional<Family> family,
                    std::vector<model::Condition>& conditions) {
  const std::optional<model::Condition> base = outline(entry, service, family);
  if (!base)
    return;
  const bool deep = service.has_ports() || !entry.header.empty();
  const auto fragment = [](Bits value) {
    return model::FieldTest{.field = Field::fragment, .values = IntervalSet::single(value)};
  };
  if (entry.only_fragments) {
    if (!meaning.fragments_apart)
      return;  // reassembled before the list is asked
    model::Condition condition = *base;
    condition.tests.emplace_back(fragment(1));
    return conditions.push_back(std::move(condition));
  }
  model::Condition condition = *base;
  if (deep)
    condition.tests.emplace_back(fragment(0));
  add_ports(condition, service);
  for (const model::Test& test : entry.header)
    condition.tests.push_back(test);
  conditions.push_back(std::move(condition));
  if (deep && entry.permits && meaning.fragments_apart) {
    condition = *base;
    condition.tests.emplace_back(fragment(1));
    conditions.push_back(std::move(condition));
  }
}

}  // namespace

std::vector<model::Condition> conditions_of(const Entry& entry, const Meaning& meaning) {
  std::vector<model::Condition> conditions;
  if (entry.is_remark || entry.is_inactive)
    return conditions;
  const bool anywhere = entry.source.is_any && entry.destination.is_any;
  for (const Service& service : entry.services) {
    if (meaning.ipv4 && meaning.ipv6 && anywhere) {
      add_conditions(entry, service, meaning, std::nullopt, conditions);
      continue;
    }
    if (meaning.ipv4)
      add_conditions(entry, service, meaning, meaning.ipv6 ? std::optional(Family::ipv4) : Family::ipv4, conditions);
    if (meaning.ipv6)
      add_conditions(entry, service, meaning, Family::ipv6, conditions);
  }
  return conditions;
}

std::string undecided_part(const Entry& entry) {
  if (entry.is_remark || entry.is_inactive)
    return {};
  std::string text;
  const auto add = [&](std::string_view what) {
    if (text.size() < 200)
      text += fmt::format("{}{}", text.empty() ? "" : ", ", what);
  };
  for (const model::UnknownTest& unknown : entry.unknown)
    add(unknown.text);
  for (const Service& service : entry.services) {
    if (!service.unknown.empty())
      add(service.unknown);
  }
  for (const AddressSet* set : {&entry.source, &entry.destination}) {
    for (const std::string& one : set->unknown)
      add(one);
  }
  return text;
}

}  // namespace segproof::cisco
