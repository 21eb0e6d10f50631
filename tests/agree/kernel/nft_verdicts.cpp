// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "nft_grammar.h"

namespace segproof::oracle {
namespace {

bool is_ipv4(const NftRule& rule) {
  return rule.family == Family::ipv4;
}

std::string marks(NftRule& rule) {
  Dice& dice = rule.dice;
  const std::string text =
      dice.word({"meta mark set 0x00000001", "meta mark set 0x00000004", "meta mark set 0x000000ff",
                 "meta mark set meta mark | 0x00000002", "meta mark set meta mark & 0x0000000f",
                 "meta mark set meta mark ^ 0x00000007", "ct mark set 0x00000004", "ct mark set meta mark",
                 "meta mark set ct mark", "ct mark set meta mark | 0x00000001"});
  if (text.find("ct mark") != std::string::npos)
    rule.asks_connection();
  return text;
}

std::string endpoint(NftRule& rule) {
  Dice& dice = rule.dice;
  const bool can_have_ports = rule.number == 6 || rule.number == 17;
  const bool ports = can_have_ports && dice.percent(45);
  rule.rule.chooses = rule.rule.chooses || ports;
  std::string address;
  if (dice.percent(80)) {
    address = to_string(dice.percent(15) ? random_own_address(dice, rule.family) : random_address(dice, rule.family));
    if (ports && !is_ipv4(rule))
      address = "[" + address + "]";
  } else {
    rule.rule.chooses = true;
    const AddressText range = random_range(dice, rule.family, true);
    if (range.values.low == range.values.high)
      return to_string(Address{rule.family, range.values.low});
    if (ports && !is_ipv4(rule)) {
      return fmt::format("[{}]-[{}]:8080", to_string(Address{rule.family, range.values.low}),
                         to_string(Address{rule.family, range.values.high}));
    }
    address = range.text;
  }
  return ports ? fmt::format("{}:{}", address, dice.word({"80", "8080", "3128-3200"})) : address;
}

void translate(NftRule& rule) {
  Dice& dice = rule.dice;
  const std::string& hook = rule.position.hook;
  const bool can_have_ports = rule.number == 6 || rule.number == 17;
  // An inet table must say of which family the address is.
  const std::string family = rule.table.family == "inet" ? std::string(rule.ip()) + " " : "";
  const bool at_source = hook != "prerouting" && hook != "output";
  if (dice.percent(25) && add_nft_translation_by_map(rule, at_source))
    return;
  if (!at_source) {
    if (dice.percent(25)) {
      rule.rule.chooses = true;
      return rule.say(can_have_ports && dice.percent(60) ? "redirect to :" + dice.word({"80", "8080", "9000-9010"})
                                                         : "redirect");
    }
    return rule.say(fmt::format("dnat {}to {}", family, endpoint(rule)));
  }
  if (hook == "postrouting" && dice.percent(35)) {
    rule.rule.chooses = true;
    return rule.say(dice.word({"masquerade", "masquerade random", "masquerade persistent"}));
  }
  rule.say(fmt::format("snat {}to {}", family, endpoint(rule)));
}

void reject(NftRule& rule) {
  Dice& dice = rule.dice;
  if (rule.number == 6 && dice.percent(50))
    return rule.say("reject with tcp reset");
  if (dice.percent(50))
    return rule.say("reject");
  if (rule.table.family == "inet")
    return rule.say("reject with icmpx " + dice.word({"admin-prohibited", "no-route", "port-unreachable"}));
  rule.say(is_ipv4(rule) ? "reject with icmp " + dice.word({"host-unreachable", "admin-prohibited", "net-unreachable"})
                         : "reject with icmpv6 " + dice.word({"no-route", "admin-prohibited", "addr-unreachable"}));
}

std::string verdict(Dice& dice, const std::vector<std::string>& callable) {
  if (!callable.empty() && dice.percent(25))
    return (dice.percent(75) ? "jump " : "goto ") + dice.pick(callable);
  return dice.word({"accept", "accept", "drop", "drop", "return", "continue"});
}

// One verdict for each value.
void verdict_map(NftRule& rule, const std::vector<std::string>& callable) {
  Dice& dice = rule.dice;
  const auto one = [&] { return verdict(dice, callable); };
  std::string text;
  switch (dice.below(5)) {
    case 0:
      rule.asks_connection();
      text = "ct state vmap { established : " + one();
      text += ", new : " + one();
      text += ", invalid : " + one() + " }";
      return rule.say(text);
    case 1:
      text = "iifname vmap { \"eth0\" : " + one();
      text += ", \"ppp0\" : " + one() + " }";
      return rule.say(rule.position.sees_input ? text : one());
    case 2: {
      const Address first = random_address(dice, rule.family);
      rule.rule.hints.sources.push_back({first.bits, first.bits + 3});
      text = fmt::format("{} saddr vmap {{ {}-{} : {}", rule.ip(), to_string(first),
                         to_string(Address{rule.family, first.bits + 3}), one());
      return rule.say(text + " }");
    }
    case 3:
      text = "meta l4proto vmap { tcp : " + one();
      text += ", udp : " + one() + " }";
      return rule.say(text);
    default: {
      const char* word = rule.number == 17 ? "udp" : rule.number == 6 ? "tcp" : "th";
      rule.rule.is_open = true;
      rule.rule.hints.destination_ports.push_back({53, 53});
      rule.rule.hints.destination_ports.push_back({80, 90});
      text = fmt::format("{} dport vmap {{ 53 : {}", word, one());
      text += ", 80-90 : " + one() + " }";
      return rule.say(text);
    }
  }
}

}  // namespace

void add_nft_verdict(NftRule& rule, const std::vector<std::string>& callable) {
  Dice& dice = rule.dice;
  if (dice.percent(25))
    rule.say("counter packets 0 bytes 0");
  if (dice.percent(3))
    rule.say("log prefix \"a b: \"");
  if (dice.percent(10))
    rule.say(marks(rule));
  if (dice.percent(4))
    add_nft_rarer_effect(rule);
  if (rule.position.before_tracking && dice.percent(15)) {
    rule.rule.switches_tracking = true;
    rule.say("notrack");
  } else if (rule.position.hook == "prerouting" && !rule.position.is_nat && dice.percent(3)) {
    rule.rule.switches_tracking = true;
    rule.say("notrack");
  }
  if (rule.position.is_nat && !rule.position.hook.empty() && dice.percent(75)) {
    translate(rule);
  } else if (dice.percent(12)) {
    if (dice.percent(50)) {
      add_nft_rarer_verdict(rule, callable);
    } else {
      verdict_map(rule, callable);
    }
  } else if (!rule.position.is_nat && dice.percent(10) &&
             (rule.position.hook == "input" || rule.position.hook == "forward" || rule.position.hook == "output")) {
    reject(rule);
  } else if (rule.rule.text.empty() || dice.percent(93)) {
    rule.say(verdict(dice, callable));
  }
  // Left undecided: a return behind a change of what the rule asked for.
  const auto says = [&](const char* words) { return rule.rule.text.find(words) != std::string::npos; };
  rule.rule.is_open = rule.rule.is_open || (says("mark set ") && says("return"));
  if (dice.percent(6))
    rule.say("comment \"a rule: drop; }\"");
}

}  // namespace segproof::oracle
