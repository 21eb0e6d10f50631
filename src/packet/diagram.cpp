// SPDX-License-Identifier: Apache-2.0
#include "packet/diagram.h"

#include <array>

#include "base/assert.h"
#include "packet/field_chain.h"

namespace segproof {

NodeId Space::Diagram::where(Field field, const IntervalSet& values) {
  return interval_chain(store_, field, values, all, none);
}

NodeId Space::Diagram::where_masked(Field field, Bits value, Bits mask) {
  return masked_chain(store_, field, value, mask, all, none);
}

NodeId Space::Diagram::only(const Packet& packet) {
  NodeId node = all;
  for (std::size_t index = field_count; index-- > 0;) {
    const auto field = static_cast<Field>(index);
    node = interval_chain(store_, field, IntervalSet::single(packet[field]), node, none);
  }
  return node;
}

NodeId Space::Diagram::valid() {
  if (valid_)
    return *valid_;
  const IntervalSet zero = IntervalSet::single(0);
  const NodeId no_flags = where(Field::tcp_flags, zero);
  const NodeId no_source_port = interval_chain(store_, Field::source_port, zero, no_flags, none);
  const NodeId bare = interval_chain(store_, Field::destination_port, zero, no_source_port, none);

  std::vector<Interval> tcp;
  std::vector<Interval> other_ports;
  std::vector<Interval> icmp;
  for (unsigned number = 0; number < 256; ++number) {
    const auto protocol = static_cast<std::uint8_t>(number);
    if (protocol == protocol_number::tcp) {
      tcp.push_back({number, number});
    } else if (has_ports(protocol)) {
      other_ports.push_back({number, number});
    } else if (is_icmp(protocol)) {
      icmp.push_back({number, number});
    }
  }
  NodeId whole = bare;
  whole = interval_chain(store_, Field::protocol, IntervalSet::of(tcp), all, whole);
  const auto for_protocols = [&](const std::vector<Interval>& protocols, NodeId rest) {
    const NodeId chosen = where(Field::protocol, IntervalSet::of(protocols));
    whole = unite(subtract(whole, chosen), intersect(chosen, rest));
  };
  for_protocols(other_ports, no_flags);
  for_protocols(icmp, no_source_port);
  valid_ = interval_chain(store_, Field::fragment, zero, whole, bare);
  return *valid_;
}

NodeId Space::Diagram::import(const Diagram& other, NodeId root) {
  SEGPROOF_ASSERT(levels().family() == other.levels().family());
  NodeMap done;
  return import_node(other.store_, root, done);
}

NodeId Space::Diagram::import_node(const NodeStore& from, NodeId node, NodeMap& done) {
  if (from.is_terminal(node))
    return node;
  if (const NodeId* found = done.find(node))
    return *found;
  const NodeStore::Frame frame = store_.open();
  const Digit* uppers = from.uppers(node);
  const NodeId* children = from.children(node);
  const std::uint32_t count = from.edge_count(node);
  for (std::uint32_t i = 0; i < count; ++i)
    store_.push(frame, uppers[i], import_node(from, children[i], done));
  const NodeId result = store_.close(frame, from.level(node));
  done.insert(node, result);
  return result;
}

}  // namespace segproof
