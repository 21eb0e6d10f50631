// SPDX-License-Identifier: Apache-2.0
#include "reach/sessions.h"

namespace segproof::reach {
namespace {

using model::InterfaceId;
using model::NodeId;
using model::SegmentId;

// What arrives at a node for one of its addresses, whatever its rules say of it.
PacketSet reaching(const Flood& all, NodeId node) {
  const CompiledNode& compiled = all.network().node(node);
  PacketSet result = all.network().space().none();
  for (const InterfaceId interface : compiled.facts.node().interfaces) {
    result |= all.arrived(interface) & compiled.to_itself;
  }
  return result;
}

// The SYN+ACK packets that the receivers of these SYN packets send, from every place where one was delivered. Once
// fallen, a node also answers what its input rules would have dropped.
std::vector<Source> answers(const Flood& all, bool when_fallen) {
  const CompiledNetwork& network = all.network();
  const HeaderSets& headers = network.headers();
  // Nobody answers a SYN that went to everyone.
  IntervalSet broadcast = headers.link_only();
  for (std::size_t n = 0; n < network.network().nodes.size(); ++n) {
    broadcast = broadcast | network.node(NodeId(n)).facts.directed_broadcast;
  }
  const PacketSet openers =
      (headers.syn() & headers.with_role(Role::own)) - network.space().where(Field::destination, broadcast);
  const auto answer = [&](PacketSet delivered) {
    return headers.inverse(delivered & openers).forget(Field::tcp_flags) & headers.syn_ack();
  };
  std::vector<Source> result;
  const auto add = [&](SegmentId segment, PacketSet packets) {
    if (!packets.is_empty()) {
      result.push_back({segment, packets});
    }
  };
  for (std::size_t s = 0; s < network.network().segments.size(); ++s) {
    const SegmentId segment(s);
    PacketSet here = all.delivered_to_unlisted(segment);
    for (const CompiledSegment::Neighbour& neighbour : network.segment(segment).neighbours) {
      if (neighbour.is_leaf) {
        here |= all.on_segment(segment) & network.node(network.network().interface(neighbour.interface).node).to_itself;
      }
    }
    add(segment, answer(here));
  }
  for (std::size_t n = 0; n < network.network().nodes.size(); ++n) {
    const NodeId node(n);
    const CompiledNode& compiled = network.node(node);
    if (compiled.behaviour == Behaviour::leaf || compiled.behaviour == Behaviour::closed) {
      continue;
    }
    // Answers of a node that translates its own input are translated back.
    const PacketSet delivered = when_fallen ? all.delivered(node) | reaching(all, node) : all.delivered(node);
    const PacketSet entered =
        compiled.translates
            ? all.flows(node).as_entered(delivered & headers.syn(), headers, all.approximation()) | delivered
            : delivered;
    for (const InterfaceId interface : compiled.facts.node().interfaces) {
      const SegmentId segment = network.network().interface(interface).segment;
      if (segment.valid()) {
        add(segment, answer(entered));
      }
    }
  }
  return result;
}

}  // namespace

std::vector<Source> sources_of(std::span<const Sender> senders, const CompiledNetwork& network) {
  std::vector<PacketSet> by_segment(network.network().segments.size(), network.space().none());
  PacketSet outside = network.space().none();
  for (const Sender& sender : senders) {
    const PacketSet numbered = network.space().where(Field::origin, sender.origin);
    for (const Sender::At& at : sender.places) {
      (at.segment.valid() ? by_segment[at.segment.index()] : outside) |=
          network.headers().set_role(at.packets & network.space().valid() & numbered, Role::own);
    }
  }
  std::vector<Source> result;
  if (!outside.is_empty()) {
    result.push_back({SegmentId{}, outside});
  }
  for (std::size_t s = 0; s < by_segment.size(); ++s) {
    if (!by_segment[s].is_empty()) {
      result.push_back({SegmentId(s), by_segment[s]});
    }
  }
  return result;
}

Reachability::Reachability(const CompiledNetwork& network, const FloodOptions& options, std::span<const Sender> senders)
    : network_(&network),
      options_(options),
      senders_(senders.begin(), senders.end()),
      all_(std::make_unique<Flood>(network, options)) {
  all_->run(sources_of(senders_, network));
  handshakes_ = completed(false);
}

std::unique_ptr<Flood> Reachability::completed(bool when_fallen) const {
  const CompiledNetwork& network = *network_;
  const HeaderSets& headers = network.headers();
  Space& space = network.space();
  FloodOptions later = options_;
  later.own = &all_->flows();
  later.anyone = &all_->flows_of_anyone();
  Flood back(network, later);
  back.run(answers(*all_, when_fallen));

  std::vector<PacketSet> returned;  // answers that come back to a segment of their origin
  const PacketSet completing = headers.syn_ack() & headers.with_role(Role::own);
  for (const Sender& sender : senders_) {
    for (const Sender::At& at : sender.places) {
      const PacketSet there = at.segment.valid() ? back.on_segment(at.segment) : back.at_unknown();
      returned.push_back(there & completing & space.where(Field::origin, sender.origin));
    }
  }
  // What went through the outside comes back through it.
  const PacketSet anyhow = space.where(Field::origin, all_->at_unknown().values(Field::origin));
  const PacketSet openers = (headers.inverse(space.any_of(returned)).forget(Field::tcp_flags) | anyhow) &
                            headers.syn() & headers.with_role(Role::own);
  std::vector<Source> handshakes;
  for (const Source& source : sources_of(senders_, network)) {
    const PacketSet packets = source.packets & openers;
    if (!packets.is_empty()) {
      handshakes.push_back({source.segment, packets});
    }
  }
  auto result = std::make_unique<Flood>(network, later);
  result->run(handshakes);
  return result;
}

PacketSet Reachability::opening(PacketSet delivered, PacketSet handshakes) const {
  const HeaderSets& headers = network_->headers();
  // Later fragments open nothing: a datagram is only received with its first part, and that one is counted.
  const PacketSet own = headers.with_role(Role::own) & headers.whole();
  return ((delivered & own) - headers.tcp()) | (handshakes & own & headers.syn());
}

PacketSet Reachability::fresh(NodeId node) const {
  return opening(all_->delivered(node), handshakes_->delivered(node));
}

PacketSet Reachability::fresh_when_fallen(NodeId node) const {
  if (!fallen_handshakes_) {
    fallen_handshakes_ = completed(true);
  }
  return fresh(node) | opening(reaching(*all_, node), reaching(*fallen_handshakes_, node));
}

PacketSet Reachability::fresh_unlisted(SegmentId segment) const {
  return opening(all_->delivered_to_unlisted(segment), handshakes_->delivered_to_unlisted(segment));
}

}  // namespace segproof::reach
