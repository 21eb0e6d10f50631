// SPDX-License-Identifier: Apache-2.0
// The smallest network in which a stage can be compiled: one device between two segments.
#pragma once

#include <string>

#include "model/network.h"

namespace segproof::test {

//   left --- eth0 fw eth1 --- right
inline model::Network one_device(Family family = Family::ipv4) {
  const bool v4 = family == Family::ipv4;
  model::Network network;
  model::Node node;
  node.name = "fw";
  node.kind = model::NodeKind::device;
  node.forwarding = {model::Forwarding::on, model::Forwarding::on};
  for (unsigned i = 0; i < 2; ++i) {
    model::Segment segment;
    segment.name = i == 0 ? "left" : "right";
    const std::string prefix =
        v4 ? (i == 0 ? "10.1.0.1/24" : "10.2.0.1/24") : (i == 0 ? "2001:db8:1::1/64" : "2001:db8:2::1/64");
    model::Interface interface;
    interface.name = i == 0 ? "eth0" : "eth1";
    interface.node = model::NodeId(0);
    interface.segment = model::SegmentId(i);
    interface.addresses.push_back(*parse_interface_address(prefix));
    segment.prefixes.push_back(interface.addresses.front().prefix);
    segment.attached.emplace_back(i);
    node.interfaces.emplace_back(i);
    network.segments.push_back(std::move(segment));
    network.interfaces.push_back(std::move(interface));
  }
  for (model::Routing& routing : node.routing) {
    routing.tables.push_back({"main", {}});
  }
  network.nodes.push_back(std::move(node));
  return network;
}

}  // namespace segproof::test
