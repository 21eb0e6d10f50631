// SPDX-License-Identifier: Apache-2.0
#include "probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "constants.h"
#include "sandbox.h"

namespace segproof::oracle {
namespace {

class Aim {
 public:
  Aim(Dice& dice, const Draft& draft) : dice_(dice), draft_(draft), no_sctp_(draft.any(&DraftRule::asks_length)) {
    for (const DraftTable& table : draft.tables) {
      for (const DraftChain& chain : table.chains) {
        for (const DraftRule& rule : chain.rules)
          hints_.push_back(&rule.hints);
      }
    }
  }

  Probe shot() {
    Probe probe;
    start(probe);
    if (!hints_.empty() && dice_.percent(93)) {
      for (std::uint64_t count = 1 + dice_.below(3); count > 0; --count)
        follow(*dice_.pick(hints_), probe);
    }
    finish(probe);
    return probe;
  }

 private:
  Bits address() { return random_address(dice_, draft_.family).bits; }
  Bits own() { return random_own_address(dice_, draft_.family).bits; }

  void start(Probe& probe) {
    Packet& packet = probe.packet;
    packet.family = draft_.family;
    packet[Field::source] = dice_.percent(4) ? own() : address();
    packet[Field::destination] = dice_.percent(15) ? own() : address();
    const std::uint8_t icmp = draft_.family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6;
    const std::uint8_t other = draft_.family == Family::ipv4 ? protocol_number::icmpv6 : protocol_number::icmp;
    packet[Field::protocol] = dice_.pick<unsigned>({6, 6, 6, 17, 17, icmp, icmp, 47, 50, 132, 136, 33, other});
    packet[Field::source_port] = dice_.percent(70) ? Bits{1024 + dice_.below(60000)} : port();
    packet[Field::destination_port] = port();
    packet[Field::tcp_flags] = flags();
    icmp_type_ = type_and_code();
    probe.ingress = dice_.percent(12) ? std::string() : dice_.pick(Sandbox::interfaces());
    probe.way = dice_.percent(25) && !probe.ingress.empty() ? std::string() : dice_.pick(Sandbox::interfaces());
  }

  Bits port() { return dice_.near(random_ports(dice_), 65535); }
  Bits flags() {
    if (dice_.percent(75))
      return tcp_flag::syn;
    return dice_.percent(60) ? dice_.pick<unsigned>({0x10, 0x12, 0x04, 0x00, 0x29, 0x03, 0x11, 0x14, 0x0a, 0xc2})
                             : dice_.below(256);
  }
  Bits type_and_code() {
    const auto type = draft_.family == Family::ipv4
                          ? dice_.pick({8U, 8U, 8U, 0U, 3U, 5U, 11U, 12U, 13U, 14U, 17U, 9U, 40U})
                          : dice_.pick({128U, 128U, 128U, 129U, 1U, 2U, 3U, 4U, 130U, 133U, 135U, 136U, 139U, 143U});
    return Bits{type} * 256 + (dice_.percent(75) ? 0 : dice_.pick({1U, 3U, 4U, 255U}));
  }

  void follow(const Hints& hints, Probe& probe) {
    Packet& packet = probe.packet;
    const auto take = [&](const std::vector<Interval>& values, Field field, Bits max) {
      if (!values.empty() && dice_.percent(90))
        packet[field] = dice_.near(dice_.pick(values), max);
    };
    const Bits highest = low_ones(address_width(draft_.family));
    take(hints.sources, Field::source, highest);
    take(hints.destinations, Field::destination, highest);
    if (hints.protocol && dice_.percent(92))
      packet[Field::protocol] = *hints.protocol;
    if (is_icmp(packet.protocol())) {
      if (!hints.destination_ports.empty() && dice_.percent(80))
        icmp_type_ = dice_.near(dice_.pick(hints.destination_ports), 65535);
    } else {
      take(hints.source_ports, Field::source_port, 65535);
      take(hints.destination_ports, Field::destination_port, 65535);
    }
    const auto exists = [](const std::string& name) {
      return std::ranges::find(Sandbox::interfaces(), name) != Sandbox::interfaces().end();
    };
    if (exists(hints.in) && !probe.ingress.empty() && dice_.percent(85))
      probe.ingress = hints.in;
    if (exists(hints.out) && dice_.percent(85))
      probe.way = hints.out;
  }

  // Only packets that netfilter, not routing, decides about.
  void finish(Probe& probe) {
    Packet& packet = probe.packet;
    if (!is_plain(packet.source()))
      packet[Field::source] = address();
    if (!is_plain(packet.destination()))
      packet[Field::destination] = address();
    if (no_sctp_ && packet.protocol() == protocol_number::sctp)
      packet[Field::protocol] = protocol_number::tcp;
    if (probe.ingress.empty()) {
      while (is_own(packet.destination()))
        packet[Field::destination] = address();
      if (dice_.percent(60))
        packet[Field::source] = own();
    }
    const std::uint8_t protocol = packet.protocol();
    if (!has_ports(protocol)) {
      packet[Field::source_port] = 0;
      packet[Field::destination_port] = is_icmp(protocol) ? icmp_type_ : 0;
    }
    if (protocol != protocol_number::tcp)
      packet[Field::tcp_flags] = 0;
  }

  static bool is_own(const Address& address) {
    return std::ranges::any_of(Sandbox::own_addresses().entries,
                               [&](const auto& entry) { return entry.address.address == address; });
  }

  Dice& dice_;
  const Draft& draft_;
  bool no_sctp_;
  std::vector<const Hints*> hints_;
  Bits icmp_type_ = 0;
};

}  // namespace

std::vector<Probe> random_probes(Dice& dice, const Draft& draft, std::size_t count) {
  Aim aim(dice, draft);
  std::vector<Probe> probes;
  probes.reserve(count);
  while (probes.size() < count)
    probes.push_back(aim.shot());
  std::ranges::stable_sort(probes, {}, &Probe::way);
  return probes;
}

std::string text_of(const Probe& probe) {
  return fmt::format("{} > {}: {}", probe.ingress.empty() ? "LOCAL" : probe.ingress,
                     probe.way.empty() ? "LOCAL" : probe.way, to_string(probe.packet));
}

}  // namespace segproof::oracle
