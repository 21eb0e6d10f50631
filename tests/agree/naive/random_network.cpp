// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/random_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "agree/naive/random_rules.h"

namespace segproof::naive {

namespace {

using claim::Kind;
using model::NodeId;
using model::SegmentId;

struct Builder {
  Dice dice;
  Flavour flavour;
  Family family;
  Draft draft;
  std::vector<SegmentId> segments;
  std::vector<NodeId> devices;
  std::vector<NodeId> hosts;
  std::string public_address;

  Builder(std::uint64_t seed, Flavour f)
      : dice(seed),
        flavour(f),
        family(dice.chance(0.8) ? Family::ipv4 : Family::ipv6),
        draft(family),
        public_address(family == Family::ipv4 ? "198.51.100.9" : "2001:db8:ff::9") {}

  [[nodiscard]] bool undecided() const { return flavour == Flavour::undecided; }

  [[nodiscard]] std::string prefix_of(std::size_t segment) const {
    return family == Family::ipv4 ? fmt::format("10.0.{}.0/28", segment) : fmt::format("2001:db8:{}::/64", segment);
  }
  [[nodiscard]] std::string address_in(SegmentId segment, std::size_t number) const {
    const auto& prefix = draft_prefix(segment);
    return to_string(Address{family, prefix.first() + number});
  }
  [[nodiscard]] const Prefix& draft_prefix(SegmentId segment) const {
    return const_cast<Draft&>(draft).network().segments[segment.index()].prefixes.front();
  }
  [[nodiscard]] std::string with_length(SegmentId segment, std::size_t number) const {
    return fmt::format("{}/{}", address_in(segment, number), draft_prefix(segment).length);
  }

  void make_segments() {
    const std::size_t count = 2 + dice.below(3);
    for (std::size_t i = 0; i < count; ++i) {
      segments.push_back(draft.segment(fmt::format("s{}", i), prefix_of(i), dice.chance(0.65)));
      if (dice.chance(0.7)) {
        draft.zone(fmt::format("z{}", i), prefix_of(i));
      }
    }
    if (dice.chance(0.3)) {
      segments.push_back(draft.internet("internet", family == Family::ipv4 ? "198.51.100.0/28" : "2001:db8:ff::/64"));
    }
  }

  void attach(NodeId node, std::size_t legs, std::size_t number) {
    std::vector<SegmentId> pool = segments;
    for (std::size_t i = 0; i < legs && !pool.empty(); ++i) {
      const auto at = dice.below(pool.size());
      draft.wire(node, fmt::format("eth{}", i), pool[at], with_length(pool[at], number));
      pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }

  // A second device with the addresses of the first; its rules are its own.
  void make_twin() {
    devices.push_back(draft.device("twin"));
    auto& network = draft.network();
    const auto legs = network.node(devices.front()).interfaces;
    for (const auto id : legs) {
      const model::Interface leg = network.interface(id);
      draft.wire(devices.back(), leg.name, leg.segment,
                 fmt::format("{}/{}", to_string(leg.addresses.front().address), leg.addresses.front().prefix.length));
    }
    network.nodes[devices.front().index()].twin = "twin";
    network.nodes[devices.back().index()].twin = network.node(devices.front()).name;
  }

  void make_nodes() {
    const std::size_t device_count = 1 + dice.below(3);
    for (std::size_t i = 0; i < device_count; ++i) {
      devices.push_back(draft.device(fmt::format("d{}", i)));
      attach(devices.back(), 2 + dice.below(2), 1 + i);
    }
    if (undecided() && dice.chance(0.08)) {
      make_twin();
    }
    if (undecided() && dice.chance(0.1)) {
      draft.wire(devices.front(), "eth9", {}, family == Family::ipv4 ? "10.9.0.1/28" : "2001:db8:9::1/64");
    }
    const std::size_t host_count = 2 + dice.below(3);
    for (std::size_t i = 0; i < host_count; ++i) {
      hosts.push_back(draft.host(fmt::format("h{}", i)));
      const bool two_legs = dice.chance(0.2);
      attach(hosts.back(), two_legs ? 2 : 1, 5 + i);
      auto& node = draft.network().nodes[hosts.back().index()];
      if (!undecided() || dice.chance(0.4)) {
        node.forwarding.fill(model::Forwarding::off);
      }
      if (dice.chance(0.2)) {
        node.services_known = true;
        model::Service service;
        service.name = "web";
        service.protocol = dice.chance(0.5) ? protocol_number::tcp : protocol_number::udp;
        service.ports = IntervalSet::single(443);
        node.services = {service};
      }
    }
  }

  // The device interface on a segment of `node` that is nearer to the target, if there is one.
  [[nodiscard]] std::vector<std::string> gateways_to(NodeId node, SegmentId target) {
    const auto& network = draft.network();
    const auto on = [&](NodeId n, SegmentId s) {
      return std::any_of(network.node(n).interfaces.begin(), network.node(n).interfaces.end(),
                         [&](model::InterfaceId id) { return network.interface(id).segment == s; });
    };
    std::vector<std::string> found;
    for (const NodeId other : devices) {
      if (other == node || !(on(other, target) || dice.chance(0.35))) {
        continue;
      }
      for (const auto id : network.node(other).interfaces) {
        const auto segment = network.interface(id).segment;
        if (segment.valid() && on(node, segment)) {
          found.push_back(to_string(network.interface(id).addresses.front().address));
        }
      }
    }
    return found;
  }

  void make_routes(NodeId device) {
    const auto& network = draft.network();
    for (const SegmentId segment : segments) {
      const bool attached =
          std::any_of(network.node(device).interfaces.begin(), network.node(device).interfaces.end(),
                      [&](model::InterfaceId id) { return network.interface(id).segment == segment; });
      const auto prefix = to_string(draft_prefix(segment));
      if (attached || dice.chance(0.1)) {
        continue;
      }
      const auto gateways = gateways_to(device, segment);
      if (dice.chance(0.06)) {
        draft.route(device, prefix, {});
      } else if (gateways.size() > 1 && dice.chance(0.4)) {
        draft.route(device, prefix, {gateways[0], gateways[1]});
      } else if (!gateways.empty()) {
        draft.route(device, prefix, {dice.of(gateways)});
      }
    }
    if (undecided() && dice.chance(0.04)) {
      draft.route(device, family == Family::ipv4 ? "10.0.0.0/16" : "2001:db8::/32",
                  {family == Family::ipv4 ? "10.0.0.14" : "2001:db8::e"});
    }
    policy_routing(device);
  }

  // Marked packets take a table of their own.
  void policy_routing(NodeId device) {
    if (!dice.chance(0.08)) {
      return;
    }
    auto& routing = draft.network().nodes[device.index()].routing[model::index_of(family)];
    model::RouteTable other{"other", {}};
    const auto segment = dice.of(segments);
    const auto gateways = gateways_to(device, dice.of(segments));
    model::Route route;
    route.destination = draft_prefix(segment);
    if (gateways.empty()) {
      route.kind = model::RouteKind::blackhole;
    } else {
      route.hops = {{parse_address(dice.of(gateways)), {}}};
    }
    other.routes.push_back(route);
    routing.tables.push_back(other);
    routing.rules.push_back({100, {{with_mark(1)}}, routing.tables.size() - 1, {}});
    routing.rules.push_back({32766, {}, 0, {}});
  }

  void make_rules() {
    Vocabulary words;
    words.family = family;
    words.undecided = undecided();
    words.public_address = public_address;
    for (const auto& segment : draft.network().segments) {
      words.prefixes.push_back(to_string(segment.prefixes.front()));
    }
    words.segments = words.prefixes;
    const bool has_past = dice.chance(0.12);
    draft.network().state_flushed = dice.chance(0.3);
    for (const NodeId host : hosts) {
      for (const auto id : draft.network().node(host).interfaces) {
        words.hosts.push_back(to_string(draft.network().interface(id).addresses.front().address));
      }
    }
    words.prefixes.insert(words.prefixes.end(), words.hosts.begin(), words.hosts.end());
    for (const auto* list : {&devices, &hosts}) {
      for (const NodeId node : *list) {
        words.legs.clear();
        for (const auto id : draft.network().node(node).interfaces) {
          const auto& interface = draft.network().interface(id);
          const bool internal = interface.segment.valid() && !draft.network().segment(interface.segment).external;
          words.legs.emplace_back(interface.name, internal ? to_string(draft_prefix(interface.segment)) : "");
        }
        if (list == &hosts) {
          if (dice.chance(0.35)) {
            draft.rules(node, host_rules(dice, words));
          }
          continue;
        }
        if (dice.chance(0.93)) {
          draft.rules(node, firewall_rules(dice, words));
        }
        if (has_past) {
          draft.network().previous_rules[draft.network().node(node).name] = firewall_rules(dice, words).build();
        }
        if (undecided() && dice.chance(0.06)) {
          auto& device = draft.network().nodes[node.index()];
          device.filter.fill(model::Known::missing);
          device.routes.fill(model::Known::missing);
          device.rules = {};
        }
        make_routes(node);
      }
    }
  }

  // Places that a claim may name; those that overlap share the second word.
  [[nodiscard]] std::vector<std::pair<std::string, std::set<std::size_t>>> names() {
    const auto& network = draft.network();
    std::vector<std::pair<std::string, std::set<std::size_t>>> all;
    const std::size_t unlisted = network.nodes.size();
    for (const NodeId host : hosts) {
      all.push_back({network.node(host).name, {host.index()}});
    }
    for (const auto& zone : network.zones) {
      std::set<std::size_t> members;
      for (std::size_t i = 0; i < network.segments.size(); ++i) {
        if (zone.external ? network.segments[i].external : zone.prefixes == network.segments[i].prefixes) {
          if (!network.segments[i].complete) {
            members.insert(unlisted + i);
          }
          for (const NodeId host : hosts) {
            for (const auto id : network.node(host).interfaces) {
              if (network.interface(id).segment == SegmentId(i)) {
                members.insert(host.index());
              }
            }
          }
        }
      }
      if (!members.empty()) {
        all.push_back({zone.name, members});
      }
    }
    for (std::size_t i = 0; i < network.segments.size(); ++i) {
      if (!network.segments[i].complete && !network.segments[i].external && dice.chance(0.4)) {
        all.push_back({"unlisted@" + network.segments[i].name, {unlisted + i}});
      }
    }
    if (dice.chance(0.3)) {
      const NodeId device = dice.of(devices);
      all.push_back({"device:" + network.node(device).name, {device.index()}});
    }
    return all;
  }

  [[nodiscard]] std::optional<claim::Claim> make_random_claim(std::size_t number) {
    static constexpr std::array kinds{Kind::isolated,
                                      Kind::isolated,
                                      Kind::no_new_sessions,
                                      Kind::no_new_sessions,
                                      Kind::contained,
                                      Kind::contained,
                                      Kind::only,
                                      Kind::isolated_both_ways,
                                      Kind::via,
                                      Kind::anti_spoofed,
                                      Kind::detached,
                                      Kind::no_exfiltration,
                                      Kind::no_direct_exfiltration};
    const auto all = names();
    const auto& from = dice.of(all);
    const auto& to = dice.of(all);
    const bool overlap = std::any_of(from.second.begin(), from.second.end(),
                                     [&](std::size_t member) { return to.second.contains(member); });
    claim::Claim claim;
    claim.kind = kinds[dice.below(kinds.size())];
    claim.id = fmt::format("c{}", number);
    const bool needs_pair = claim.kind != Kind::anti_spoofed && claim.kind != Kind::detached &&
                            claim.kind != Kind::no_exfiltration && claim.kind != Kind::no_direct_exfiltration;
    if (needs_pair && overlap) {
      return std::nullopt;
    }
    claim.from.push_back({from.first, {}});
    if (needs_pair) {
      claim.to.push_back({to.first, {}});
    }
    if (dice.chance(0.1)) {
      claim.spoofing = claim::Spoofing::own;
    }
    claim.trust_source_host = dice.chance(0.05);
    return finished(std::move(claim), from.first);
  }

  [[nodiscard]] std::optional<claim::Claim> finished(claim::Claim claim, const std::string& from) {
    const auto& network = draft.network();
    const bool has_outside = std::any_of(network.segments.begin(), network.segments.end(),
                                         [](const model::Segment& s) { return s.external; });
    if (claim.kind == Kind::contained || claim.kind == Kind::no_exfiltration) {
      claim.spoofing = claim::Spoofing::any;
    }
    if (claim.kind == Kind::contained) {
      static constexpr std::array pivots{claim::Pivot::worst_case, claim::Pivot::worst_case, claim::Pivot::paranoid,
                                         claim::Pivot::listening};
      claim.pivot = pivots[dice.below(pivots.size())];
      if (dice.chance(0.1)) {
        claim.hops = static_cast<unsigned>(1 + dice.below(2));
      }
      claim.responder = dice.chance(0.5) ? claim::Responder::include : claim::Responder::ignore;
    } else if (claim.kind == Kind::only) {
      claim.services = {{*claim::parse_service(dice.chance(0.5) ? "tcp/443" : "udp"), {}, {}, "", "", "", {}}};
    } else if (claim.kind == Kind::via) {
      claim.through.push_back({"device:" + network.node(dice.of(devices)).name, {}});
      if (from.starts_with("device:") || claim.to.front().text.starts_with("device:")) {
        return std::nullopt;
      }
    } else if (claim.kind == Kind::anti_spoofed) {
      std::vector<std::string> zones;
      for (const auto& zone : network.zones) {
        if (!zone.external) {
          zones.push_back(zone.name);
        }
      }
      if (zones.empty()) {
        return std::nullopt;
      }
      claim.from.clear();
      claim.zones.push_back({dice.of(zones), {}});
    } else if (claim.kind == Kind::detached) {
      claim.from.clear();
      claim.hosts.push_back({network.node(dice.of(hosts)).name, {}});
    } else if (claim.kind == Kind::no_exfiltration || claim.kind == Kind::no_direct_exfiltration) {
      if (!has_outside || from == "internet") {
        return std::nullopt;
      }
    }
    return claim;
  }
};

}  // namespace

RandomCase random_case(std::uint64_t seed, Flavour flavour) {
  Builder builder(seed, flavour);
  builder.make_segments();
  builder.make_nodes();
  builder.make_rules();
  if (builder.dice.chance(0.7)) {
    builder.draft.assume("A-FW");
  }
  RandomCase made{seed, flavour, builder.family, builder.draft.network(), {}};
  for (std::size_t tries = 0; tries < 30 && made.claims.size() < 6; ++tries) {
    if (auto claim = builder.make_random_claim(made.claims.size())) {
      made.claims.push_back(std::move(*claim));
    }
  }
  return made;
}

}  // namespace segproof::naive
