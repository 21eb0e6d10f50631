// SPDX-License-Identifier: Apache-2.0
// Paths of cable.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "graph/wiring.h"

namespace segproof::graph {
namespace {

using model::NodeId;
using model::SegmentId;

model::NodeId add_node(model::Network& network, const std::string& name, model::NodeKind kind,
                       std::initializer_list<std::size_t> segments) {
  const NodeId id(network.nodes.size());
  model::Node node;
  node.name = name;
  node.kind = kind;
  for (const std::size_t s : segments) {
    const model::InterfaceId interface(network.interfaces.size());
    model::Interface at;
    at.name = "eth" + std::to_string(node.interfaces.size());
    at.node = id;
    at.segment = SegmentId(s);
    network.segments[s].attached.push_back(interface);
    network.interfaces.push_back(std::move(at));
    node.interfaces.push_back(interface);
  }
  network.nodes.push_back(std::move(node));
  return id;
}

// s0 --- r1 --- s1 --- r2 --- s2      s3 (alone)
struct Line {
  Line() {
    for (const char* name : {"s0", "s1", "s2", "s3"}) {
      model::Segment segment;
      segment.name = name;
      network.segments.push_back(std::move(segment));
    }
    r1 = add_node(network, "r1", model::NodeKind::device, {0, 1});
    r2 = add_node(network, "r2", model::NodeKind::device, {1, 2});
  }
  model::Network network;
  NodeId r1, r2;
};

}  // namespace

TEST_CASE("cables connect segments through nodes that may forward") {
  const Line line;
  const Wiring wiring(line.network);
  CHECK(wiring.connected(SegmentId(0), SegmentId(2)));
  CHECK(wiring.connected(SegmentId(0), SegmentId(0)));
  CHECK_FALSE(wiring.connected(SegmentId(0), SegmentId(3)));
  CHECK_FALSE(wiring.connected(SegmentId(0), SegmentId(2), line.r2));
  CHECK(wiring.connected(SegmentId(0), SegmentId(1), line.r2));
  CHECK(wiring.distance(SegmentId(0), SegmentId(2)) == 2U);
  CHECK(wiring.distance(SegmentId(0), SegmentId(0)) == 0U);
  CHECK_FALSE(wiring.distance(SegmentId(0), SegmentId(3)).has_value());
  CHECK(wiring.island_count() == 2);
}

TEST_CASE("a host with two interfaces connects unless its forwarding is recorded as off") {
  Line line;
  const NodeId host = add_node(line.network, "two", model::NodeKind::host, {2, 3});
  CHECK(Wiring(line.network).connected(SegmentId(0), SegmentId(3)));
  line.network.nodes[host.index()].forwarding = {model::Forwarding::off, model::Forwarding::on};
  CHECK(Wiring(line.network).connected(SegmentId(0), SegmentId(3)));  // one family is enough
  line.network.nodes[host.index()].forwarding = {model::Forwarding::off, model::Forwarding::off};
  CHECK_FALSE(Wiring(line.network).connected(SegmentId(0), SegmentId(3)));
  CHECK_FALSE(may_forward(line.network.nodes[host.index()]));
}

TEST_CASE("an interface that is down is no cable") {
  Line line;
  line.network.interfaces[2].is_up = false;  // r2 on s1
  CHECK_FALSE(Wiring(line.network).connected(SegmentId(0), SegmentId(2)));
}

TEST_CASE("the settling order holds every node once") {
  Line line;
  add_node(line.network, "web", model::NodeKind::host, {0});
  add_node(line.network, "lonely", model::NodeKind::host, {});
  const Wiring wiring(line.network);
  CHECK(wiring.settling_order().size() == line.network.nodes.size());
  std::set<std::size_t> seen;
  for (const NodeId node : wiring.settling_order()) {
    seen.insert(node.index());
  }
  CHECK(seen.size() == line.network.nodes.size());
}

}  // namespace segproof::graph
