// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/universe.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace segproof::naive {

namespace {

// Every constant that is compared with a field somewhere.
struct Constants {
  Family family = Family::ipv4;
  std::vector<IntervalSet> addresses;
  std::vector<IntervalSet> ports;
  std::set<std::uint8_t> protocols{protocol_number::tcp, protocol_number::udp, 47};
  std::set<std::uint16_t> icmp;

  void prefix(const Prefix& p) {
    if (p.address.family == family) {
      addresses.push_back(IntervalSet{p.interval()});
    }
  }
  void address(const Address& a) {
    if (a.family == family) {
      addresses.push_back(IntervalSet::single(a.bits));
    }
  }
  void field(Field field, const IntervalSet& values) {
    if (field == Field::source || field == Field::destination) {
      addresses.push_back(values);
    } else if (field == Field::source_port || field == Field::destination_port) {
      ports.push_back(values);
    } else if (field == Field::protocol && values.size() == 1) {
      protocols.insert(static_cast<std::uint8_t>(values.min()));
    }
  }
  // Only masks that are a prefix: others would need values that no interval tells apart.
  void mask(const model::MaskTest& m) {
    if ((m.field == Field::source || m.field == Field::destination) && (!m.family || *m.family == family)) {
      const Bits host = low_ones(address_width(family)) & ~m.mask;
      addresses.push_back(IntervalSet{{m.value, m.value | host}});
    }
  }
  void condition(const model::Condition& c) {
    for (const auto& test : c.tests) {
      if (const auto* f = std::get_if<model::FieldTest>(&test)) {
        if (!f->family || *f->family == family) {
          field(f->field, f->values);
        }
      } else if (const auto* m = std::get_if<model::MaskTest>(&test)) {
        mask(*m);
      } else if (const auto* any = std::get_if<model::AnyTest>(&test)) {
        for (const auto& alternative : any->alternatives) {
          condition(alternative);
        }
      }
    }
  }
  void translate(const model::Translate& t) {
    if (t.family == family) {
      for (const auto& interval : t.addresses) {
        addresses.push_back(IntervalSet{interval});
        addresses.push_back(IntervalSet::single(interval.low));
        addresses.push_back(IntervalSet::single(interval.high));
      }
    }
    if (t.network) {
      prefix(*t.network);
    }
    if (t.ports) {
      ports.push_back(IntervalSet{*t.ports});
      ports.push_back(IntervalSet::single(t.ports->low));
      ports.push_back(IntervalSet::single(t.ports->high));
    }
  }
  void node(const model::Node& node) {
    for (const auto& chain : node.rules.chains) {
      for (const auto& rule : chain.rules) {
        condition(rule.condition);
        if (const auto* t = std::get_if<model::Translate>(&rule.action)) {
          translate(*t);
        }
      }
    }
    const auto& routing = node.routing[model::index_of(family)];
    for (const auto& table : routing.tables) {
      for (const auto& route : table.routes) {
        prefix(route.destination);
      }
    }
    for (const auto& rule : routing.rules) {
      condition(rule.condition);
    }
    for (const auto& [protocol, looked_at] : node.scanned) {
      if (has_ports(protocol)) {
        ports.push_back(looked_at);
      }
    }
    for (const auto& service : node.services) {
      if (has_ports(service.protocol)) {
        ports.push_back(service.ports);
      }
    }
  }
  void names(const std::vector<claim::Name>& names) {
    for (const auto& name : names) {
      if (const auto p = parse_prefix(name.text)) {
        prefix(*p);
      }
    }
  }
  void service(const claim::ServiceSpec& spec) {
    if (spec.protocol && has_ports(*spec.protocol) && !spec.ports.is_empty()) {
      ports.push_back(spec.ports);
    }
  }
};

void add_claim(Constants& constants, const claim::Claim& claim) {
  for (const auto* names : {&claim.from, &claim.to, &claim.hosts, &claim.zones, &claim.through}) {
    constants.names(*names);
  }
  for (const auto* list : {&claim.services, &claim.except}) {
    for (const auto& allowed : *list) {
      constants.service(allowed.service);
      for (const auto* names : {&allowed.from, &allowed.to}) {
        constants.names(*names);
      }
    }
  }
}

Constants constants_of(const model::Network& network, std::span<const claim::Claim> claims, Family family,
                       const UniverseLimits& limits) {
  Constants constants;
  constants.family = family;
  for (const auto& interface : network.interfaces) {
    for (const auto& own : interface.addresses) {
      constants.address(own.address);
    }
  }
  for (const auto& segment : network.segments) {
    for (const auto& prefix : segment.prefixes) {
      constants.prefix(prefix);
      if (limits.broadcasts && family == Family::ipv4 && prefix.address.family == family && prefix.length <= 30) {
        constants.addresses.push_back(IntervalSet::single(prefix.last()));
      }
    }
  }
  for (const auto& zone : network.zones) {
    for (const auto& prefix : zone.prefixes) {
      constants.prefix(prefix);
    }
  }
  for (const auto& node : network.nodes) {
    constants.node(node);
  }
  for (const auto& claim : claims) {
    add_claim(constants, claim);
  }
  for (const auto& assumption : network.assumptions) {
    for (const auto& text : assumption.harmless) {
      if (const auto service = claim::parse_service(text)) {
        constants.service(*service);
      }
    }
  }
  if (family == Family::ipv4) {
    constants.icmp = {8 * 256, 0, 3 * 256 + 1};
  } else {
    constants.icmp = {128 * 256, 129 * 256, 1 * 256 + 4, 130 * 256};
  }
  return constants;
}

// 0, 224/4 and above, fe80::/10 and ff00::/8 are no ordinary addresses; class members outside are preferred.
bool is_special(Family family, Bits a) {
  return a == 0 || (family == Family::ipv4 ? (a >> 28U) >= 0xeU : (a >> 118U) == 0x3faU || (a >> 120U) == 0xffU);
}

void add_protocol(std::vector<Probe>& kinds, std::uint8_t protocol, const Constants& constants,
                  const std::vector<Bits>& ports) {
  if (is_icmp(protocol) && protocol == (constants.family == Family::ipv4 ? 1 : 58)) {
    return;
  }
  if (!has_ports(protocol)) {
    kinds.push_back(Probe{0, 0, 0, 0, protocol, 0, false});
    return;
  }
  const std::vector<std::uint8_t> flag_sets =
      protocol == protocol_number::tcp
          ? std::vector<std::uint8_t>{tcp_flag::syn, tcp_flag::syn | tcp_flag::ack, tcp_flag::ack}
          : std::vector<std::uint8_t>{0};
  for (const Bits from : ports) {
    for (const Bits to : ports) {
      for (const auto flags : flag_sets) {
        kinds.push_back(
            Probe{0, 0, static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to), protocol, flags, false});
      }
    }
  }
}

// What a packet can be beside its addresses.
std::vector<Probe> kinds_of(const Constants& constants, const UniverseLimits& limits) {
  std::vector<Probe> kinds;
  const auto ports = representatives(constants.ports, 0xffffU);
  for (const auto protocol : constants.protocols) {
    add_protocol(kinds, protocol, constants, ports);
    if (limits.fragments && has_ports(protocol)) {
      kinds.push_back(Probe{0, 0, 0, 0, protocol, 0, true});
    }
  }
  for (const auto type : constants.icmp) {
    const auto protocol = constants.family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6;
    kinds.push_back(Probe{0, 0, 0, type, protocol, 0, false});
  }
  return kinds;
}

std::vector<Probe> part_of(const std::vector<Probe>& all, Family family, const UniverseLimits& limits) {
  std::mt19937_64 random(limits.seed);
  std::vector<Probe> shuffled = all;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  std::set<Probe> chosen;
  for (const auto& probe : shuffled) {
    if (chosen.size() >= limits.packets) {
      break;
    }
    chosen.insert(probe);
    const auto back = inverse(tuple_of(probe), family);
    if (back && !probe.fragment && !is_special(family, back->source)) {
      Probe answer = *back;
      if (probe.protocol == protocol_number::tcp) {
        answer.flags = tcp_flag::syn;
        chosen.insert(answer);
        answer.flags = tcp_flag::syn | tcp_flag::ack;
      }
      chosen.insert(answer);
    }
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace

std::vector<Bits> representatives(const std::vector<IntervalSet>& sets, Bits max) {
  std::set<Bits> starts{0};
  for (const auto& set : sets) {
    for (const auto& interval : set.intervals()) {
      starts.insert(interval.low);
      if (interval.high < max) {
        starts.insert(interval.high + 1);
      }
    }
  }
  std::map<std::vector<bool>, Bits> classes;
  const std::vector<Bits> sorted(starts.begin(), starts.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Bits end = i + 1 < sorted.size() ? sorted[i + 1] - 1 : max;
    const Bits value = sorted[i] == 0 && end > 0 ? Bits{1} : sorted[i];
    std::vector<bool> signature;
    for (const auto& set : sets) {
      signature.push_back(set.contains(value));
    }
    classes.try_emplace(signature, value);
  }
  std::vector<Bits> values;
  for (const auto& [signature, value] : classes) {
    values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  return values;
}

std::vector<Probe> universe_of(const model::Network& network, std::span<const claim::Claim> claims, Family family,
                               const UniverseLimits& limits) {
  Constants constants = constants_of(network, claims, family, limits);
  // The special addresses are classes of their own.
  const Bits max = field_max(Field::source, family);
  if (family == Family::ipv4) {
    constants.addresses.push_back(IntervalSet{{0, 0}, {Bits{0xe0000000U}, max}});
  } else {
    constants.addresses.push_back(
        IntervalSet{{0, 0}, {Bits{0x3faU} << 118U, (Bits{0x3fbU} << 118U) - 1}, {Bits{0xffU} << 120U, max}});
  }
  std::vector<Bits> addresses;
  for (const Bits address : representatives(constants.addresses, max)) {
    if (!is_special(family, address)) {
      addresses.push_back(address);
    }
  }
  std::vector<Bits> destinations = addresses;
  if (family == Family::ipv4) {
    destinations.push_back(Bits{0xe0000001U});
  } else {
    destinations.push_back((Bits{0xfe80U} << 112U) + 1);
  }
  if (limits.broadcasts) {
    destinations.push_back(family == Family::ipv4 ? Bits{0xffffffffU} : (Bits{0xff02U} << 112U) + 1);
  }
  std::vector<Probe> all;
  for (Probe kind : kinds_of(constants, limits)) {
    for (const Bits source : addresses) {
      for (const Bits destination : destinations) {
        kind.source = source;
        kind.destination = destination;
        all.push_back(kind);
      }
    }
  }
  return all.size() <= limits.packets ? all : part_of(all, family, limits);
}

}  // namespace segproof::naive
