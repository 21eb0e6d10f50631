// SPDX-License-Identifier: Apache-2.0
// What rules of nftables ask for and do less often: maps, products of three fields, bit operations.
#include <fmt/format.h>

#include "nft_grammar.h"

namespace segproof::oracle {
namespace {

bool is_ipv4(const NftRule& rule) {
  return rule.family == Family::ipv4;
}

std::string plain_verdict(Dice& dice) {
  return dice.word({"accept", "drop", "return", "continue"});
}

// "10.0.0.0/24", of which no two meet: the lines of a map.
std::vector<AddressText> apart(Dice& dice, Family family, std::size_t most) {
  std::vector<AddressText> found;
  for (std::size_t i = 0; i < most; ++i) {
    AddressText drawn = random_prefix(dice, family);
    bool fits = !drawn.text.ends_with("/0");
    for (const AddressText& other : found)
      fits = fits && (drawn.values.high < other.values.low || other.values.high < drawn.values.low);
    if (fits)
      found.push_back(std::move(drawn));
  }
  if (found.empty())
    found.push_back({to_string(random_address(dice, family)), {}});
  return found;
}

template <class Data>
std::string pairs(const std::vector<AddressText>& keys, std::vector<Interval>& hints, Data data) {
  std::string text;
  for (const AddressText& key : keys) {
    hints.push_back(key.values);
    text += fmt::format("{}{} : {}", text.empty() ? "" : ", ", key.text, data());
  }
  return "{ " + text + " }";
}

std::string plain_address(Dice& dice, Family family) {
  return to_string(random_address(dice, family));
}

// Fields of different headers at once, intervals among them.
void product(NftRule& rule) {
  Dice& dice = rule.dice;
  const bool output = rule.position.sees_output && dice.percent(50);
  const bool input = rule.position.sees_input;
  if (!rule.takes(255))
    return;
  const char* ip = rule.ip();
  std::string fields;
  std::string elements;
  std::vector<AddressText> keys = apart(dice, rule.family, 3);
  const auto kind = dice.below(input || output ? 4 : 2);
  for (const AddressText& key : keys) {
    rule.rule.hints.sources.push_back(key.values);
    std::string rest;
    if (kind == 0) {
      fields = fmt::format("{} saddr . meta l4proto . th dport", ip);
      const Interval ports = random_ports(dice);
      rule.rule.hints.destination_ports.push_back(ports);
      rest = fmt::format(" . {} . {}", dice.word({"tcp", "udp"}), range_text(ports, '-'));
    } else if (kind == 1) {
      fields = fmt::format("{0} saddr . {0} daddr . meta l4proto", ip);
      const AddressText to = random_prefix(dice, rule.family);
      rule.rule.hints.destinations.push_back(to.values);
      rest = fmt::format(" . {} . {}", to.text.ends_with("/0") ? plain_address(dice, rule.family) : to.text,
                         dice.word({"tcp", "udp", "icmp"}));
    } else {
      fields = fmt::format("{} saddr . {}", ip, output ? "oifname" : "iifname");
      rest = fmt::format(" . \"{}\"", dice.pick({"eth0", "eth1", "ppp0", "br-lan"}));
    }
    elements += (elements.empty() ? "" : ", ") + key.text + rest;
  }
  rule.say(fmt::format("{} {}{{ {} }}", fields, rule.perhaps_not(), elements));
}

void masked(NftRule& rule) {
  Dice& dice = rule.dice;
  const bool tcp = rule.asked == 0 ? dice.percent(60) : rule.asked == 6;
  switch (dice.below(6)) {
    case 0:
      if (!rule.takes(tcp ? 6 : 17))
        return;
      rule.rule.hints.protocol = tcp ? 6 : 17;
      rule.rule.hints.destination_ports.push_back({80, 80});
      return rule.say(
          fmt::format("{} {} & {}", tcp ? "tcp" : "udp", dice.word({"dport", "sport"}),
                      dice.word({"255 == 80", "1 == 1", "65520 != 80", "1023 == 53", "255 == { 22, 80 }"})));
    case 1:
      return rule.say("meta mark & " + dice.word({"0x000000ff == { 0x00000001, 0x00000004 }",
                                                  "0x00000003 != 0x00000001", "0x000000f0 == 0x00000010"}));
    case 2:
      return rule.say(is_ipv4(rule) ? "ip frag-off & 8191 " + dice.word({"== 0", "!= 0"}) : "ip6 version 6");
    case 3:
      if (!is_ipv4(rule) || rule.table.family != "ip")
        return;
      rule.rule.hints.sources.push_back({parse_address("10.0.0.5")->bits, parse_address("10.0.0.5")->bits});
      return rule.say(
          dice.word({"@nh,96,32 0xa000005", "@nh,96,32 & 0xffffff00 == 0xa000000", "@nh,128,32 0xc0000201"}));
    case 4:
      if (!rule.takes(255))
        return;
      return rule.say(fmt::format("meta l4proto {}", dice.word({"6-17", "!= 6-17", ">= gre", "!= { tcp, udp }"})));
    default: {
      const Address bound = random_address(dice, rule.family);
      const bool source = dice.percent(50);
      (source ? rule.rule.hints.sources : rule.rule.hints.destinations).push_back({bound.bits, bound.bits});
      return rule.say(fmt::format("{} {} {} {}", rule.ip(), source ? "saddr" : "daddr",
                                  dice.word({">=", "<=", "<", ">"}), to_string(bound)));
    }
  }
}

void code_of_error(NftRule& rule) {
  for (const Bits overlay : {Bits{0x0301}, Bits{0x0800}, Bits{0x8000}, Bits{0x0101}})
    rule.rule.hints.destination_ports.push_back({overlay, overlay});
  rule.rule.hints.protocol = is_ipv4(rule) ? std::uint8_t{1} : std::uint8_t{58};
  rule.say(is_ipv4(rule) ? fmt::format("icmp type . icmp code {}{{ 3 . 1, 8 . 0 }}", rule.perhaps_not())
                         : fmt::format("icmpv6 type . icmpv6 code {}{{ 1 . 1, 128 . 0 }}", rule.perhaps_not()));
}

void type_by_interface(NftRule& rule) {
  Dice& dice = rule.dice;
  const bool input = rule.position.sees_input && (!rule.position.sees_output || dice.percent(50));
  if (rule.position.hook.empty() || (!input && !rule.position.sees_output))
    return;
  rule.say(fmt::format("fib {} . {} type {}{}", dice.word({"daddr", "saddr"}), input ? "iif" : "oif",
                       rule.perhaps_not(), dice.word({"local", "unicast", "{ local, multicast }"})));
}

std::string mark_of(Dice& dice) {
  return fmt::format("{:#010x}", dice.pick({1U, 2U, 4U, 0x10U, 0xffU}));
}

// A mark out of a map; a key that it does not have ends the rule.
void mark_map(NftRule& rule) {
  Dice& dice = rule.dice;
  const bool connection = dice.percent(25);
  if (connection)
    rule.asks_connection();
  const char* target = connection ? "ct mark" : "meta mark";
  if (dice.percent(40) && rule.takes(6)) {
    rule.rule.hints.protocol = 6;
    rule.rule.hints.destination_ports.push_back({80, 90});
    rule.say(fmt::format("{} set tcp dport map {{ 22-23 : {}, 80-90 : 0x00000004 }}", target, mark_of(dice)));
    return;
  }
  const bool source = dice.percent(50);
  std::vector<Interval>& hints = source ? rule.rule.hints.sources : rule.rule.hints.destinations;
  rule.say(fmt::format("{} set {} {} map {}", target, rule.ip(), source ? "saddr" : "daddr",
                       pairs(apart(dice, rule.family, 3), hints, [&] { return mark_of(dice); })));
}

std::string call_or_not(Dice& dice, const std::vector<std::string>& callable) {
  if (!callable.empty() && dice.percent(30))
    return (dice.percent(75) ? "jump " : "goto ") + dice.pick(callable);
  return plain_verdict(dice);
}

void two_field_verdicts(NftRule& rule, const std::vector<std::string>& callable) {
  Dice& dice = rule.dice;
  rule.rule.hints.protocol = 6;
  std::string elements;
  for (const AddressText& key : apart(dice, rule.family, 3)) {
    const Interval ports = random_ports(dice);
    rule.rule.hints.sources.push_back(key.values);
    rule.rule.hints.destination_ports.push_back(ports);
    elements += fmt::format("{}{} . {} : ", elements.empty() ? "" : ", ", key.text, range_text(ports, '-'));
    elements += call_or_not(dice, callable);
  }
  rule.say(fmt::format("{} saddr . tcp dport vmap {{ {} }}", rule.ip(), elements));
}

}  // namespace

void add_nft_maps(Dice& dice, Family family, NftTable& table) {
  const char* type = family == Family::ipv4 ? "ipv4_addr" : "ipv6_addr";
  if (dice.percent(30)) {
    table.preamble +=
        fmt::format("\tmap verdicts {{\n\t\ttype {} : verdict\n\t\tflags interval\n\t\telements = {}\n\t}}\n", type,
                    pairs(apart(dice, family, 4), table.map_addresses, [&] { return plain_verdict(dice); }));
    table.has_verdicts = true;
  }
  if (dice.percent(30)) {
    table.preamble +=
        fmt::format("\tmap targets {{\n\t\ttype {0} : {0}\n\t\tflags interval\n\t\telements = {1}\n\t}}\n", type,
                    pairs(apart(dice, family, 3), table.map_addresses, [&] { return plain_address(dice, family); }));
    table.has_targets = true;
  }
}

void add_nft_rarer_match(NftRule& rule) {
  switch (rule.dice.below(5)) {
    case 0:
    case 1:
      return product(rule);
    case 2:
      return masked(rule);
    case 3:
      return type_by_interface(rule);
    default:
      return rule.takes(is_ipv4(rule) ? 1 : 58) ? code_of_error(rule) : masked(rule);
  }
}

void add_nft_rarer_effect(NftRule& rule) {
  Dice& dice = rule.dice;
  if (dice.percent(60))
    return mark_map(rule);
  const std::string text =
      dice.word({"ct mark set ct mark & 0x0000000f | 0x00000001", "meta mark set meta mark & 0x000000ff ^ 0x00000003",
                 "meta mark set ct mark & 0x00000001", "ct mark set meta mark & 0x000000ff",
                 "meta mark set 0x00000001 meta mark set meta mark | 0x00000004",
                 "ct mark set 0x00000004 meta mark set ct mark", "meta mark 0x00000001 meta mark set 0x00000004"});
  if (text.find("ct mark") != std::string::npos)
    rule.asks_connection();
  rule.say(text);
}

void add_nft_rarer_verdict(NftRule& rule, const std::vector<std::string>& callable) {
  Dice& dice = rule.dice;
  std::string text;
  switch (dice.below(7)) {
    case 0:
    case 1:
      return rule.takes(6) ? two_field_verdicts(rule, callable) : rule.say(plain_verdict(dice));
    case 2:
      if (!rule.table.has_verdicts)
        return rule.say(plain_verdict(dice));
      rule.rule.hints.sources.insert(rule.rule.hints.sources.end(), rule.table.map_addresses.begin(),
                                     rule.table.map_addresses.end());
      return rule.say(fmt::format("{} {} vmap @verdicts", rule.ip(), dice.word({"saddr", "daddr"})));
    case 3:
      if (!rule.takes(6))
        return rule.say(plain_verdict(dice));
      rule.rule.hints.protocol = 6;
      rule.rule.hints.destination_ports.push_back({80, 80});
      text = "tcp dport vmap { 80 : " + call_or_not(dice, callable);
      text += ", 443 : " + call_or_not(dice, callable);
      return rule.say(text + ", * : " + call_or_not(dice, callable) + " }");
    case 4:
      rule.asks_connection();
      text = "ct mark vmap { 0x00000000 : " + call_or_not(dice, callable);
      return rule.say(text + ", 0x00000004-0x000000ff : " + call_or_not(dice, callable) + " }");
    case 5:
      text = "meta mark vmap { 0x00000001 : " + call_or_not(dice, callable);
      return rule.say(text + ", 0x00000004 : " + call_or_not(dice, callable) + " }");
    default:
      if (!rule.takes(6))
        return rule.say(plain_verdict(dice));
      text = "tcp flags & (fin | syn | rst | ack) vmap { syn : " + plain_verdict(dice);
      return rule.say(text + ", ack : " + plain_verdict(dice) + " }");
  }
}

// Where a map says the new address; nothing when the rule cannot have one.
bool add_nft_translation_by_map(NftRule& rule, bool at_source) {
  Dice& dice = rule.dice;
  const std::string family = rule.table.family == "inet" ? std::string(rule.ip()) + " " : "";
  const char* word = at_source ? "snat" : "dnat";
  const char* asked = dice.percent(50) ? "saddr" : "daddr";
  std::vector<Interval>& hints = asked == std::string("saddr") ? rule.rule.hints.sources : rule.rule.hints.destinations;
  switch (dice.below(5)) {
    case 3:
      rule.rule.chooses = true;
      if (!at_source || rule.position.hook != "postrouting" || !rule.takes(dice.percent(50) ? 6 : 17))
        return false;
      rule.say(fmt::format("meta l4proto {} masquerade to :{}", rule.asked == 6 ? "tcp" : "udp",
                           dice.word({"1024-2000", "8080", "40000-40001"})));
      return true;
    case 4: {
      const Address old = random_address(dice, rule.family);
      const Address fresh = random_address(dice, rule.family);
      const unsigned length = address_width(rule.family) - dice.pick({8U, 4U, 1U});
      hints.push_back(make_prefix(old, length).interval());
      rule.say(fmt::format("{} {}prefix to {} {} map {{ {}/{} : {}/{} }}", word, family, rule.ip(),
                           at_source ? "saddr" : "daddr", to_string(make_prefix(old, length).address), length,
                           to_string(make_prefix(fresh, length).address), length));
      return true;
    }
    case 0:
      if (!rule.table.has_targets)
        return false;
      hints.insert(hints.end(), rule.table.map_addresses.begin(), rule.table.map_addresses.end());
      rule.say(fmt::format("{} {}to {} {} map @targets", word, family, rule.ip(), asked));
      return true;
    case 1:
      rule.say(
          fmt::format("{} {}to {} {} map {}", word, family, rule.ip(), asked,
                      pairs(apart(dice, rule.family, 3), hints, [&] { return plain_address(dice, rule.family); })));
      return true;
    default:
      if (!rule.takes(6))
        return false;
      rule.rule.chooses = true;
      rule.rule.hints.protocol = 6;
      rule.rule.hints.destination_ports.push_back({80, 80});
      rule.say(fmt::format("{} {}to tcp dport map {{ 80 : {} . 8080, 443 : {} . 80 }}", word, family,
                           plain_address(dice, rule.family), plain_address(dice, rule.family)));
      return true;
  }
}

}  // namespace segproof::oracle
