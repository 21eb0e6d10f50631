// SPDX-License-Identifier: Apache-2.0
// Translation since release 8.3: `nat (real,mapped) source ...` at the top and `nat (real,mapped) ...` below objects.
#include "input/cisco/firewall_nat.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace segproof::cisco {
namespace {

class NatReader {
 public:
  explicit NatReader(Device& device) : device_(device), statements_(*device.statements) {}

  std::vector<NatRule> read() {
    statements_.for_each_below(no_statement, [&](std::size_t at) {
      const std::string_view text = statements_[at].text;
      if (text.starts_with("nat "))
        twice(at);
      if (text.starts_with("object network "))
        of_object(at);
    });
    std::ranges::stable_sort(rules_, [](const NatRule& a, const NatRule& b) { return place(a) < place(b); });
    return std::move(rules_);
  }

 private:
  // Section; below objects: static before dynamic, few addresses before many, low ones before high ones, by name.
  using Place = std::tuple<NatRule::Section, bool, Bits, Bits, std::string_view>;
  static Place place(const NatRule& rule) {
    if (rule.section != NatRule::Section::objects)
      return {rule.section, false, 0, 0, {}};
    const IntervalSet& set = rule.real.ipv4.is_empty() ? rule.real.ipv6 : rule.real.ipv4;
    return {rule.section, rule.is_dynamic, set.size(), set.is_empty() ? Bits{0} : set.min(), rule.object};
  }

  void not_understood(std::size_t at, const std::string& why) {
    device_.findings->unmodelled(at, DiagnosticCode::line_not_understood, fmt::format("translation: {}", why));
    device_.doubt_everything(at, "a translation that is not understood");
  }

  // "(inside,outside)"; "any" is empty. No device takes a line with an interface that it does not have: such a line
  // holds perhaps, and perhaps at any interface.
  bool interfaces(Words& words, NatRule& rule, std::string& why) const {
    std::string_view pair = words.peek();
    if (!pair.starts_with('('))
      return true;
    words.skip(1);
    std::string joined(pair);
    while (!joined.ends_with(')') && !words.done())
      joined += words.take();
    const std::size_t comma = joined.find(',');
    if (comma == std::string::npos || !joined.ends_with(')')) {
      why = fmt::format("interfaces {}", quote(joined));
      return false;
    }
    rule.real_interface = joined.substr(1, comma - 1);
    rule.mapped_interface = joined.substr(comma + 1, joined.size() - comma - 2);
    for (std::string* name : {&rule.real_interface, &rule.mapped_interface}) {
      if (*name == "any") {
        name->clear();
      } else if (device_.ports->find(*name) == nullptr) {
        device_.findings->unmodelled(rule.statement, DiagnosticCode::line_not_understood,
                                     fmt::format("translation: there is no interface {}", quote(*name)));
        rule.is_unclear = true;
        name->clear();
      }
    }
    return true;
  }

  bool addresses(Words& words, AddressSet& into, std::string& why, bool may_be_unknown = false) const {
    const std::string_view name = words.take();
    if (name == "any" || name == "any4" || name == "any6") {
      into = AddressSet::any();
      return true;
    }
    if (const AddressSet* set = device_.definitions->network(name)) {
      into = *set;
      return true;
    }
    if (const auto address = device_.definitions->address(name)) {
      into = AddressSet::of(MaskedAddress{*address, 0xffffffffU});
      return true;
    }
    if (const auto prefix = parse_ipv6_prefix(name)) {
      into = AddressSet::of(*prefix);
      return true;
    }
    if (const auto address = parse_address(name)) {
      into = AddressSet::of(make_prefix(*address, address_width(address->family)));
      return true;
    }
    if (!may_be_unknown) {
      why = fmt::format("{} is not defined", quote(name));
      return false;
    }
    into = AddressSet::unclear(std::string(name));
    return true;
  }

  // What comes after `static` or `dynamic REAL`: addresses, `interface`, `pat-pool X`.
  bool mapped(Words& words, NatRule& rule, std::string& why) const {
    if (words.take_if("interface")) {
      words.take_if("ipv6");
      rule.mapped_is_interface = true;
      rule.overloads = rule.is_dynamic;
      return true;
    }
    rule.overloads = words.take_if("pat-pool");
    if (!addresses(words, rule.mapped, why, rule.is_unclear))
      return false;
    if (rule.is_dynamic) {
      rule.overloads = rule.overloads || rule.mapped.ipv4.size() == 1 || rule.mapped.ipv6.size() == 1;
      if (words.take_if("interface")) {  // when the pool is used up
        words.take_if("ipv6");
        rule.is_unclear = true;
      }
      while (words.peek() == "round-robin" || words.peek() == "extended" || words.peek() == "flat" ||
             words.peek() == "include-reserve" || words.peek() == "block-allocation")
        words.skip(1);
    }
    return true;
  }

  bool one_service(std::string_view name, std::optional<Service>& into, std::string& why) const {
    if (name == "any")
      return true;
    const ServiceSet* services = device_.definitions->service(name);
    if (services == nullptr || services->size() != 1) {
      why = fmt::format("service {}", quote(name));
      return false;
    }
    into = services->front();
    return true;
  }

  bool twice_parts(Words& words, NatRule& rule, std::string& why) const {
    if (!words.take_if("source")) {
      why = "`source` is missing";
      return false;
    }
    rule.is_dynamic = words.peek() == "dynamic";
    if (!words.take_if("dynamic") && !words.take_if("static")) {
      why = "neither static nor dynamic";
      return false;
    }
    if (!addresses(words, rule.real, why) || !mapped(words, rule, why))
      return false;
    if (words.take_if("destination") && words.take_if("static")) {
      rule.shown_is_interface = words.take_if("interface");
      if (rule.shown_is_interface) {
        words.take_if("ipv6");
      } else if (!addresses(words, rule.shown_destination, why)) {
        return false;
      }
      if (!addresses(words, rule.true_destination, why))
        return false;
    }
    if (words.take_if("service")) {
      const std::string_view shown = words.take();
      const std::string_view truly = words.take();
      if (!one_service(shown, rule.shown_service, why) || !one_service(truly, rule.true_service, why))
        return false;
    }
    return true;
  }

  void twice(std::size_t at) {
    NatRule rule;
    rule.statement = at;
    std::string why;
    Words words(statements_[at].text);
    words.skip(1);
    bool good = interfaces(words, rule, why);
    if (words.take_if("after-auto"))
      rule.section = NatRule::Section::last;
    words.take_if("line");
    if (parse_number(words.peek()))
      words.skip(1);
    if (good && words.peek() != "source")
      return;  // the form of old releases
    good = good && twice_parts(words, rule, why);
    bool inactive = false;
    while (good && !words.done()) {
      const std::string_view option = words.take();
      if (option == "description") {
        break;
      }
      if (option == "inactive") {
        inactive = true;
      } else if (option == "unidirectional") {
        rule.one_way = true;
      } else if (option != "dns" && option != "no-proxy-arp" && option != "route-lookup" && option != "net-to-net") {
        why = fmt::format("option {}", quote(option));
        good = false;
      }
    }
    if (!good)
      return not_understood(at, why);
    device_.findings->modelled(at);
    if (!inactive)
      rules_.push_back(settle(std::move(rule)));
  }

  void of_object(std::size_t object) {
    const std::string name(split_words(statements_[object].text)[2]);
    statements_.for_each_below(object, [&](std::size_t at) {
      Words words(statements_[at].text);
      if (!words.take_if("nat"))
        return;
      NatRule rule;
      rule.section = NatRule::Section::objects;
      rule.statement = at;
      rule.object = name;
      std::string why;
      const AddressSet* real = device_.definitions->network(name);
      bool good = interfaces(words, rule, why);
      if (good && (real == nullptr || !real->has(Family::ipv4)) && (real == nullptr || !real->has(Family::ipv6))) {
        why = fmt::format("object {} has no addresses", quote(name));
        good = false;
      }
      rule.is_dynamic = words.peek() == "dynamic";
      if (good && !words.take_if("dynamic") && !words.take_if("static")) {
        why = "neither static nor dynamic";
        good = false;
      }
      good = good && mapped(words, rule, why);
      if (good && words.take_if("service"))
        good = port_pair(words, rule, why);
      if (!good)
        return not_understood(at, why);
      rule.real = *real;
      // `static 192.0.2.0` of a subnet: the subnet of the same size that begins there.
      widen(rule);
      device_.findings->modelled(at);
      rules_.push_back(settle(std::move(rule)));
    });
  }

  // `service tcp REAL MAPPED`
  static bool port_pair(Words& words, NatRule& rule, std::string& why) {
    const std::optional<unsigned> protocol = find_protocol(words.take());
    const std::vector<std::uint16_t> real = find_ports(words.take());
    const std::vector<std::uint16_t> mapped = find_ports(words.take());
    if (!protocol || real.size() != 1 || mapped.size() != 1) {
      why = "the ports";
      return false;
    }
    rule.shown_service = Service::protocol(*protocol);
    rule.true_service = rule.shown_service;
    rule.shown_service->source_ports = IntervalSet::single(real.front());
    rule.true_service->source_ports = IntervalSet::single(mapped.front());
    return true;
  }

  static void widen(NatRule& rule) {
    if (rule.is_dynamic || rule.mapped.is_any || rule.mapped.ipv4.size() != 1 || rule.real.ipv4.size() < 2)
      return;
    const std::vector<Prefix> prefixes = rule.real.ipv4.intervals().size() == 1
                                             ? prefixes_of(Family::ipv4, rule.real.ipv4.intervals().front())
                                             : std::vector<Prefix>();
    if (prefixes.size() == 1)
      rule.mapped = AddressSet::of(make_prefix({Family::ipv4, rule.mapped.ipv4.min()}, prefixes.front().length));
  }

  static NatRule settle(NatRule rule) {
    const auto same = [](const AddressSet& a, const AddressSet& b) {
      return a.is_any == b.is_any && a.ipv4 == b.ipv4 && a.ipv6 == b.ipv6 && a.masked == b.masked;
    };
    rule.is_identity = !rule.is_dynamic && !rule.mapped_is_interface && same(rule.real, rule.mapped);
    rule.translates_destination = rule.shown_is_interface || !same(rule.shown_destination, rule.true_destination);
    return rule;
  }

  Device& device_;
  const Statements& statements_;
  std::vector<NatRule> rules_;
};

}  // namespace

std::vector<NatRule> read_firewall_nat(Device& device) {
  return NatReader(device).read();
}

}  // namespace segproof::cisco
