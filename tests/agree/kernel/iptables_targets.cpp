// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "iptables_grammar.h"

namespace segproof::oracle {
namespace {

std::string mark_words(Dice& dice) {
  const auto value = dice.pick({0U, 1U, 2U, 4U, 7U, 0x10U, 0xffU, 0x80000000U, 0xffffffffU});
  switch (dice.below(5)) {
    case 0:
      return fmt::format("--set-xmark {:#x}/{:#x}", value, dice.pick({1U, 0xfU, 0xffU, 0xffffffffU}));
    case 1:
      return fmt::format("--and-mark {:#x}", value);
    case 2:
      return fmt::format("--or-mark {:#x}", value);
    case 3:
      return fmt::format("--xor-mark {:#x}", value);
    default:
      return fmt::format("--set-mark {:#x}{}", value, dice.percent(30) ? "/0xff" : "");
  }
}

std::string connmark_words(Dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return fmt::format("--save-mark{}", dice.percent(40) ? " --nfmask 0xff --ctmask 0xff" : "");
    case 1:
      return fmt::format("--restore-mark{}", dice.percent(40) ? " --nfmask 0xf --ctmask 0xff" : "");
    default:
      return mark_words(dice);
  }
}

void connection_mark(IptablesRule& rule) {
  rule.asks_connection();
  rule.say("-j CONNMARK " + connmark_words(rule.dice));
}

bool is_ipv4(const IptablesRule& rule) {
  return rule.family == Family::ipv4;
}

// Protocols for which iptables takes new ports.
bool takes_ports(const IptablesRule& rule) {
  return has_ports(rule.number) && rule.number != protocol_number::udplite;
}

// A new address with perhaps new ports, for DNAT and SNAT.
std::string new_endpoint(IptablesRule& rule) {
  Dice& dice = rule.dice;
  const bool ports = takes_ports(rule) && dice.percent(45);
  rule.rule.chooses = rule.rule.chooses || ports;
  std::string address;
  if (!ports || dice.percent(85)) {
    address = dice.percent(80) ? to_string(dice.percent(15) ? random_own_address(dice, rule.family)
                                                            : random_address(dice, rule.family))
                               : random_range(dice, rule.family, true).text;
    rule.rule.chooses = rule.rule.chooses || address.find('-') != std::string::npos;
  }
  if (!ports)
    return address;
  Interval chosen = random_ports(dice);
  chosen.low = chosen.low == 0 ? 1 : chosen.low;
  chosen.high = chosen.high < chosen.low ? chosen.low : chosen.high;
  if (!is_ipv4(rule) && !address.empty())
    address = "[" + address + "]";
  return address + ":" + range_text(chosen, '-');
}

void translate(IptablesRule& rule) {
  Dice& dice = rule.dice;
  const bool ports = takes_ports(rule) && dice.percent(40);
  const std::string new_ports = ports ? fmt::format(" --to-ports {}", dice.pick({80U, 8080U, 3128U})) : "";
  const std::string more_ports = ports && dice.percent(40) ? new_ports + "-" + fmt::format("{}", 9000) : new_ports;
  const std::string options = dice.percent(10) ? dice.word({" --persistent", " --random"}) : "";
  const bool at_source = rule.position.side == NatSide::source;
  rule.rule.chooses = rule.rule.chooses || ports || !options.empty();
  if (dice.percent(12)) {
    const AddressText network = random_prefix(dice, rule.family);
    return rule.say(fmt::format("-j NETMAP --to {}", network.text));
  }
  if (!at_source) {
    if (dice.percent(25)) {
      rule.rule.chooses = true;
      return rule.say("-j REDIRECT" + more_ports);
    }
    return rule.say(fmt::format("-j DNAT --to-destination {}{}", new_endpoint(rule), options));
  }
  if (dice.percent(30) && rule.position.chain != "INPUT") {
    rule.rule.chooses = true;
    return rule.say("-j MASQUERADE" + more_ports);
  }
  rule.say(fmt::format("-j SNAT --to-source {}{}", new_endpoint(rule), options));
}

void reject(IptablesRule& rule) {
  Dice& dice = rule.dice;
  if (rule.number == 6 && dice.percent(40))
    return rule.say("-j REJECT --reject-with tcp-reset");
  if (dice.percent(50))
    return rule.say("-j REJECT");
  rule.say("-j REJECT --reject-with " +
           (is_ipv4(rule) ? dice.word({"icmp-net-unreachable", "icmp-host-unreachable", "icmp-port-unreachable",
                                       "icmp-proto-unreachable", "icmp-net-prohibited", "icmp-host-prohibited",
                                       "icmp-admin-prohibited"})
                          : dice.word({"icmp6-no-route", "icmp6-adm-prohibited", "icmp6-addr-unreachable",
                                       "icmp6-port-unreachable"})));
}

void raw_target(IptablesRule& rule) {
  rule.rule.switches_tracking = true;
  const bool zone = rule.dice.percent(25);
  rule.rule.is_open = rule.rule.is_open || zone;  // NOTRACK beside other targets of CT is undecided
  rule.say(zone ? "-j CT --zone 7" : rule.dice.word({"-j NOTRACK", "-j CT --notrack", "-j CT --notrack"}));
}

void mangle_target(IptablesRule& rule) {
  Dice& dice = rule.dice;
  const std::uint64_t kind = dice.below(4);
  rule.rule.is_open = rule.rule.is_open || kind < 2;  // tests of a byte that rules write are undecided
  switch (kind) {
    case 0:
      return rule.say(is_ipv4(rule) ? dice.word({"-j TTL --ttl-set 33", "-j TTL --ttl-dec 2", "-j TTL --ttl-inc 1"})
                                    : dice.word({"-j HL --hl-set 33", "-j HL --hl-dec 2", "-j HL --hl-inc 1"}));
    case 1:
      return rule.say(dice.word({"-j TOS --set-tos 0x10/0xff", "-j DSCP --set-dscp 0x2e"}));
    default:
      return rule.say("-j MARK " + mark_words(dice));
  }
}

}  // namespace

void add_target(IptablesRule& rule, const std::vector<std::string>& callable) {
  Dice& dice = rule.dice;
  const std::string& table = rule.position.table;
  if (!callable.empty() && dice.percent(25))
    return rule.say(fmt::format("{} {}", dice.percent(75) ? "-j" : "-g", dice.pick(callable)));
  if (dice.percent(8))
    return rule.say("-j RETURN");
  if (dice.percent(5))
    return;
  if (dice.percent(4))
    return rule.say(dice.word({"-j LOG --log-prefix \"a b: \"", "-j NFLOG --nflog-group 3"}));
  if (dice.percent(table == "mangle" ? 25 : 6))
    return dice.percent(70) ? rule.say("-j MARK " + mark_words(dice)) : connection_mark(rule);
  if (table == "mangle" && dice.percent(35))
    return mangle_target(rule);
  if (table == "raw" && dice.percent(30))
    return raw_target(rule);
  if (table == "nat" && dice.percent(75))
    return translate(rule);
  if (table == "filter" && dice.percent(15))
    return reject(rule);
  if (table == "nat")
    return rule.say("-j ACCEPT");
  const unsigned drops = table == "filter" ? 45 : 20;
  rule.say(dice.percent(drops) ? "-j DROP" : "-j ACCEPT");
}

}  // namespace segproof::oracle
