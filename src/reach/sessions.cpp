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

// SYN packets that somebody may answer: nobody answers one that went to everyone.
PacketSet answerable(PacketSet delivered, const CompiledNetwork& network) {
  const HeaderSets& headers = network.headers();
  IntervalSet broadcast = headers.link_only();
  for (std::size_t n = 0; n < network.network().nodes.size(); ++n) {
    broadcast = broadcast | network.node(NodeId(n)).facts.directed_broadcast;
  }
  return (delivered & headers.syn() & headers.with_role(Role::own)) -
         network.space().where(Field::destination, broadcast);
}

// The SYN+ACK packets to these SYN packets.
PacketSet answers_to(PacketSet openers, const HeaderSets& headers) {
  return headers.inverse(openers).forget(Field::tcp_flags) & headers.syn_ack();
}

// The SYN+ACK packets that the receivers of SYN packets send, by every interface, since their routes may lead anywhere.
// Once fallen, a node also answers what its input rules would have dropped.
std::vector<Source> answers(const Flood& all, bool when_fallen) {
  const CompiledNetwork& network = all.network();
  const HeaderSets& headers = network.headers();
  std::vector<Source> result;
  const auto add = [&](SegmentId segment, PacketSet openers) {
    if (!openers.is_empty()) {
      result.push_back({segment, answers_to(openers, headers)});
    }
  };
  for (std::size_t s = 0; s < network.network().segments.size(); ++s) {
    add(SegmentId(s), answerable(all.delivered_to_unlisted(SegmentId(s)), network));
  }
  for (std::size_t n = 0; n < network.network().nodes.size(); ++n) {
    const NodeId node(n);
    const CompiledNode& compiled = network.node(node);
    if (compiled.behaviour == Behaviour::closed) {
      continue;
    }
    PacketSet delivered = all.delivered(node);
    if (when_fallen) {
      delivered |= reaching(all, node);
    }
    if (compiled.translates) {  // answers of a node that translates its own input are translated back
      delivered |= all.flows(node).as_entered(delivered & headers.syn(), headers, all.approximation());
    }
    const PacketSet openers = answerable(delivered, network);
    for (const InterfaceId interface : compiled.facts.node().interfaces) {
      const SegmentId segment = network.network().interface(interface).segment;
      if (segment.valid()) {
        add(segment, openers);
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

// With the state that all senders made.
FloodOptions Reachability::afterwards() const {
  FloodOptions later = options_;
  later.own = &all_->flows();
  later.anyone = &all_->flows_of_anyone();
  return later;
}

// Those of the answers that come back to a segment of their origin.
PacketSet Reachability::returning(std::span<const Source> answers) const {
  const HeaderSets& headers = network_->headers();
  Flood back(*network_, afterwards());
  back.run(answers);
  std::vector<PacketSet> returned;
  const PacketSet completing = headers.syn_ack() & headers.with_role(Role::own);
  for (const Sender& sender : senders_) {
    for (const Sender::At& at : sender.places) {
      const PacketSet there = at.segment.valid() ? back.on_segment(at.segment) : back.at_unknown();
      returned.push_back(there & completing & network_->space().where(Field::origin, sender.origin));
    }
  }
  return network_->space().any_of(returned);
}

std::unique_ptr<Flood> Reachability::completed(bool when_fallen) const {
  const CompiledNetwork& network = *network_;
  const HeaderSets& headers = network.headers();
  Space& space = network.space();
  const PacketSet returned = returning(answers(*all_, when_fallen));
  // What went through the outside comes back through it.
  const PacketSet anyhow = space.where(Field::origin, all_->at_unknown().values(Field::origin));
  const PacketSet openers =
      (headers.inverse(returned).forget(Field::tcp_flags) | anyhow) & headers.syn() & headers.with_role(Role::own);
  std::vector<Source> handshakes;
  for (const Source& source : sources_of(senders_, network)) {
    const PacketSet packets = source.packets & openers;
    if (!packets.is_empty()) {
      handshakes.push_back({source.segment, packets});
    }
  }
  auto result = std::make_unique<Flood>(network, afterwards());
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

PacketSet Reachability::knocking(NodeId node) const {
  return answerable(all_->delivered(node) | reaching(*all_, node), *network_);
}

PacketSet Reachability::knocking_unlisted(SegmentId segment) const {
  return answerable(all_->delivered_to_unlisted(segment), *network_);
}

IntervalSet Reachability::answered_from(PacketSet knocking, std::span<const SegmentId> segments) const {
  std::vector<Source> sources;
  for (const SegmentId segment : segments) {
    sources.push_back({segment, answers_to(knocking, network_->headers())});
  }
  return returning(sources).values(Field::origin);
}

PacketSet Reachability::fresh_unlisted(SegmentId segment) const {
  return opening(all_->delivered_to_unlisted(segment), handshakes_->delivered_to_unlisted(segment));
}

}  // namespace segproof::reach
