// SPDX-License-Identifier: Apache-2.0
#include "bench/rule_list.h"

#include <algorithm>
#include <array>

#include "bench/random.h"

namespace segproof::bench {
namespace {

constexpr std::array<std::uint16_t, 30> known_ports{443,  80,   22,   3389, 1433, 53,  25,  3306, 5432, 8080,
                                                    8443, 389,  636,  88,   445,  139, 123, 161,  514,  6379,
                                                    9200, 5671, 1521, 2049, 111,  21,  23,  69,   179,  5900};
constexpr Interval every_port{0, 65535};
constexpr Interval dynamic_ports{1024, 65535};

// Addresses are drawn in IPv4. In IPv6 the first two octets choose the /48, the third the /64, the fourth the host.
Bits widened(std::uint32_t address, bool upper) {
  const Bits site = Bits{0x20010db8U} << 96U | Bits{address >> 16U} << 80U | Bits{address >> 8U & 255U} << 64U;
  return site | (upper ? low_ones(64) : Bits{address & 255U});
}

struct Addresses {
  std::uint32_t low = 0;
  std::uint32_t high = 0xffffffffU;
};

Addresses prefix(std::uint32_t address, unsigned length) {
  const std::uint32_t rest = length == 0 ? 0xffffffffU : (1U << (32U - length)) - 1U;
  return {address & ~rest, address | rest};
}

class Generator {
 public:
  explicit Generator(const ListShape& shape) : shape_(shape), random_(shape.seed) {
    const unsigned sites = std::clamp(shape.rules / 200U + 2U, 2U, 200U);
    for (unsigned i = 0; i < std::max(8U, shape.rules / 20U); ++i) {
      const bool other = random_.per_mille(150);
      const std::uint32_t site = other ? 0xac100000U + (random_.below(16) << 16U) : 0x0a000000U;
      networks_.push_back(site | (other ? 0U : random_.below(sites) << 16U) | random_.below(256) << 8U);
    }
    for (unsigned i = 0; i < std::max(20U, shape.rules / 3U); ++i) {
      hosts_.push_back(networks_[random_.skewed(networks_.size())] | (1U + random_.below(254)));
    }
    for (unsigned i = 0; i < std::max(10U, shape.rules / 20U); ++i) {
      strangers_.push_back(0x10000000U + random_.below(0x90000000U));
    }
  }

  ListRule next() {
    ListRule rule;
    if (shape_.kind == ListKind::crossed) {
      crossed(rule);
    } else {
      const bool wide = shape_.kind == ListKind::wide;
      const bool to_anybody = random_.per_mille(wide ? 40 : 4);
      const Addresses to = to_anybody ? Addresses{} : addresses(wide ? 50 : 10, wide ? 320 : 270);
      const bool from_anybody = random_.per_mille(wide ? 120 : to_anybody ? 0 : 30);
      const Addresses from = from_anybody ? Addresses{} : addresses(wide ? 90 : 20, 450);
      rule.destination = interval(to);
      rule.source = interval(from);
      service(rule);
      const bool large = to.high - to.low > 70000 || from.high - from.low > 70000;
      if (!wide && large && rule.destination_port == every_port && rule.protocol.low != protocol_number::icmp) {
        rule.protocol = {protocol_number::tcp, protocol_number::tcp};
        rule.destination_port = {443, 443};
      }
      action(rule, wide);
    }
    rule.permit = rule.permit || shape_.permit_only;
    return rule;
  }

 private:
  Interval interval(Addresses addresses) const {
    if (shape_.family == Family::ipv4) {
      return {addresses.low, addresses.high};
    }
    if (addresses.low == 0 && addresses.high == 0xffffffffU) {
      return {0, ~Bits{0}};
    }
    const bool whole = addresses.high - addresses.low >= 255;  // networks, not hosts in one
    return {widened(addresses.low, false), widened(addresses.high, whole)};
  }

  // A large prefix, a network or a part of it, or else a host; chances per mille.
  Addresses addresses(unsigned large, unsigned network) {
    const unsigned choice = random_.below(1000);
    if (choice < large) {
      const std::uint32_t base = networks_[random_.below(static_cast<std::uint32_t>(networks_.size()))];
      constexpr std::array<unsigned, 4> lengths{8, 16, 20, 22};
      return prefix(base, lengths[random_.below(4)]);
    }
    if (choice < large + network) {
      const std::uint32_t base = networks_[random_.skewed(networks_.size())];
      if (random_.per_mille(120)) {
        const std::uint32_t first = base + random_.below(200);
        return {first, first + 1 + random_.below(50)};
      }
      return prefix(base | random_.below(256), random_.per_mille(600) ? 24 : 25 + random_.below(5));
    }
    if (random_.per_mille(120)) {
      return prefix(strangers_[random_.below(static_cast<std::uint32_t>(strangers_.size()))],
                    random_.per_mille(500) ? 32 : 24);
    }
    return prefix(hosts_[random_.skewed(hosts_.size())], 32);
  }

  void service(ListRule& rule) {
    const unsigned choice = random_.below(1000);
    if (choice < 10) {
      return;  // every protocol
    }
    const Bits protocol = choice < 760   ? protocol_number::tcp
                          : choice < 950 ? protocol_number::udp
                                         : protocol_number::icmp;
    rule.protocol = {protocol, protocol};
    if (protocol == protocol_number::icmp) {
      constexpr std::array<Bits, 4> types{8, 0, 3, 11};
      const Bits type = types[random_.below(4)];
      if (random_.per_mille(700)) {
        rule.destination_port = {type << 8U, type << 8U | 255U};
      }
      return;
    }
    rule.destination_port = ports();
    if (random_.per_mille(20)) {
      rule.source_port = dynamic_ports;
    }
    if (protocol == protocol_number::tcp && random_.per_mille(50)) {
      rule.flags = {2, 3};
    }
  }

  Interval ports() {
    const unsigned choice = random_.below(1000);
    if (choice < 40) {
      return dynamic_ports;
    }
    if (choice < 100) {
      const std::uint32_t first = random_.below(60000);
      return {first, first + 1 + random_.below(random_.per_mille(500) ? 10 : 2000)};
    }
    if (choice < 220) {
      return every_port;
    }
    const std::uint32_t port =
        random_.per_mille(150) ? 1024 + random_.below(20000) : known_ports[random_.skewed(known_ports.size())];
    return {port, port};
  }

  void action(ListRule& rule, bool wide) {
    if (wide) {
      rule.permit = !random_.per_mille(200);
      return;
    }
    if (random_.per_mille(20)) {
      permitting_ = !permitting_;
    }
    rule.permit = permitting_ || random_.per_mille(500);
  }

  void crossed(ListRule& rule) {
    const std::uint32_t host = hosts_[random_.below(static_cast<std::uint32_t>(hosts_.size()))];
    (random_.per_mille(500) ? rule.destination : rule.source) = interval(prefix(host, 32));
    (rule.destination.high == 0 ? rule.destination : rule.source) = interval({});
    rule.protocol = {protocol_number::tcp, protocol_number::tcp};
    const std::uint32_t port = random_.below(65536);
    rule.destination_port = {port, port};
  }

  ListShape shape_;
  Random random_;
  std::vector<std::uint32_t> networks_;
  std::vector<std::uint32_t> hosts_;
  std::vector<std::uint32_t> strangers_;
  bool permitting_ = true;
};

constexpr std::array<Field, 6> list_fields{Field::protocol,         Field::destination, Field::source,
                                           Field::destination_port, Field::source_port, Field::tcp_flags};

}  // namespace

Interval ListRule::of(Field field) const {
  const std::array<Interval, 6> intervals{protocol, destination, source, destination_port, source_port, flags};
  const auto place = std::find(list_fields.begin(), list_fields.end(), field);
  return intervals[static_cast<std::size_t>(place - list_fields.begin())];
}

RuleList make_rule_list(const ListShape& shape) {
  Generator generator(shape);
  RuleList list{shape.family, {}};
  list.rules.reserve(shape.rules);
  for (unsigned i = 0; i < shape.rules; ++i) {
    list.rules.push_back(generator.next());
  }
  return list;
}

std::vector<Run> runs_of(const RuleList& list) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < list.rules.size(); ++i) {
    if (i == 0 || list.rules[i].permit != list.rules[i - 1].permit) {
      runs.push_back({i, 0});
    }
    ++runs.back().count;
  }
  return runs;
}

std::optional<std::size_t> first_match(const RuleList& list, const Packet& packet) {
  const auto matches = [&](const ListRule& rule) {
    return std::all_of(list_fields.begin(), list_fields.end(), [&](Field field) {
      const Interval interval = rule.of(field);
      return packet[field] >= interval.low && packet[field] <= interval.high;
    });
  };
  const auto found = std::find_if(list.rules.begin(), list.rules.end(), matches);
  if (found == list.rules.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - list.rules.begin());
}

std::vector<Packet> telling_packets(const RuleList& list, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Packet> packets;
  for (std::size_t i = 0; i < count && !list.rules.empty(); ++i) {
    Packet packet{list.family, {}};
    const ListRule& one = random.one_of(std::span<const ListRule>(list.rules));
    const ListRule& other = random.one_of(std::span<const ListRule>(list.rules));
    for (const Field field : list_fields) {
      const Bits max = field_max(field, list.family);
      const Interval interval = (random.per_mille(300) ? other : one).of(field);
      const unsigned choice = random.below(8);
      packet[field] = choice < 3   ? interval.low
                      : choice < 6 ? std::min(interval.high, max)
                      : choice < 7 ? (interval.low > 0 ? interval.low - 1 : 0)
                                   : std::min(interval.low + random.below(5000), max);
    }
    packets.push_back(packet);
  }
  return packets;
}

}  // namespace segproof::bench
