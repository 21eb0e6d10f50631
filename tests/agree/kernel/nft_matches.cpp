// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "nft_grammar.h"

namespace segproof::oracle {
namespace {

struct ProtocolName {
  const char* name;
  std::uint8_t number;
};

bool is_ipv4(const NftRule& rule) {
  return rule.family == Family::ipv4;
}

// "10.0.0.0/24", "10.0.0.1", "10.0.0.1-10.0.0.9"
AddressText address_value(Dice& dice, Family family, bool narrow) {
  if (dice.percent(25))
    return random_range(dice, family, narrow);
  AddressText prefix = random_prefix(dice, family);
  while (prefix.text.ends_with("/0"))
    prefix = random_prefix(dice, family);
  return prefix;
}

// "{ a, b }" of values that do not overlap.
template <class Draw>
std::string set_of(Dice& dice, std::vector<Interval>& hints, Draw draw) {
  std::string text;
  std::vector<Interval> taken;
  for (std::uint64_t wanted = 1 + dice.below(4); wanted > 0; --wanted) {
    const auto [words, values] = draw();
    bool overlaps = false;
    for (const Interval& other : taken)
      overlaps = overlaps || (values.low <= other.high && other.low <= values.high);
    if (overlaps)
      continue;
    taken.push_back(values);
    hints.push_back(values);
    text += (text.empty() ? "" : ", ") + words;
  }
  return "{ " + text + " }";
}

AddressText port_value(Dice& dice) {
  const Interval ports = random_ports(dice);
  return {range_text(ports, '-'), ports};
}

void address(NftRule& rule, bool source) {
  Dice& dice = rule.dice;
  std::vector<Interval>& hints = source ? rule.rule.hints.sources : rule.rule.hints.destinations;
  const std::string field = fmt::format("{} {}", rule.ip(), source ? "saddr" : "daddr");
  if (!rule.table.address_sets.empty() && dice.percent(20)) {
    hints.insert(hints.end(), rule.table.set_addresses.begin(), rule.table.set_addresses.end());
    return rule.say(fmt::format("{} {}@{}", field, rule.perhaps_not(), dice.pick(rule.table.address_sets)));
  }
  if (dice.percent(30)) {
    const std::string negation = rule.perhaps_not();
    return rule.say(fmt::format("{} {}{}", field, negation,
                                set_of(dice, hints, [&] { return address_value(dice, rule.family, true); })));
  }
  if (dice.percent(8)) {
    const Address base = random_address(dice, rule.family);
    const Bits mask = is_ipv4(rule) ? Bits{dice.pick({0xff0000ffU, 0xffff00ffU, 0x000000ffU})}
                                    : Bits{0xffffffffULL} << 96U | dice.pick({0xffffULL, 1ULL});
    const Address value{rule.family, base.bits & mask};
    hints.push_back({value.bits, value.bits});
    return rule.say(fmt::format("{} & {} {} {}", field, to_string(Address{rule.family, mask}),
                                dice.percent(80) ? "==" : "!=", to_string(value)));
  }
  const AddressText value = address_value(dice, rule.family, false);
  hints.push_back(value.values);
  rule.say(fmt::format("{} {}{}", field, rule.perhaps_not(), value.text));
}

void interface(NftRule& rule, bool input) {
  if (!(input ? rule.position.sees_input : rule.position.sees_output))
    return;
  Dice& dice = rule.dice;
  std::string name = random_interface(dice);
  (input ? rule.rule.hints.in : rule.rule.hints.out) = name;
  const char* word = input ? "iif" : "oif";
  switch (dice.below(5)) {
    case 0:
      // The index of an interface that exists.
      name = dice.pick({"eth0", "eth1", "ppp0", "br-lan"});
      return rule.say(fmt::format("{} {}\"{}\"", word, rule.perhaps_not(), name));
    case 1:
      return rule.say(
          fmt::format("{}name {}\"{}*\"", word, rule.perhaps_not(), name.substr(0, 1 + dice.below(name.size()))));
    case 2:
      return rule.say(fmt::format("{}name {}{{ \"{}\", \"{}\" }}", word, rule.perhaps_not(), name,
                                  name == "eth1" ? "ppp0" : "eth1"));
    default:
      return rule.say(fmt::format("{}name {}\"{}\"", word, rule.perhaps_not(), name));
  }
}

void flags(NftRule& rule) {
  rule.say("tcp flags " +
           rule.dice.word({"syn", "! syn", "== syn", "!= syn", "{ syn, rst }", "{ ack }", "syn,rst",
                           "fin,syn / fin,syn", "& (fin | syn | rst | ack) == syn", "& (syn | ack) != syn",
                           "syn / fin,syn,rst,ack", "& (fin | syn) == 0x0", "!= { syn, ack }", "== 0x0"}));
}

void icmp_type(NftRule& rule) {
  Dice& dice = rule.dice;
  const auto type = is_ipv4(rule) ? dice.pick({8U, 8U, 0U, 3U, 5U, 11U, 13U, 17U})
                                  : dice.pick({128U, 129U, 1U, 2U, 3U, 4U, 130U, 133U, 135U, 136U, 143U});
  rule.rule.hints.destination_ports.push_back({Bits{type} * 256, Bits{type} * 256 + 255});
  const char* name = is_ipv4(rule) ? "icmp" : "icmpv6";
  std::string value = fmt::format("{}", type);
  if (dice.percent(30)) {
    value = is_ipv4(rule) ? dice.word({"{ echo-request, echo-reply }", "{ 8, 13 }", "echo-request",
                                       "destination-unreachable", "time-exceeded"})
                          : dice.word({"{ echo-request, echo-reply }", "{ nd-neighbor-solicit, nd-neighbor-advert }",
                                       "packet-too-big", "nd-router-advert", "mld-listener-query"});
  }
  rule.say(fmt::format("{} type {}{}", name, rule.perhaps_not(15), value));
  if (dice.percent(15))
    rule.say(fmt::format("{} code {}{}", name, rule.perhaps_not(), dice.pick({0U, 1U, 3U})));
}

void port(NftRule& rule, const std::string& word, bool source) {
  Dice& dice = rule.dice;
  std::vector<Interval>& hints = source ? rule.rule.hints.source_ports : rule.rule.hints.destination_ports;
  const std::string field = fmt::format("{} {}", word, source ? "sport" : "dport");
  if (!rule.table.port_sets.empty() && dice.percent(15)) {
    hints.insert(hints.end(), rule.table.set_ports.begin(), rule.table.set_ports.end());
    return rule.say(fmt::format("{} {}@{}", field, rule.perhaps_not(), dice.pick(rule.table.port_sets)));
  }
  if (dice.percent(30)) {
    const std::string negation = rule.perhaps_not();
    return rule.say(fmt::format("{} {}{}", field, negation, set_of(dice, hints, [&] { return port_value(dice); })));
  }
  AddressText value = port_value(dice);
  while (value.text == "0-65535")
    value = port_value(dice);
  hints.push_back(value.values);
  if (value.values.low == value.values.high && dice.percent(10)) {
    return rule.say(fmt::format("{} {} {}", field, dice.word({">", "<=", ">=", "<"}),
                                std::max<std::uint64_t>(1, static_cast<std::uint64_t>(value.values.low))));
  }
  rule.say(fmt::format("{} {}{}", field, rule.perhaps_not(), value.text));
}

void transport(NftRule& rule) {
  Dice& dice = rule.dice;
  const ProtocolName icmp = is_ipv4(rule) ? ProtocolName{"icmp", 1} : ProtocolName{"icmpv6", 58};
  const ProtocolName drawn =
      dice.pick({ProtocolName{"tcp", 6}, ProtocolName{"tcp", 6}, ProtocolName{"tcp", 6}, ProtocolName{"udp", 17},
                 ProtocolName{"udp", 17}, icmp, icmp, ProtocolName{"gre", 47}, ProtocolName{"sctp", 132},
                 ProtocolName{"udplite", 136}, ProtocolName{"dccp", 33}});
  rule.rule.hints.protocol = drawn.number;
  rule.asked = drawn.number;
  if (dice.percent(25)) {
    const char* field = dice.percent(60) ? "meta l4proto" : is_ipv4(rule) ? "ip protocol" : "ip6 nexthdr";
    const char* name = drawn.number == 58 ? "ipv6-icmp" : drawn.name;
    if (dice.percent(25)) {
      rule.asked = 255;
      return rule.say(fmt::format("{} {}{{ {}, 50 }}", field, rule.perhaps_not(), name));
    }
    const std::string negation = rule.perhaps_not();
    rule.say(fmt::format("{} {}{}", field, negation, name));
    if (!negation.empty())
      return;
    if (has_ports(drawn.number) && dice.percent(50))
      port(rule, "th", dice.percent(30));
    return;
  }
  if (drawn.number == 47)
    return;
  rule.protocol = drawn.name;
  rule.number = drawn.number;
  if (drawn.number == icmp.number)
    return icmp_type(rule);
  if (dice.percent(25))
    port(rule, rule.protocol, true);
  if (dice.percent(80))
    port(rule, rule.protocol, false);
  if (drawn.number == 6 && dice.percent(25))
    flags(rule);
}

// nft joins comparisons of one header that are all negated into one comparison of all their values.
bool may_be_joined(const std::string& text) {
  for (const char* header : {"tcp ", "udp ", "udplite ", "sctp ", "dccp ", "th ", "icmp ", "icmpv6 ", "ip ", "ip6 "}) {
    std::size_t negated = 0;
    std::size_t at = 0;
    while ((at = text.find(header, at)) != std::string::npos) {
      const std::size_t field = text.find(' ', at + std::string_view(header).size());
      const bool is_word = at == 0 || text[at - 1] == ' ';
      negated += is_word && field != std::string::npos && text.compare(field, 4, " != ") == 0 ? 1U : 0U;
      ++at;
    }
    if (negated > 1)
      return true;
  }
  return false;
}

void any_port(NftRule& rule) {
  port(rule, "th", rule.dice.percent(30));
}

// Two fields at once.
void concatenation(NftRule& rule) {
  Dice& dice = rule.dice;
  const bool udp = dice.percent(40);
  rule.number = udp ? 17 : 6;
  rule.protocol = udp ? "udp" : "tcp";
  rule.asked = rule.number;
  rule.rule.hints.protocol = rule.number;
  const bool wide = dice.percent(50);
  std::string elements;
  std::vector<Address> taken;
  for (int i = 0; i < 3; ++i) {
    const Address address = random_address(dice, rule.family);
    const Interval ports = random_ports(dice);
    if (std::find(taken.begin(), taken.end(), address) != taken.end())
      continue;
    taken.push_back(address);
    rule.rule.hints.sources.push_back({address.bits, address.bits});
    rule.rule.hints.destination_ports.push_back({ports.low, wide ? ports.high : ports.low});
    elements += fmt::format("{}{} . {}", elements.empty() ? "" : ", ", to_string(address),
                            range_text({ports.low, wide ? ports.high : ports.low}, '-'));
  }
  rule.say(fmt::format("{} saddr . {} dport {}{{ {} }}", rule.ip(), rule.protocol, rule.perhaps_not(), elements));
}

void states(NftRule& rule) {
  Dice& dice = rule.dice;
  rule.asks_connection();
  rule.say(
      dice.word({"ct state new", "ct state established,related", "ct state invalid", "ct state untracked",
                 "ct state != new", "ct state { new, invalid }", "ct state established,new",
                 "ct state != established,related", "ct state invalid,untracked", "ct state ! invalid",
                 "ct direction original", "ct direction reply", "ct status dnat", "ct status snat", "ct status ! dnat",
                 "ct state != { new, established }", "ct status seen-reply", "ct status confirmed"}));
}

std::string mark_value(Dice& dice) {
  return fmt::format("{:#010x}", dice.pick({0U, 1U, 2U, 4U, 7U, 0x10U, 0xffU, 0x100U, 0x80000000U, 0xffffffffU}));
}

void mark(NftRule& rule) {
  Dice& dice = rule.dice;
  const bool connection = dice.percent(35);
  if (connection)
    rule.asks_connection();
  const char* field = connection ? "ct mark" : "meta mark";
  switch (dice.below(4)) {
    case 0:
      return rule.say(fmt::format("{} & {} {} {}", field, dice.word({"0x000000ff", "0x0000000f", "0x00000001"}),
                                  dice.word({"==", "!="}), dice.word({"0x00000001", "0x00000000", "0x00000004"})));
    case 1:
      return rule.say(fmt::format("{} {}{{ 0x00000001, 0x00000004-0x00000010 }}", field, rule.perhaps_not()));
    default:
      return rule.say(fmt::format("{} {}{}", field, rule.perhaps_not(), mark_value(dice)));
  }
}

void other(NftRule& rule) {
  Dice& dice = rule.dice;
  switch (dice.below(7)) {
    case 0: {
      const bool source = dice.percent(40);
      return rule.say(
          fmt::format("fib {} type {}{}", source ? "saddr" : "daddr", rule.perhaps_not(),
                      dice.word({"local", "local", "unicast", "broadcast", "multicast", "{ local, broadcast }"})));
    }
    case 1:
      return rule.say(
          fmt::format("meta pkttype {}{}", rule.perhaps_not(), dice.word({"host", "broadcast", "multicast"})));
    case 2:
      rule.rule.asks_length = true;
      return rule.say(fmt::format("meta length {}{}", rule.perhaps_not(),
                                  dice.word({"32", "44", "33-44", "52", "64", "53-63", "{ 44, 64 }"})));
    case 3:
      if (is_ipv4(rule))
        return rule.say(fmt::format("ip ttl {}{}", rule.perhaps_not(), dice.word({"62", "63", "64", "60-63"})));
      return rule.say(fmt::format("ip6 hoplimit {}{}", rule.perhaps_not(), dice.word({"62", "63", "64", "60-63"})));
    case 4:
      return rule.say(
          fmt::format("{} dscp {}{}", rule.ip(), rule.perhaps_not(), dice.word({"cs0", "cs1", "ef", "0x00"})));
    case 5:
      return rule.say(rule.table.family == "inet" ? fmt::format("meta nfproto {}", dice.word({"ipv4", "ipv6"}))
                                                  : "meta protocol " + dice.word({"ip", "ip6"}));
    default:
      return any_port(rule);
  }
}

void open_match(NftRule& rule) {
  rule.rule.is_open = true;
  rule.say(
      rule.dice.word({"limit rate 3/minute burst 5 packets", "limit rate over 3/minute burst 5 packets",
                      "numgen random mod 2 0", "quota over 1000 bytes", "meta hour < \"12:00\"", "ct count over 3"}));
}

}  // namespace

void NftRule::say(const std::string& words) {
  if (!rule.text.empty())
    rule.text += ' ';
  rule.text += words;
}

std::string NftRule::perhaps_not(unsigned chance) {
  return dice.percent(chance) ? "!= " : "";
}

void add_nft_sets(Dice& dice, Family family, NftTable& table) {
  const char* type = family == Family::ipv4 ? "ipv4_addr" : "ipv6_addr";
  if (dice.percent(45)) {
    const bool interval = dice.percent(70);
    const std::string elements = set_of(dice, table.set_addresses, [&] {
      AddressText value = address_value(dice, family, true);
      if (!interval)
        value = {to_string(Address{family, value.values.low}), {value.values.low, value.values.low}};
      return value;
    });
    table.preamble += fmt::format("\tset hosts {{\n\t\ttype {}\n{}\t\telements = {}\n\t}}\n", type,
                                  interval ? "\t\tflags interval\n" : "", elements);
    table.address_sets.emplace_back("hosts");
  }
  if (dice.percent(45)) {
    const std::string elements = set_of(dice, table.set_ports, [&] { return port_value(dice); });
    table.preamble +=
        fmt::format("\tset ports {{\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = {}\n\t}}\n", elements);
    table.port_sets.emplace_back("ports");
  }
}

void add_nft_matches(NftRule& rule) {
  Dice& dice = rule.dice;
  if (dice.percent(8))
    concatenation(rule);
  if (dice.percent(18))
    interface(rule, true);
  if (dice.percent(14))
    interface(rule, false);
  if (dice.percent(30))
    address(rule, true);
  if (dice.percent(40))
    address(rule, false);
  if (dice.percent(20))
    states(rule);
  if (rule.number == 0 && dice.percent(55))
    transport(rule);
  if (dice.percent(10))
    mark(rule);
  if (dice.percent(12))
    other(rule);
  if (dice.percent(12))
    add_nft_rarer_match(rule);
  if (rule.may_be_open && dice.percent(15))
    open_match(rule);
  // What is undecided by nature: bytes of a protocol without ports, an extension header, a later packet.
  rule.rule.is_open = rule.rule.is_open || may_be_joined(rule.rule.text);
  for (const char* words : {"th sport", "th dport", "nexthdr", "seen-reply", "confirmed"})
    rule.rule.is_open = rule.rule.is_open || rule.rule.text.find(words) != std::string::npos;
}

}  // namespace segproof::oracle
