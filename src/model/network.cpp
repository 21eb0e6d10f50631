// SPDX-License-Identifier: Apache-2.0
#include "model/network.h"

#include <algorithm>

namespace segproof::model {
namespace {

template <class Id, class Element>
Id find_named(const std::vector<Element>& elements, std::string_view name) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (elements[i].name == name)
      return Id(i);
  }
  return Id();
}

}  // namespace

NodeId Network::find_node(std::string_view name) const {
  if (const NodeId named = find_named<NodeId>(nodes, name); named.valid()) {
    return named;
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (std::find(nodes[i].also_called.begin(), nodes[i].also_called.end(), name) != nodes[i].also_called.end()) {
      return NodeId(i);
    }
  }
  return NodeId();
}
SegmentId Network::find_segment(std::string_view name) const {
  return find_named<SegmentId>(segments, name);
}
ZoneId Network::find_zone(std::string_view name) const {
  return find_named<ZoneId>(zones, name);
}

InterfaceId Network::find_interface(NodeId owner, std::string_view name) const {
  for (const InterfaceId id : node(owner).interfaces) {
    if (interface(id).name == name)
      return id;
  }
  return InterfaceId();
}

bool Network::assumes(std::string_view id) const {
  return std::any_of(assumptions.begin(), assumptions.end(),
                     [&](const Assumption& assumption) { return assumption.id == id; });
}

}  // namespace segproof::model
