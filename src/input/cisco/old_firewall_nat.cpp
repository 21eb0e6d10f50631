// SPDX-License-Identifier: Apache-2.0
// Translation before release 8.3, in the order in which old releases ask: exemptions (`nat 0 access-list`), `static`,
// `nat` with an access list, `nat` by best match; `global` gives the addresses.
#include <fmt/format.h>

#include <algorithm>

#include "input/cisco/firewall_nat.h"

namespace segproof::cisco {
namespace {

struct Global {
  std::string interface;
  std::uint32_t id = 0;
  std::optional<Interval> addresses;  // nothing: the interface's
};

struct Group {  // of sources, for one id
  std::uint32_t id = 0;
  NatRule rule;
};

class OldNatReader {
 public:
  explicit OldNatReader(Device& device) : device_(device), statements_(*device.statements) {}

  std::vector<NatRule> read() {
    statements_.for_each_below(no_statement, [&](std::size_t at) {
      Words words(statements_[at].text);
      const std::string_view word = words.take();
      if (word == "global" && words.peek().starts_with('('))
        global(words, at);
      if (word == "static" && words.peek().starts_with('('))
        static_line(words, at);
      if (word == "nat" && words.peek().starts_with('(') && words.peek().find(',') == std::string_view::npos)
        nat(words, at);
      if (statements_[at].text == "nat-control" || statements_[at].text == "no nat-control")
        device_.findings->modelled(at);
    });
    std::vector<NatRule> rules = std::move(exempt_);
    rules.insert(rules.end(), static_.begin(), static_.end());
    dynamic(policy_, rules);
    // The group with the fewest addresses is asked first.
    std::ranges::stable_sort(regular_, {}, [](const Group& group) {
      return group.rule.real.is_any ? ~Bits{0} : group.rule.real.ipv4.size();
    });
    dynamic(regular_, rules);
    return rules;
  }

 private:
  void not_understood(std::size_t at, const std::string& why) {
    device_.findings->unmodelled(at, DiagnosticCode::line_not_understood, fmt::format("translation: {}", why));
    device_.doubt_everything(at, "a translation that is not understood");
  }

  static std::string interface_of(std::string_view word) { return std::string(word.substr(1, word.size() - 2)); }

  std::optional<std::uint32_t> address(std::string_view word) const {
    return word == "0" ? std::optional(std::uint32_t{0}) : device_.definitions->address(word);
  }

  // `global (IF) ID interface|A[-B] [netmask M]`
  void global(Words& words, std::size_t at) {
    Global made;
    made.interface = interface_of(words.take());
    const auto id = parse_number(words.take());
    const std::string_view what = words.take();
    if (!id || made.interface.empty())
      return not_understood(at, "the number of a global pool");
    made.id = *id;
    if (what != "interface") {
      const std::size_t dash = what.find('-');
      const auto low = address(what.substr(0, dash));
      auto high = dash == std::string_view::npos ? low : address(what.substr(dash + 1));
      if (!low || !high || *high < *low)
        return not_understood(at, "the addresses of a global pool");
      made.addresses = Interval{*low, *high};
      if (words.take_if("netmask") && dash == std::string_view::npos) {
        // `global (outside) 1 22.22.22.0 netmask 255.255.255.0`: all of the network, to be careful
        const auto mask = parse_ipv4(words.peek());
        if (mask && (*low & ~*mask) == 0)
          made.addresses = Interval{*low, *low | ~*mask};
      }
    }
    globals_.push_back(made);
    device_.findings->modelled(at);
  }

  // What an access list permits, one rule for each entry; entries after a denial hold perhaps.
  std::vector<NatRule> by_list(const AccessList& list, const NatRule& base) const {
    std::vector<NatRule> rules;
    bool denied = false;
    for (const Entry& entry : list.entries) {
      if (entry.is_remark || entry.is_inactive)
        continue;
      if (!entry.permits) {
        denied = true;
        continue;
      }
      NatRule rule = base;
      rule.real = entry.source;
      rule.shown_destination = rule.true_destination = entry.destination;
      rule.is_unclear =
          base.is_unclear || denied || !entry.unknown.empty() || !entry.header.empty() || entry.services.size() != 1;
      if (!entry.services.empty() &&
          !(entry.services.front().is_every_protocol() && !entry.services.front().has_ports()))
        rule.shown_service = entry.services.front();
      rules.push_back(std::move(rule));
    }
    return rules;
  }

  // `static (REAL,MAPPED) [tcp|udp] MAPPED|interface [PORT] REAL [PORT] [netmask M]`, or `access-list L` for the real
  // side
  void static_line(Words& words, std::size_t at) {
    NatRule rule;
    rule.statement = at;
    const std::string pair = interface_of(words.take());
    const std::size_t comma = pair.find(',');
    if (comma == std::string::npos)
      return not_understood(at, "interfaces");
    rule.real_interface = pair.substr(0, comma);
    rule.mapped_interface = pair.substr(comma + 1);
    std::uint8_t protocol = 0;
    if (words.peek() == "tcp" || words.peek() == "udp")
      protocol = words.take() == "tcp" ? protocol_number::tcp : protocol_number::udp;
    std::uint32_t mapped = 0;
    if (words.take_if("interface")) {
      rule.mapped_is_interface = true;
    } else if (const auto value = address(words.take())) {
      mapped = *value;
      rule.mapped = AddressSet::of(MaskedAddress{mapped, 0xffffffffU});
    } else {
      return not_understood(at, "the mapped address");
    }
    std::optional<std::uint16_t> mapped_port;
    if (protocol != 0) {
      const std::vector<std::uint16_t> ports = find_ports(words.take());
      if (ports.size() != 1)
        return not_understood(at, "the mapped port");
      mapped_port = ports.front();
    }
    if (words.take_if("access-list"))
      return policy_static(words, at, rule, protocol, mapped_port);
    const auto real = address(words.take());
    if (!real)
      return not_understood(at, "the real address");
    std::optional<std::uint16_t> real_port;
    if (protocol != 0) {
      const std::vector<std::uint16_t> ports = find_ports(words.take());
      if (ports.size() != 1)
        return not_understood(at, "the real port");
      real_port = ports.front();
    }
    std::uint32_t mask = 0xffffffffU;
    if (words.take_if("netmask"))
      mask = parse_ipv4(words.take()).value_or(mask);
    rule.real = AddressSet::of(MaskedAddress{*real, mask});
    if (!rule.mapped_is_interface)
      rule.mapped = AddressSet::of(MaskedAddress{mapped, mask});
    rule.is_identity = !rule.mapped_is_interface && *real == mapped && real_port == mapped_port;
    if (protocol != 0)
      ports(rule, protocol, *real_port, *mapped_port);
    device_.findings->modelled(at);
    static_.push_back(std::move(rule));
  }

  static void ports(NatRule& rule, std::uint8_t protocol, std::uint16_t real, std::uint16_t mapped) {
    rule.shown_service = Service::protocol(protocol);
    rule.true_service = rule.shown_service;
    rule.shown_service->source_ports = IntervalSet::single(real);
    rule.true_service->source_ports = IntervalSet::single(mapped);
  }

  void policy_static(Words& words, std::size_t at, const NatRule& base, std::uint8_t protocol,
                     std::optional<std::uint16_t> mapped_port) {
    const AccessList* list = device_.lists->find(words.take());
    if (list == nullptr)
      return not_understood(at, "its access list is not defined");
    for (NatRule& rule : by_list(*list, base)) {
      if (protocol != 0 && mapped_port) {
        const Optional real = rule.shown_service ? rule.shown_service->source_ports : std::nullopt;
        if (real && real->size() == 1) {
          ports(rule, protocol, static_cast<std::uint16_t>(real->min()), *mapped_port);
        } else {
          rule.is_unclear = true;
        }
      }
      // A network is mapped to the one of its size that begins there.
      if (!rule.mapped_is_interface && rule.real.ipv4.intervals().size() == 1 && rule.mapped.ipv4.size() == 1) {
        const std::vector<Prefix> prefixes = prefixes_of(Family::ipv4, rule.real.ipv4.intervals().front());
        if (prefixes.size() == 1)
          rule.mapped = AddressSet::of(make_prefix({Family::ipv4, rule.mapped.ipv4.min()}, prefixes.front().length));
      }
      static_.push_back(std::move(rule));
    }
    device_.findings->modelled(at);
  }

  // `nat (IF) ID A M|access-list L [outside] ...`
  void nat(Words& words, std::size_t at) {
    Group group;
    group.rule.statement = at;
    group.rule.is_dynamic = true;
    group.rule.real_interface = interface_of(words.take());
    const auto id = parse_number(words.take());
    if (!id)
      return not_understood(at, "the number");
    group.id = *id;
    if (words.take_if("access-list")) {
      const AccessList* list = device_.lists->find(words.take());
      if (list == nullptr)
        return not_understood(at, "its access list is not defined");
      for (NatRule& rule : by_list(*list, group.rule)) {
        if (*id == 0) {
          rule.is_dynamic = false;
          rule.is_identity = true;
          rule.mapped = rule.real;
          exempt_.push_back(std::move(rule));
        } else {
          policy_.push_back({*id, std::move(rule)});
        }
      }
      return device_.findings->modelled(at);
    }
    const auto value = address(words.take());
    const auto mask = address(words.peek());
    if (!value)
      return not_understood(at, "the real addresses");
    if (*value == 0 && (!mask || *mask == 0)) {
      group.rule.real = AddressSet::of(Interval{0, 0xffffffffU});
    } else {
      group.rule.real = AddressSet::of(MaskedAddress{*value, mask.value_or(0xffffffffU)});
    }
    if (*id == 0) {  // its own address, for connections from this side
      group.rule.is_dynamic = false;
      group.rule.is_identity = true;
      group.rule.one_way = true;
    }
    regular_.push_back(std::move(group));
    device_.findings->modelled(at);
  }

  // One rule for each global pool of the number; where there is none, the connection is refused or goes as it is.
  void dynamic(const std::vector<Group>& groups, std::vector<NatRule>& rules) const {
    for (const Group& group : groups) {
      if (group.id == 0) {
        rules.push_back(group.rule);
        continue;
      }
      for (const Port& port : device_.ports->all()) {
        std::vector<Interval> pool;
        bool interface = false;
        for (const Global& global : globals_) {
          if (global.id != group.id || global.interface != port.name)
            continue;
          interface = interface || !global.addresses;
          if (global.addresses)
            pool.push_back(*global.addresses);
        }
        if (pool.empty() && !interface)
          continue;
        NatRule rule = group.rule;
        rule.mapped_interface = port.name;
        rule.mapped = {};
        rule.mapped.ipv4 = IntervalSet::of(pool);
        rule.mapped_is_interface = pool.empty();
        rule.is_unclear = rule.is_unclear || (interface && !pool.empty());
        rule.overloads = interface || rule.mapped.ipv4.size() == 1;
        rules.push_back(std::move(rule));
      }
    }
  }

  using Optional = std::optional<IntervalSet>;
  Device& device_;
  const Statements& statements_;
  std::vector<Global> globals_;
  std::vector<NatRule> exempt_, static_;
  std::vector<Group> policy_, regular_;
};

}  // namespace

std::vector<NatRule> read_old_firewall_nat(Device& device) {
  return OldNatReader(device).read();
}

bool has_old_nat(const Statements& statements) {
  bool found = false;
  statements.for_each_below(no_statement, [&](std::size_t at) {
    const std::string_view text = statements[at].text;
    const bool one_interface =
        text.starts_with("nat (") && text.substr(0, text.find(')')).find(',') == std::string_view::npos;
    found = found || one_interface || text.starts_with("static (") || text.starts_with("global (");
  });
  return found;
}

}  // namespace segproof::cisco
