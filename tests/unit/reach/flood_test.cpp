// SPDX-License-Identifier: Apache-2.0
// A flood knows in the end what its sources make, in whatever order they come: first packets pass before packets of
// flows, and packets of flows again when flows are added.
#include "reach/flood.h"

#include <doctest/doctest.h>

#include "unit/claim/network_builder.h"

namespace segproof::test {
namespace {

using reach::Approximation;

// users --- nat --- middle --- router --- servers
constexpr const char* plan_text = R"(
  segment users 10.1.0.0/24 2001:db8:1::/64
  segment middle 10.2.0.0/24 2001:db8:2::/64
  segment servers 10.3.0.0/24 2001:db8:3::/64
  host client eth0=users:10.1.0.10/24,2001:db8:1::10/64
  host web eth0=servers:10.3.0.10/24,2001:db8:3::10/64
  device nat eth0=users:10.1.0.1/24,2001:db8:1::1/64 eth1=middle:10.2.0.1/24,2001:db8:2::1/64
  device router eth0=middle:10.2.0.2/24,2001:db8:2::2/64 eth1=servers:10.3.0.1/24,2001:db8:3::1/64
  route nat 10.3.0.0/24 via 10.2.0.2
  route nat 2001:db8:3::/64 via 2001:db8:2::2
  route router 10.1.0.0/24 via 10.2.0.1
  route router 2001:db8:1::/64 via 2001:db8:2::1
)";

constexpr const char* known = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";

Plan network() {
  Plan plan(plan_text);
  plan.rules("nat", std::string("*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
                                "-A PREROUTING -d 10.1.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to 10.3.0.10:8080\n"
                                "-A POSTROUTING -s 10.1.0.0/24 -o eth1 -j MASQUERADE\nCOMMIT\n"
                                "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n") +
                        known + "-A FORWARD -i eth0 -j ACCEPT\nCOMMIT\n");
  plan.rules("router", std::string("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n") + known +
                           "-A FORWARD -i eth0 -p tcp -m tcp --dport 8080 -j ACCEPT\n"
                           "-A FORWARD -i eth1 -p udp -m udp --dport 53 -j ACCEPT\nCOMMIT\n");
  plan.rules("router",
             std::string("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n") + known +
                 "-A FORWARD -i eth0 -p tcp -m tcp --dport 8080 -j ACCEPT\nCOMMIT\n",
             Family::ipv6);
  plan.rules("nat",
             std::string("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n") + known +
                 "-A FORWARD -i eth0 -j ACCEPT\nCOMMIT\n",
             Family::ipv6);
  return plan;
}

// What arrived anywhere, with origins; in which role depends on the order.
std::vector<PacketSet> everywhere(const reach::Flood& flood) {
  std::vector<PacketSet> result;
  const model::Network& network = flood.network().network();
  for (std::size_t i = 0; i < network.interfaces.size(); ++i) {
    result.push_back(flood.arrived(model::InterfaceId(i)).forget(Field::state));
  }
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    result.push_back(flood.on_segment(model::SegmentId(s)).forget(Field::state));
  }
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    result.push_back(flood.delivered(model::NodeId(n)).forget(Field::state));
    result.push_back(flood.flows(model::NodeId(n)).arriving(flood.network().headers()));
  }
  return result;
}

}  // namespace

TEST_CASE("sources may come one by one, in any order, or together") {
  Plan plan = network();
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (const Approximation approximation : {Approximation::over, Approximation::under, Approximation::certain}) {
      Space space(family);
      const reach::CompiledNetwork compiled(plan.network(), space);
      std::vector<reach::Source> sources;
      for (std::size_t s = 0; s < plan.network().segments.size(); ++s) {
        const PacketSet numbered = space.valid() & space.where(Field::origin, Bits{s} + 1);
        sources.push_back({model::SegmentId(s), compiled.headers().set_role(numbered, reach::Role::own)});
      }
      reach::FloodOptions options;
      options.approximation = approximation;
      reach::Flood together(compiled, options);
      together.run(sources);
      reach::Flood one_by_one(compiled, options);
      for (std::size_t s = sources.size(); s-- > 0;) {
        one_by_one.run({&sources[s], 1});
      }
      CAPTURE(static_cast<int>(approximation));
      const std::vector<PacketSet> expected = everywhere(together);
      CHECK(everywhere(one_by_one) == expected);
      // Something came back through the translation, and was answered.
      const model::SegmentId users(0);
      const PacketSet replies = together.forwarded_onto(users) & space.where(Field::origin, 3);
      CHECK(!replies.is_empty());
    }
  }
}

}  // namespace segproof::test
