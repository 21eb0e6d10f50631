// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "claim/places.h"
#include "confirm/blueprint.h"
#include "confirm/dice.h"
#include "confirm/trial.h"
#include "reach/replay.h"

namespace segproof::confirm {
namespace {

using claim::Place;
using claim::PlacePart;
using claim::Resolved;
using model::InterfaceId;
using model::Network;
using model::NodeId;
using model::SegmentId;

constexpr std::size_t most_tries = 40;  // for each packet that is wanted

// What the rules of the network speak of.
struct Constants {
  std::array<std::vector<Interval>, 2> addresses;     // by family
  std::array<std::vector<Interval>, 2> destinations;  // of translations
  std::vector<Interval> ports;
  std::vector<std::uint8_t> protocols;

  void add(const model::Condition& condition, bool translates) {
    for (const model::Test& test : condition.tests) {
      if (const auto* any = std::get_if<model::AnyTest>(&test)) {
        for (const model::Condition& alternative : any->alternatives) {
          add(alternative, translates);
        }
      } else if (const auto* field = std::get_if<model::FieldTest>(&test)) {
        add(*field, translates);
      }
    }
  }

 private:
  void add(const model::FieldTest& test, bool translates) {
    for (const Interval& interval : test.values.intervals()) {
      switch (test.field) {
        case Field::source:
        case Field::destination: {
          const Family family = test.family.value_or(interval.high >> 32U == 0 ? Family::ipv4 : Family::ipv6);
          addresses[model::index_of(family)].push_back(interval);
          if (translates && test.field == Field::destination) {
            destinations[model::index_of(family)].push_back(interval);
          }
          break;
        }
        case Field::source_port:
        case Field::destination_port:
          ports.push_back(interval);
          break;
        case Field::protocol:
          if (interval.low == interval.high) {
            protocols.push_back(static_cast<std::uint8_t>(interval.low));
          }
          break;
        case Field::origin:
        case Field::ingress:
        case Field::egress:
        case Field::state:
        case Field::translated:
        case Field::mark:
        case Field::connection_mark:
        case Field::fragment:
        case Field::tcp_flags:
          break;
      }
    }
  }
};

Constants constants_of(const Network& network) {
  Constants constants;
  for (const model::Node& node : network.nodes) {
    for (const model::Chain& chain : node.rules.chains) {
      for (const model::Rule& rule : chain.rules) {
        constants.add(rule.condition, std::holds_alternative<model::Translate>(rule.action));
      }
    }
  }
  return constants;
}

// Addresses of one host on one wire, as Linux sees it: no multicast, no loopback, nothing that means everybody.
class PlainAddresses {
 public:
  explicit PlainAddresses(const Network& network) {
    for (const model::Interface& interface : network.interfaces) {
      for (const InterfaceAddress& address : interface.addresses) {
        if (network.node(interface.node).kind == model::NodeKind::device) {
          own_.insert(address.address);
        }
        if (address.prefix.length + 1 < address_width(address.address.family)) {
          to_all_.insert({address.address.family, address.prefix.first()});
          to_all_.insert({address.address.family, address.prefix.last()});
        }
      }
    }
  }
  [[nodiscard]] bool is_source(const Address& address) const { return is_plain(address) && !own_.contains(address); }
  [[nodiscard]] bool is_plain(const Address& address) const {
    if (to_all_.contains(address)) {
      return false;
    }
    if (address.family == Family::ipv4) {
      const Bits first = address.bits >> 24U;
      return first != 0 && first != 127 && first < 224 && address.bits >> 16U != 0xa9feU;
    }
    const Bits first = address.bits >> 112U;
    return first >= 0x2000 && first < 0xfe00;
  }

 private:
  std::set<Address> own_;     // of devices: Linux takes no packet from itself
  std::set<Address> to_all_;  // broadcast, and anycast of routers
};

// Draws packets and asks the model for each.
class Sampler {
 public:
  Sampler(const input::Snapshot& snapshot, std::uint64_t seed)
      : snapshot_(snapshot),
        network_(snapshot.network),
        constants_(constants_of(network_)),
        plain_(network_),
        dice_(seed) {}

  // Up to `count` packets from one side to the other. `wanted` says which ends count.
  template <class Wanted>
  void draw(const Resolved& from, const Resolved& to, std::size_t count, Trial& trial, Wanted wanted) {
    if (from.parts.empty() || to.parts.empty()) {
      return;
    }
    const std::size_t enough = trial.shots.size() + count;
    for (std::size_t tries = count * most_tries; tries > 0 && trial.shots.size() < enough; --tries) {
      std::optional<Shot> shot = draw_one(dice_.pick(from.parts), dice_.pick(to.parts));
      if (shot && decide(*shot) && wanted(*shot)) {
        trial.shots.push_back(std::move(*shot));
      }
    }
  }

  // The nodes on its way, which is that of a packet whose end is decided.
  [[nodiscard]] std::set<NodeId> nodes_of(const Shot& shot) const {
    std::set<NodeId> nodes;
    for (const reach::ReplayPath& path :
         reach::Replay(network_, shot.packet.family).send_to(shot.receiver, shot.packet)) {
      for (const reach::ReplayHop& hop : path.hops) {
        nodes.insert(hop.node);
      }
    }
    return nodes;
  }

 private:
  [[nodiscard]] std::optional<Shot> draw_one(const PlacePart& sender, const PlacePart& target) {
    const SegmentId wire = wire_of(sender.place);
    if (!wire.valid() || (target.place.segment.valid() && target.place.segment == wire)) {
      return std::nullopt;  // nothing lies between
    }
    const Family family = dice_.percent(60) ? Family::ipv4 : Family::ipv6;
    const IntervalSet& there = target.addresses[model::index_of(family)];
    const std::vector<InterfaceId> receivers = receivers_on(wire, sender.place.node);
    if (there.is_empty() || receivers.empty()) {
      return std::nullopt;
    }
    Shot shot;
    shot.wire = wire;
    shot.receiver = dice_.pick(receivers);
    shot.actor = claim::place_name(sender.place, network_);
    Packet& packet = shot.packet;
    packet.family = family;
    packet[Field::source] = source(sender, family);
    packet[Field::destination] = destination(there, family);
    fill(packet);
    const bool good = plain_.is_source(packet.source()) && plain_.is_plain(packet.destination()) &&
                      packet.source() != packet.destination() && is_new(packet);
    return good ? std::optional(std::move(shot)) : std::nullopt;
  }

  [[nodiscard]] SegmentId wire_of(const Place& place) {
    if (place.segment.valid() || !place.node.valid()) {
      return place.segment;
    }
    std::vector<SegmentId> wires;
    for (const InterfaceId id : network_.node(place.node).interfaces) {
      if (network_.interface(id).segment.valid() && network_.interface(id).is_up) {
        wires.push_back(network_.interface(id).segment);
      }
    }
    return wires.empty() ? SegmentId() : dice_.pick(wires);
  }

  [[nodiscard]] std::vector<InterfaceId> receivers_on(SegmentId wire, NodeId sender) const {
    std::vector<InterfaceId> result;
    const std::vector<NodeId> routers = routers_of(network_);
    for (const InterfaceId id : network_.segment(wire).attached) {
      const NodeId node = network_.interface(id).node;
      if (node != sender && network_.interface(id).is_up && std::ranges::find(routers, node) != routers.end()) {
        result.push_back(id);
      }
    }
    return result;
  }

  [[nodiscard]] Bits some(const IntervalSet& set, Family family) {
    const std::vector<Interval> intervals(set.intervals().begin(), set.intervals().end());
    const Interval& interval = dice_.pick(intervals);
    const Bits value = dice_.near(interval, low_ones(address_width(family)));
    return set.contains(value) ? value : dice_.inside(interval);
  }
  [[nodiscard]] Bits constant(const std::vector<Interval>& constants, Family family) {
    return dice_.near(dice_.pick(constants), low_ones(address_width(family)));
  }

  // Mostly the sender's own address, else one that rules ask for.
  [[nodiscard]] Bits source(const PlacePart& sender, Family family) {
    const std::size_t f = model::index_of(family);
    const IntervalSet& own = sender.addresses[f];
    if (!own.is_empty() && dice_.percent(65)) {
      return some(own, family);
    }
    return constants_.addresses[f].empty() ? dice_.inside({0, low_ones(address_width(family))})
                                           : constant(constants_.addresses[f], family);
  }

  // Mostly the target's address, else one that is translated to something.
  [[nodiscard]] Bits destination(const IntervalSet& there, Family family) {
    const std::vector<Interval>& translated = constants_.destinations[model::index_of(family)];
    if (!translated.empty() && dice_.percent(25)) {
      return constant(translated, family);
    }
    if (dice_.percent(10)) {
      std::vector<Address> own;
      for (const model::Interface& interface : network_.interfaces) {
        for (const InterfaceAddress& address : interface.addresses) {
          if (address.address.family == family && network_.node(interface.node).kind == model::NodeKind::device) {
            own.push_back(address.address);
          }
        }
      }
      if (!own.empty()) {
        return dice_.pick(own).bits;
      }
    }
    return some(there, family);
  }

  [[nodiscard]] Bits port() {
    if (!constants_.ports.empty() && dice_.percent(70)) {
      return dice_.near(dice_.pick(constants_.ports), 65535) & 65535U;
    }
    return dice_.pick<unsigned>({22, 53, 80, 443, 1, 1023, 1024, 8080, 65535});
  }

  void fill(Packet& packet) {
    const std::uint8_t icmp = packet.family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6;
    packet[Field::protocol] = dice_.pick<unsigned>({6, 6, 6, 17, 17, icmp, 47});
    if (!constants_.protocols.empty() && dice_.percent(20)) {
      packet[Field::protocol] = dice_.pick(constants_.protocols);
    }
    const std::uint8_t protocol = packet.protocol();
    if (has_ports(protocol)) {
      packet[Field::source_port] = dice_.percent(75) ? Bits{1024 + dice_.below(64000)} : port();
      packet[Field::destination_port] = port();
    }
    if (is_icmp(protocol)) {
      const Bits query = protocol == protocol_number::icmp ? 8 : 128;
      const Bits type = dice_.percent(60) ? query : dice_.pick<unsigned>({0, 3, 5, 11, 13, 1, 129, 2});
      packet[Field::destination_port] = type * 256;
    }
    if (protocol == protocol_number::tcp) {
      packet[Field::tcp_flags] =
          dice_.percent(70) ? tcp_flag::syn : dice_.pick<unsigned>({0x10, 0x12, 0x04, 0x11, 0x00});
    }
  }

  // Each packet is the first of its flow, and none is an answer to another one.
  [[nodiscard]] bool is_new(const Packet& packet) {
    const Flow there{packet.protocol(), packet.source(), packet[Field::source_port], packet.destination(),
                     packet[Field::destination_port]};
    const Flow back{packet.protocol(), packet.destination(), packet[Field::destination_port], packet.source(),
                    packet[Field::source_port]};
    return !flows_.contains(back) && flows_.insert(there).second;
  }

  // Where it ends, if the model is sure, whatever the network chooses.
  [[nodiscard]] bool decide(Shot& shot) const {
    reach::Replay replay(network_, shot.packet.family);
    const std::vector<reach::ReplayPath> paths = replay.send_to(shot.receiver, shot.packet);
    std::optional<std::optional<Seat>> end;
    for (const reach::ReplayPath& path : paths) {
      std::optional<Seat> here;
      switch (path.fate) {
        case reach::ReplayFate::delivered:
          here = path.node.valid() ? Seat{path.node, {}} : Seat{{}, path.segment};
          break;
        case reach::ReplayFate::denied:
        case reach::ReplayFate::lost:
          break;
        case reach::ReplayFate::undecided:
          return false;
      }
      const bool is_built = !here || !here->node.valid() || why_not_linux(here->node, snapshot_).empty();
      if (!is_built || (end && *end != here)) {
        return false;
      }
      end = here;
    }
    if (!end) {
      return false;
    }
    shot.expected = *end;
    shot.as_good = router_of(shot.expected, network_);
    return true;
  }

  using Flow = std::tuple<std::uint8_t, Address, Bits, Address, Bits>;
  const input::Snapshot& snapshot_;
  const Network& network_;
  Constants constants_;
  PlainAddresses plain_;
  Dice dice_;
  std::set<Flow> flows_;
};

void need_all_routers(const Network& network, Trial& trial) {
  for (const NodeId node : routers_of(network)) {
    trial.nodes.insert(node);
  }
}

std::string first_that_is_not_linux(const input::Snapshot& snapshot) {
  for (const NodeId node : routers_of(snapshot.network)) {
    if (std::string why = why_not_linux(node, snapshot); !why.empty()) {
      return why;
    }
  }
  return {};
}

// Both directions of the claim, where it has two.
std::vector<std::pair<Resolved, Resolved>> sides_of(const claim::Claim& claim, const Network& network) {
  switch (claim.kind) {
    case claim::Kind::isolated:
    case claim::Kind::no_new_sessions:
    case claim::Kind::only:
    case claim::Kind::contained:
    case claim::Kind::via:
    case claim::Kind::reachable:
      return {{claim::resolve(claim.from, network), claim::resolve(claim.to, network)}};
    case claim::Kind::isolated_both_ways: {
      const Resolved from = claim::resolve(claim.from, network);
      const Resolved to = claim::resolve(claim.to, network);
      return {{from, to}, {to, from}};
    }
    case claim::Kind::detached: {
      const Resolved hosts = claim::resolve(claim.hosts, network);
      const Resolved rest = claim::others(claim::all_places(network), hosts);
      return {{hosts, rest}, {rest, hosts}};
    }
    case claim::Kind::no_exfiltration:
    case claim::Kind::no_direct_exfiltration:
      return {{claim::resolve(claim.from, network), claim::external_places(network)}};
    case claim::Kind::unreferenced:
    case claim::Kind::anti_spoofed:
    case claim::Kind::withstands:
    case claim::Kind::at_no_time:
    case claim::Kind::approved_change:
      break;
  }
  return {};
}

}  // namespace

TrialOrReason sample_of(const claim::Claim& claim, const input::Snapshot& snapshot, std::uint64_t seed,
                        std::size_t count) {
  const auto sides = sides_of(claim, snapshot.network);
  if (sides.empty()) {
    return fmt::format("a claim of the kind {} is not about packets from one place to another",
                       claim::kind_name(claim.kind));
  }
  if (std::string why = first_that_is_not_linux(snapshot); !why.empty()) {
    return why;
  }
  Trial trial;
  need_all_routers(snapshot.network, trial);
  Sampler sampler(snapshot, seed);
  for (const auto& [from, to] : sides) {
    sampler.draw(from, to, count / sides.size(), trial, [](const Shot&) { return true; });
  }
  if (trial.shots.empty()) {
    return std::string("no packet could be drawn whose end the model is sure of");
  }
  return trial;
}

Trial controls_of(const input::Snapshot& snapshot, std::uint64_t seed, std::size_t count) {
  Trial trial;
  const Resolved all = claim::all_places(snapshot.network);
  Sampler sampler(snapshot, seed);
  sampler.draw(all, all, count, trial, [&](const Shot& shot) {
    const std::set<NodeId> way = shot.expected ? sampler.nodes_of(shot) : std::set<NodeId>();
    const bool is_linux = std::ranges::all_of(way, [&](NodeId node) { return why_not_linux(node, snapshot).empty(); });
    if (shot.expected && is_linux) {
      trial.nodes.insert(way.begin(), way.end());
    }
    return shot.expected && is_linux;
  });
  return trial;
}

}  // namespace segproof::confirm
