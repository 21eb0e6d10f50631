// SPDX-License-Identifier: Apache-2.0
#include "ipset_grammar.h"

#include <fmt/format.h>

namespace segproof::oracle {
namespace {

using Part = DraftSet::Part;

struct SetType {
  const char* name;
  std::vector<Part> parts;
  bool takes_prefixes = false;
};

const SetType& random_type(Dice& dice, Family family) {
  static const std::vector<SetType> types{
      {"hash:ip", {Part::address}},
      {"hash:net", {Part::address}, true},
      {"hash:net", {Part::address}, true},
      {"hash:ip,port", {Part::address, Part::port}},
      {"hash:net,port", {Part::address, Part::port}, true},
      {"hash:ip,port,ip", {Part::address, Part::port, Part::address}},
      {"hash:ip,port,net", {Part::address, Part::port, Part::address}, true},
      {"hash:net,iface", {Part::address, Part::interface}, true},
      {"bitmap:port", {Part::bare_port}},
      {"bitmap:ip", {Part::address}},
  };
  for (;;) {
    const SetType& type = dice.pick(types);
    if (family == Family::ipv4 || std::string(type.name) != "bitmap:ip")
      return type;
  }
}

class SetMaker {
 public:
  SetMaker(Dice& dice, Family family, std::string name)
      : dice_(dice), family_(family), type_(random_type(dice, family)) {
    set_.name = std::move(name);
    set_.parts = type_.parts;
  }

  DraftSet make() {
    const std::string type = type_.name;
    set_.text = fmt::format("create {} {}", set_.name, type);
    if (type == "bitmap:port") {
      set_.text += " range 0-65535";
    } else if (type == "bitmap:ip") {
      set_.text += " range 10.0.0.0/16";
    } else if (family_ == Family::ipv6) {
      set_.text += " family inet6";
    }
    if (type == "hash:ip" && dice_.percent(25))
      set_.text += fmt::format(" netmask {}", family_ == Family::ipv4 ? dice_.pick({24U, 30U, 31U}) : 64U);
    set_.text += '\n';
    for (std::uint64_t count = dice_.below(7); count > 0; --count)
      element();
    return std::move(set_);
  }

 private:
  void element() {
    std::string text = fmt::format("add {} ", set_.name);
    for (std::size_t i = 0; i < type_.parts.size(); ++i) {
      if (i > 0)
        text += ',';
      // Of hash:ip,port,net only the last part is a network.
      const bool prefix = type_.takes_prefixes && (type_.parts.size() < 3 || i == 2);
      text += part(type_.parts[i], prefix);
    }
    if (type_.takes_prefixes && dice_.percent(25))
      text += " nomatch";
    set_.text += text + " -exist\n";
  }

  std::string part(Part part, bool prefix) {
    switch (part) {
      case Part::address:
        return address(prefix);
      case Part::port:
        return port();
      case Part::bare_port: {
        const Interval ports = random_ports(dice_);
        set_.ports.push_back(ports);
        return range_text(ports, '-');
      }
      case Part::interface:
        return random_interface(dice_);
    }
    return {};
  }

  std::string address(bool prefix) {
    if (std::string(type_.name) == "bitmap:ip") {
      const Bits at = parse_address("10.0.0.0")->bits + dice_.below(10);
      set_.addresses.push_back({at, at});
      return to_string(Address{family_, at});
    }
    if (prefix) {
      AddressText drawn = random_prefix(dice_, family_);
      while (drawn.text.ends_with("/0"))  // hash:net does not hold it
        drawn = random_prefix(dice_, family_);
      set_.addresses.push_back(drawn.values);
      return drawn.text;
    }
    const Address plain = random_address(dice_, family_);
    set_.addresses.push_back({plain.bits, plain.bits});
    return to_string(plain);
  }

  std::string port() {
    const bool v4 = family_ == Family::ipv4;
    if (dice_.percent(12)) {
      const auto type = v4 ? dice_.pick({8U, 0U, 3U}) : dice_.pick({128U, 129U, 1U});
      const auto code = dice_.pick({0U, 0U, 1U, 3U});
      const Bits overlay = Bits{type} * 256 + code;
      set_.ports.push_back({overlay, overlay});
      return fmt::format("{}:{}/{}", v4 ? "icmp" : "icmpv6", type, code);
    }
    if (dice_.percent(6))
      return "47:0";
    const Interval ports = random_ports(dice_);
    set_.ports.push_back(ports);
    return fmt::format("{}:{}", dice_.word({"tcp", "tcp", "udp", "sctp", "udplite"}), range_text(ports, '-'));
  }

  Dice& dice_;
  Family family_;
  const SetType& type_;
  DraftSet set_;
};

}  // namespace

void add_random_sets(Dice& dice, Draft& draft) {
  std::string plain;  // sets of addresses, for a list
  for (std::uint64_t i = 0, count = 1 + dice.below(3); i < count; ++i) {
    draft.sets.push_back(SetMaker(dice, draft.family, fmt::format("s{}", i)).make());
    const bool is_plain = draft.sets.back().parts == std::vector{Part::address};
    if (is_plain)
      plain += fmt::format("add list {}\n", draft.sets.back().name);
  }
  if (plain.empty() || !dice.percent(40))
    return;
  DraftSet list;
  list.name = "list";
  list.parts = {Part::address};
  list.text = "create list list:set size 8\n" + plain;
  for (const DraftSet& member : draft.sets) {
    if (member.parts == list.parts)
      list.addresses.insert(list.addresses.end(), member.addresses.begin(), member.addresses.end());
  }
  draft.sets.push_back(std::move(list));
}

void add_set_match(IptablesRule& rule) {
  Dice& dice = rule.dice;
  const DraftSet& set = dice.pick(*rule.sets);
  std::string directions;
  for (const Part part : set.parts) {
    bool source = dice.percent(50);
    if (part == Part::interface) {
      // The kernel loads what its chain never sees; then nothing matches.
      source = rule.position.sees_input;
    }
    directions += fmt::format("{}{}", directions.empty() ? "" : ",", source ? "src" : "dst");
    Hints& hints = rule.rule.hints;
    std::vector<Interval>& to = part == Part::address ? (source ? hints.sources : hints.destinations)
                                                      : (source ? hints.source_ports : hints.destination_ports);
    const std::vector<Interval>& from = part == Part::address ? set.addresses : set.ports;
    if (part != Part::interface && !from.empty())
      to.push_back(dice.pick(from));
  }
  rule.say(fmt::format("-m set {}--match-set {} {}", rule.perhaps_not(), set.name, directions));
  if (dice.percent(8))
    rule.say("--return-nomatch");
}

}  // namespace segproof::oracle
