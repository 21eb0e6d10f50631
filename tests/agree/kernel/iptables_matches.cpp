// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "ipset_grammar.h"
#include "iptables_grammar.h"

namespace segproof::oracle {
namespace {

struct ProtocolName {
  const char* name;
  std::uint8_t number;
};

bool is_ipv4(const IptablesRule& rule) {
  return rule.family == Family::ipv4;
}

void address(IptablesRule& rule, bool source) {
  Dice& dice = rule.dice;
  std::vector<Interval>& hints = source ? rule.rule.hints.sources : rule.rule.hints.destinations;
  const char* option = source ? "-s" : "-d";
  if (dice.percent(10) && rule.rule.copies == 1) {
    // A mask with holes.
    const Address base = random_address(dice, rule.family);
    if (is_ipv4(rule)) {
      const auto mask = dice.pick({0xff0000ffU, 0xffff00ffU, 0xfffffffeU, 0x000000ffU, 0xff00ff00U});
      const Address value{rule.family, base.bits & mask};
      hints.push_back({value.bits, value.bits});
      return rule.say(fmt::format("{}{} {}/{}", rule.perhaps_not(), option, to_string(value),
                                  to_string(Address{rule.family, mask})));
    }
    const Bits mask = Bits{0xffffffffffffffffULL} << 64U | dice.pick({0xffffULL, 0xffff00000000ffffULL, 1ULL});
    const Address value{rule.family, base.bits & mask};
    hints.push_back({value.bits, value.bits});
    return rule.say(
        fmt::format("{}{} {}/{}", rule.perhaps_not(), option, to_string(value), to_string(Address{rule.family, mask})));
  }
  const AddressText first = random_prefix(dice, rule.family);
  hints.push_back(first.values);
  // iptables takes no negation beside a list.
  if (dice.percent(12) && rule.rule.text.find("! -s") == std::string::npos) {
    const AddressText second = random_prefix(dice, rule.family);
    hints.push_back(second.values);
    rule.rule.copies *= 2;
    return rule.say(fmt::format("{} {},{}", option, first.text, second.text));
  }
  // iptables-nft does not load what matches nothing.
  const bool no_negation = rule.rule.copies > 1 || first.text.ends_with("/0");
  rule.say(fmt::format("{}{} {}", no_negation ? "" : rule.perhaps_not(), option, first.text));
}

void interface(IptablesRule& rule, bool input) {
  if (!(input ? rule.position.sees_input : rule.position.sees_output))
    return;
  std::string name = random_interface(rule.dice);
  (input ? rule.rule.hints.in : rule.rule.hints.out) = name;
  if (rule.dice.percent(25))
    name = name.substr(0, 1 + rule.dice.below(name.size())) + "+";
  rule.say(fmt::format("{}{} {}", rule.perhaps_not(), input ? "-i" : "-o", name));
}

void protocol(IptablesRule& rule) {
  Dice& dice = rule.dice;
  const ProtocolName icmp = is_ipv4(rule) ? ProtocolName{"icmp", 1} : ProtocolName{"ipv6-icmp", 58};
  const ProtocolName drawn =
      dice.pick({ProtocolName{"tcp", 6}, ProtocolName{"tcp", 6}, ProtocolName{"tcp", 6}, ProtocolName{"udp", 17},
                 ProtocolName{"udp", 17}, icmp, icmp, ProtocolName{"47", 47}, ProtocolName{"sctp", 132},
                 ProtocolName{"udplite", 136}, ProtocolName{"esp", 50}, ProtocolName{"dccp", 33}});
  rule.rule.hints.protocol = drawn.number;
  if (dice.percent(10))
    return rule.say(fmt::format("! -p {}", dice.percent(50) ? drawn.name : fmt::format("{}", drawn.number)));
  rule.protocol = drawn.name;
  rule.number = drawn.number;
  rule.say(fmt::format("-p {}", drawn.name));
}

void ports(IptablesRule& rule, bool source) {
  const Interval ports = random_ports(rule.dice);
  (source ? rule.rule.hints.source_ports : rule.rule.hints.destination_ports).push_back(ports);
  const std::string negation = rule.perhaps_not();
  // iptables-nft leaves out a test for none of all ports; with iptables nothing passes it.
  rule.rule.is_open = rule.rule.is_open || (!negation.empty() && ports.low == 0 && ports.high == 65535);
  rule.say(fmt::format("{}--{} {}", negation, source ? "sport" : "dport", range_text(ports, ':')));
}

void multiport(IptablesRule& rule) {
  Dice& dice = rule.dice;
  const std::string kind = dice.word({"sports", "dports", "dports", "ports"});
  std::string list;
  for (std::size_t slots = 1 + dice.below(6); slots > 0; --slots) {
    const Interval ports = random_ports(dice);
    if (kind != "dports")
      rule.rule.hints.source_ports.push_back(ports);
    if (kind != "sports")
      rule.rule.hints.destination_ports.push_back(ports);
    list += (list.empty() ? "" : ",") + range_text(ports, ':');
  }
  rule.say(fmt::format("-m multiport {}--{} {}", rule.perhaps_not(), kind, list));
}

std::string some_flags(Dice& dice) {
  constexpr std::array<const char*, 6> names{"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
  if (dice.percent(10))
    return dice.word({"ALL", "NONE"});
  std::string list;
  for (const char* name : names) {
    if (dice.percent(40))
      list += (list.empty() ? "" : ",") + std::string(name);
  }
  return list.empty() ? "SYN" : list;
}

void tcp_flags(IptablesRule& rule) {
  Dice& dice = rule.dice;
  switch (dice.below(4)) {
    case 0:
      return rule.say(rule.perhaps_not(30) + "--syn");
    case 1:
      return rule.say(rule.perhaps_not(30) + "--tcp-flags FIN,SYN,RST,ACK SYN");
    default: {
      const std::string mask = some_flags(dice);
      const std::string value = dice.percent(60) ? some_flags(dice) : mask;
      // iptables-nft does not look at flags outside of an empty mask, iptables never finds them.
      rule.rule.is_open = rule.rule.is_open || mask == "NONE";
      return rule.say(fmt::format("{}--tcp-flags {} {}", rule.perhaps_not(), mask, value));
    }
  }
}

void icmp_type(IptablesRule& rule) {
  Dice& dice = rule.dice;
  const char* name = is_ipv4(rule) ? "icmp" : "icmp6";
  const char* option = is_ipv4(rule) ? "--icmp-type" : "--icmpv6-type";
  const auto type = is_ipv4(rule) ? dice.pick({8U, 8U, 0U, 3U, 5U, 11U, 13U, 17U, 255U, 9U, 18U, 40U})
                                  : dice.pick({128U, 129U, 1U, 2U, 3U, 4U, 130U, 133U, 135U, 136U, 139U, 143U, 255U});
  rule.rule.hints.destination_ports.push_back({Bits{type} * 256, Bits{type} * 256 + 255});
  std::string value = fmt::format("{}", type);
  if (dice.percent(25))
    value += fmt::format("/{}", dice.pick({0U, 1U, 3U}));
  if (dice.percent(15)) {
    value = is_ipv4(rule)
                ? dice.word({"any", "echo-request", "echo-reply", "destination-unreachable", "host-unreachable",
                             "port-unreachable", "redirect", "time-exceeded", "timestamp-request"})
                : dice.word({"echo-request", "echo-reply", "destination-unreachable", "no-route", "packet-too-big",
                             "time-exceeded", "neighbour-solicitation", "router-advertisement"});
  }
  rule.say(fmt::format("-m {} {}{} {}", name, rule.perhaps_not(), option, value));
}

void transport(IptablesRule& rule) {
  Dice& dice = rule.dice;
  const bool has_two_ports = has_ports(rule.number);
  if (rule.number == 1 || rule.number == 58) {
    if (dice.percent(70))
      icmp_type(rule);
    return;
  }
  if (!has_two_ports || dice.percent(15))
    return;
  // What iptables calls the udp match does not load for UDP-Lite.
  if (dice.percent(25) || rule.number == protocol_number::udplite)
    return multiport(rule);
  rule.say("-m " + rule.protocol);
  if (dice.percent(25))
    ports(rule, true);
  if (dice.percent(75))
    ports(rule, false);
  // iptables-nft joins two negated ports into one comparison; iptables does not.
  const bool two_ports =
      rule.rule.text.find("! --sport") != std::string::npos && rule.rule.text.find("! --dport") != std::string::npos;
  rule.rule.is_open = rule.rule.is_open || two_ports;
  if (rule.number == 6 && dice.percent(25))
    tcp_flags(rule);
}

void states(IptablesRule& rule) {
  Dice& dice = rule.dice;
  rule.asks_connection();
  std::vector<std::string> names{"NEW", "NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"};
  const bool old_match = dice.percent(25);
  if (!old_match) {
    names.emplace_back("SNAT");
    names.emplace_back("DNAT");
  }
  std::string list = dice.pick(names);
  while (dice.percent(45))
    list += "," + dice.pick(names);
  rule.say(fmt::format("-m {} {}--{} {}", old_match ? "state" : "conntrack", rule.perhaps_not(15),
                       old_match ? "state" : "ctstate", list));
  if (old_match)
    return;
  if (dice.percent(10))
    rule.say(fmt::format("{}--ctproto {}", rule.perhaps_not(), dice.word({"tcp", "udp", "17", "47"})));
  if (dice.percent(8))
    rule.say(fmt::format("--ctdir {}", dice.word({"ORIGINAL", "REPLY"})));
  if (dice.percent(8)) {
    rule.say(fmt::format("{}--ctstatus {}", rule.perhaps_not(),
                         dice.word({"NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "SEEN_REPLY,ASSURED"})));
  }
}

void iprange(IptablesRule& rule) {
  const bool source = rule.dice.percent(50);
  const AddressText range = random_range(rule.dice, rule.family, false);
  (source ? rule.rule.hints.sources : rule.rule.hints.destinations).push_back(range.values);
  rule.say(fmt::format("-m iprange {}--{}-range {}", rule.perhaps_not(), source ? "src" : "dst", range.text));
}

std::string random_mark(Dice& dice) {
  const auto value = dice.pick({0U, 1U, 2U, 4U, 7U, 0x10U, 0xffU, 0x100U, 0x80000000U, 0xffffffffU});
  if (dice.percent(45))
    return fmt::format("{:#x}", value);
  return fmt::format("{:#x}/{:#x}", value, dice.pick({1U, 3U, 0xfU, 0xffU, 0xff00U, 0xffffffffU, value}));
}

void mark(IptablesRule& rule) {
  const bool connection = rule.dice.percent(40);
  if (connection)
    rule.asks_connection();
  rule.say(
      fmt::format("-m {} {}--mark {}", connection ? "connmark" : "mark", rule.perhaps_not(), random_mark(rule.dice)));
}

void address_type(IptablesRule& rule) {
  Dice& dice = rule.dice;
  std::string words = "-m addrtype";
  const auto types = [&] {
    std::string list =
        dice.word({"LOCAL", "LOCAL", "UNICAST", is_ipv4(rule) ? "BROADCAST" : "LOCAL", "MULTICAST", "UNSPEC"});
    if (dice.percent(20))
      list += "," + dice.word({"LOCAL", "UNICAST", "MULTICAST"});
    return list;
  };
  const bool source = dice.percent(50);
  words += fmt::format(" {}--{}-type {}", rule.perhaps_not(), source ? "src" : "dst", types());
  if (dice.percent(20))
    words += fmt::format(" {}--{}-type {}", rule.perhaps_not(), source ? "dst" : "src", types());
  if (rule.position.is_base && dice.percent(20)) {
    if (rule.position.sees_input) {
      words += " --limit-iface-in";
    } else if (rule.position.sees_output && rule.position.chain != "OUTPUT") {
      words += " --limit-iface-out";
    }
  }
  rule.say(words);
}

void header_byte(IptablesRule& rule) {
  Dice& dice = rule.dice;
  switch (dice.below(5)) {
    case 0: {
      rule.rule.asks_length = true;
      return rule.say(fmt::format("-m length {}--length {}", rule.perhaps_not(),
                                  dice.word({"32", "44", "0:43", "33:44", "45:", "52", "64", "53:63", "64:65535"})));
    }
    case 1: {
      const std::string kind = dice.word({"eq", "lt", "gt"});
      const char* name = is_ipv4(rule) ? "ttl" : "hl";
      return rule.say(fmt::format("-m {0} {1}--{0}-{2} {3}", name, kind == "eq" ? rule.perhaps_not() : "", kind,
                                  dice.word({"62", "63", "64", "65", "1"})));
    }
    case 2:
      return rule.say(fmt::format("-m tos {}--tos {}", rule.perhaps_not(),
                                  dice.word({"0x00/0xff", "0x10/0x3f", "0x00/0x0f", "0x08"})));
    case 3:
      return rule.say(fmt::format("-m dscp {}--dscp {}", rule.perhaps_not(), dice.word({"0x00", "0x2e", "0x08"})));
    default:
      return rule.say(fmt::format("-m pkttype {}--pkt-type {}", rule.perhaps_not(),
                                  dice.word({"unicast", "broadcast", "multicast"})));
  }
}

// What no configuration decides.
void open_match(IptablesRule& rule) {
  rule.rule.is_open = true;
  rule.asks_connection();
  rule.say(rule.dice.word({"-m limit --limit 3/min --limit-burst 5", "-m statistic --mode random --probability 0.5",
                           "-m string --string abc --algo bm", "-m quota --quota 1000",
                           "-m time --timestart 00:00:00 --timestop 12:00:00", "-m u32 --u32 0x0=0x45000000",
                           "-m recent --name seen --rcheck --seconds 60", "-m helper --helper ftp",
                           "-m connbytes --connbytes 10:20 --connbytes-dir both --connbytes-mode packets",
                           "-m connlimit --connlimit-above 3 --connlimit-mask 24",
                           "-m hashlimit --hashlimit-upto 5/min --hashlimit-name h --hashlimit-mode srcip",
                           "-m conntrack --ctorigdstport 80", "-m statistic --mode nth --every 2 --packet 0"}));
}

// Decided, but rarely asked.
void rare_match(IptablesRule& rule) {
  Dice& dice = rule.dice;
  switch (dice.below(4)) {
    case 0:
      return rule.say("-m comment --comment \"a \\\"rule\\\" -j ACCEPT\"");
    case 1: {
      const bool in = rule.position.chain == "PREROUTING" || rule.position.chain == "INPUT";
      if (!rule.position.is_base || (!in && rule.position.chain != "POSTROUTING"))
        return;
      return rule.say(fmt::format("-m policy --dir {} --pol {}", in ? "in" : "out", dice.word({"none", "ipsec"})));
    }
    case 2:
      if (rule.number == 6)
        return rule.say(fmt::format("-m ecn {}--ecn-tcp-{}", rule.perhaps_not(), dice.word({"cwr", "ece"})));
      return rule.say(fmt::format("-m ecn {}--ecn-ip-ect {}", rule.perhaps_not(), dice.below(4)));
    default:
      if (rule.position.is_base && rule.position.table != "raw" && rule.position.sees_input)
        return rule.say("-m recent --name seen --set");
  }
}

}  // namespace

void IptablesRule::say(const std::string& words) {
  if (!rule.text.empty())
    rule.text += ' ';
  rule.text += words;
}

std::string IptablesRule::perhaps_not(unsigned chance) {
  return dice.percent(chance) ? "! " : "";
}

void add_matches(IptablesRule& rule) {
  Dice& dice = rule.dice;
  if (dice.percent(35))
    address(rule, true);
  if (dice.percent(45))
    address(rule, false);
  if (dice.percent(20))
    interface(rule, true);
  if (dice.percent(15))
    interface(rule, false);
  if (dice.percent(60)) {
    protocol(rule);
    transport(rule);
  }
  if (dice.percent(20))
    states(rule);
  if (dice.percent(6))
    iprange(rule);
  if (dice.percent(10))
    mark(rule);
  if (dice.percent(6))
    address_type(rule);
  if (dice.percent(6))
    header_byte(rule);
  if (dice.percent(4))
    rare_match(rule);
  if (rule.sets != nullptr && dice.percent(35))
    add_set_match(rule);
  if (rule.may_be_open && dice.percent(15))
    open_match(rule);
}

}  // namespace segproof::oracle
