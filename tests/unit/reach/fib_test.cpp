// SPDX-License-Identifier: Apache-2.0
// Routes as sets against the naive longest prefix match.
#include <doctest/doctest.h>

#include <algorithm>

#include "one_device.h"
#include "reach/fib.h"
#include "unit/packet/naive_set.h"

namespace segproof::reach {
namespace {

using model::Route;
using test::below;
using test::Random;

Prefix random_prefix(Random& random, Family family) {
  const unsigned width = address_width(family);
  const unsigned length =
      static_cast<unsigned>(below(random, 4) == 0 ? below(random, width + 1) : 8 * below(random, 4));
  const Bits few = Bits{below(random, 5)} << (width - 8U);
  return make_prefix(
      {family, few | (below(random, 2) == 0 ? Bits{0} : test::random_value(random, Field::source, family))}, length);
}

std::vector<Route> random_routes(Random& random, Family family) {
  std::vector<Route> routes;
  for (std::uint64_t n = below(random, 12); n > 0; --n) {
    Route route;
    route.destination = random_prefix(random, family);
    route.metric = static_cast<std::uint32_t>(below(random, 2));
    if (below(random, 4) == 0) {
      route.kind = model::RouteKind::blackhole;
    } else {
      route.hops.push_back({std::nullopt, model::InterfaceId(below(random, 2))});
    }
    routes.push_back(std::move(route));
  }
  return routes;
}

// All routes that are equally best, asked one by one.
std::vector<Route> naive_best(const std::vector<Route>& routes, const Address& address) {
  std::vector<Route> best;
  for (const Route& route : routes) {
    if (!route.destination.contains(address)) {
      continue;
    }
    const auto rank = [](const Route& r) { return std::pair(r.destination.length, ~r.metric); };
    if (!best.empty() && rank(route) > rank(best.front())) {
      best.clear();
    }
    if (best.empty() || rank(route) == rank(best.front())) {
      best.push_back(route);
    }
  }
  return best;
}

bool is_unicast(const Route& route) {
  return route.kind == model::RouteKind::unicast;
}

}  // namespace

TEST_CASE("the sets of a routing table are those of the longest prefix match") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  Random random(seed);
  for (int n = 0; n < 150; ++n) {
    const Family family = n % 3 == 0 ? Family::ipv6 : Family::ipv4;
    model::Network network = test::one_device(family);
    const std::vector<Route> routes = random_routes(random, family);
    network.nodes.front().routing[model::index_of(family)].tables.front().routes = routes;
    const std::vector<Route> all = with_connected(network, model::NodeId(0), family, routes);
    const std::vector<Hop> hops = hops_of(network, model::NodeId(0), family);
    Space space(family);
    const Fib fib = build_fib(network, model::NodeId(0), hops, space, [&](const model::Condition&) {
      return MayMust{space.all(), space.all()};
    });
    for (int k = 0; k < 60; ++k) {
      Packet packet = test::random_packet(random, family);
      if (k % 2 == 0 && !all.empty()) {  // near the edges of a prefix
        const Prefix& near = all[below(random, all.size())].destination;
        packet[Field::destination] = below(random, 2) == 0 ? near.first() : near.last();
      }
      const std::vector<Route> best = naive_best(all, packet.destination());
      std::size_t ways = 0;
      for (const RouteChoice& choice : fib.choices) {
        if (!choice.packets.contains(packet)) {
          continue;
        }
        ++ways;
        for (const Route& route : best) {
          for (const model::NextHop& hop : route.hops) {
            const Hop wanted{leaving_interface(network, model::NodeId(0), hop), hop.gateway};
            const auto at = std::find(hops.begin(), hops.end(), wanted) - hops.begin();
            CHECK(std::find(choice.hops.begin(), choice.hops.end(), at) != choice.hops.end());
          }
        }
      }
      const bool ends = std::any_of(fib.ends.begin(), fib.ends.end(),
                                    [&](const RouteEnd& end) { return end.packets.contains(packet); });
      CHECK(ways == (std::any_of(best.begin(), best.end(), is_unicast) ? 1 : 0));
      CHECK(ends == (ways == 0));
    }
  }
}

TEST_CASE("an undecided rule asks its table perhaps, and the next one, too") {
  model::Network network = test::one_device();
  model::Routing& routing = network.nodes.front().routing[0];
  routing.tables.push_back({"void", {{*parse_prefix("10.2.0.0/24"), model::RouteKind::blackhole, {}, 0, {}}}});
  routing.rules.push_back({100, {{model::UnknownTest{}}}, 1, {}});
  Space space(Family::ipv4);
  const Fib fib = build_fib(
      network, model::NodeId(0), hops_of(network, model::NodeId(0), Family::ipv4), space,
      [&](const model::Condition& condition) {
        return condition.tests.empty() ? MayMust{space.all(), space.all()} : MayMust{space.all(), space.none()};
      });
  Packet packet = *parse_packet("udp 10.1.0.10:4000 > 10.2.0.10:53");
  const auto holds = [&](const auto& entries) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const auto& entry) { return entry.packets.contains(packet); });
  };
  CHECK(holds(fib.choices));
  CHECK(holds(fib.ends));
}

}  // namespace segproof::reach
