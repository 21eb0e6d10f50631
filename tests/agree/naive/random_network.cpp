// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/random_network.h"

#include <fmt/format.h>

#include <algorithm>

#include "agree/naive/random_claims.h"
#include "agree/naive/random_rules.h"

namespace segproof::naive {

namespace {

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
  std::vector<NodeId> routers;  // hosts that are recorded to forward
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
    if (dice.chance(0.1)) {
      segments.push_back(draft.partner("partner", family == Family::ipv4 ? "203.0.113.0/28" : "2001:db8:fe::/64"));
    }
    for (auto& zone : draft.network().zones) {
      zone.external_falls = zone.external && dice.chance(0.2);
    }
  }

  // Zones over zones, over hosts by name, by tag, and over one leg of a host.
  void make_more_zones() {
    auto& network = draft.network();
    if (network.zones.size() >= 2 && !network.zones[1].external && dice.chance(0.25)) {
      const auto outer = empty_zone("outer");
      network.zones[0].parent = outer;
      network.zones[1].parent = outer;
    }
    if (dice.chance(0.2)) {
      const auto group = empty_zone("group");
      network.zones[group.index()].nodes = {dice.of(hosts), dice.of(hosts)};
    }
    if (dice.chance(0.15)) {
      const auto tagged = empty_zone("tagged");
      network.zones[tagged.index()].tags = {"office"};
      network.nodes[dice.of(hosts).index()].tags = {"office"};
    }
    if (dice.chance(0.1)) {
      const auto leg = empty_zone("leg");
      network.zones[leg.index()].interfaces = {dice.of(network.node(dice.of(hosts)).interfaces)};
    }
  }

  model::ZoneId empty_zone(std::string name) {
    model::Zone zone;
    zone.name = std::move(name);
    draft.network().zones.push_back(std::move(zone));
    return model::ZoneId(draft.network().zones.size() - 1);
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
      if (dice.chance(0.06)) {
        routers.push_back(hosts.back());
        node.forwarding.fill(model::Forwarding::on);
        node.routes.fill(model::Known::given);
      }
      make_services(node);
    }
  }

  void make_services(model::Node& node) {
    if (!dice.chance(0.3)) {
      return;
    }
    node.services_known = true;
    model::Service service;
    service.name = "web";
    service.protocol = dice.chance(0.5) ? protocol_number::tcp : protocol_number::udp;
    service.ports = IntervalSet::single(443);
    if (dice.chance(0.4)) {
      service.tags = {"vulnerable"};
    }
    node.services = {service};
    if (dice.chance(0.2)) {
      node.services.clear();
    }
    if (dice.chance(0.3)) {
      node.scanned = {{protocol_number::tcp, IntervalSet::range(1, 1024)}};
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
    odd_routes(device);
    policy_routing(device);
  }

  // Configurations that are missing as a whole or in part, a family that is recorded as off, a device that does not
  // forward.
  void forget_something(model::Node& device) {
    if (undecided() && dice.chance(0.06)) {
      device.filter.fill(model::Known::missing);
      device.routes.fill(model::Known::missing);
      device.rules = {};
    } else if (undecided() && dice.chance(0.04)) {
      device.routes.fill(model::Known::missing);
    } else if (undecided() && dice.chance(0.03)) {
      device.filter[model::index_of(family)] = model::Known::missing;
    } else if (dice.chance(0.02)) {
      device.filter[model::index_of(family)] = model::Known::off;
    } else if (dice.chance(0.02)) {
      device.forwarding.fill(model::Forwarding::off);
    }
  }

  // Second addresses, routes to single hosts, default routes.
  void make_odd_interfaces() {
    auto& network = draft.network();
    for (auto& interface : network.interfaces) {
      if (!interface.segment.valid() || network.node(interface.node).twin) {
        continue;
      }
      if (dice.chance(0.05)) {
        const InterfaceAddress first = interface.addresses.front();
        interface.addresses.push_back({Address{family, first.address.bits + 8}, first.prefix});
        if (interface.addresses.back().address.bits == first.prefix.last()) {
          interface.addresses.pop_back();
        }
      }
    }
  }

  void odd_routes(NodeId device) {
    const auto gateways = gateways_to(device, dice.of(segments));
    if (gateways.empty()) {
      return;
    }
    if (dice.chance(0.2)) {
      draft.route(device, family == Family::ipv4 ? "0.0.0.0/0" : "::/0", {dice.of(gateways)});
    }
    if (dice.chance(0.06)) {
      const auto& host = draft.network().node(dice.of(hosts)).interfaces.front();
      draft.route(device, to_string(draft.network().interface(host).addresses.front().address), {dice.of(gateways)});
    }
    if (dice.chance(0.05)) {
      const auto gateway = dice.of(gateways);
      const auto target = draft_prefix(dice.of(segments));
      draft.route(device, to_string(target), {gateway});
      draft.network().nodes[device.index()].routing[model::index_of(family)].tables.front().routes.back().metric = 5;
    }
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
    const bool has_long_past = has_past && dice.chance(0.3);
    draft.network().earlier_rules.resize(has_long_past ? 1 : 0);
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
          const bool routes = std::find(routers.begin(), routers.end(), node) != routers.end();
          if (dice.chance(0.35)) {
            draft.rules(node, routes && dice.chance(0.5) ? firewall_rules(dice, words) : host_rules(dice, words));
          }
          if (routes) {
            make_routes(node);
          }
          continue;
        }
        if (dice.chance(0.93)) {
          draft.rules(node, firewall_rules(dice, words));
        }
        if (has_past) {
          draft.network().previous_rules[draft.network().node(node).name] = firewall_rules(dice, words).build();
        }
        if (has_long_past) {
          draft.network().earlier_rules.front()[draft.network().node(node).name] = firewall_rules(dice, words).build();
        }
        make_routes(node);
        forget_something(draft.network().nodes[node.index()]);
      }
    }
  }
};

}  // namespace

RandomCase random_case(std::uint64_t seed, Flavour flavour) {
  Builder builder(seed, flavour);
  builder.make_segments();
  builder.make_nodes();
  builder.make_odd_interfaces();
  builder.make_more_zones();
  builder.make_rules();
  if (builder.dice.chance(0.7)) {
    builder.draft.assume("A-FW");
  }
  if (builder.dice.chance(0.1)) {
    builder.draft.assume("A-PING");
    builder.draft.network().assumptions.back().harmless = {builder.family == Family::ipv4 ? "icmp/8" : "icmpv6/128"};
  }
  RandomCase made{seed, flavour, builder.family, builder.draft.network(), {}};
  made.claims = random_claims(builder.dice, made.network, made.family);
  return made;
}

}  // namespace segproof::naive
