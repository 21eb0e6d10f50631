// SPDX-License-Identifier: Apache-2.0
#include "reach/sessions.h"

#include <algorithm>

namespace segproof::reach {
namespace {

using model::InterfaceId;
using model::NodeId;
using model::SegmentId;

bool may_fall(const model::Network& network, NodeId node) {
  return network.node(node).kind == model::NodeKind::host || !network.assumes("A-FW");
}

// What a node that fell gets of what comes to it, whatever its rules say: all that is for one of its addresses; and,
// since it forwards as it likes and answers in anybody's name, perhaps all that others send through it.
PacketSet reaching(const Flood& all, NodeId node) {
  const CompiledNode& compiled = all.network().node(node);
  PacketSet result = all.network().space().none();
  for (const InterfaceId interface : compiled.facts.node().interfaces) {
    result |= all.arrived(interface);
  }
  const bool passes_on = all.approximation() == Approximation::over && may_fall(all.network().network(), node);
  return passes_on ? result : result & compiled.to_itself;
}

// The SYN+ACK packets to these SYN packets.
PacketSet answers_to(PacketSet openers, const HeaderSets& headers) {
  return headers.inverse(openers).forget(Field::tcp_flags) & headers.syn_ack();
}

// A host that gets just what is put on its one segment.
bool is_on_one_segment(const CompiledNode& node) {
  const auto& interfaces = node.facts.node().interfaces;
  return node.behaviour == Behaviour::leaf && interfaces.size() == 1 &&
         node.facts.network->interface(interfaces.front()).segment.valid();
}

// What the unlisted hosts of a segment, and the listed ones that are on no other, answer.
PacketSet answerable_on(SegmentId segment, const Flood& all) {
  const CompiledNetwork& network = all.network();
  std::vector<Interval> addresses;
  bool is_inhabited = false;
  for (const CompiledSegment::Neighbour& neighbour : network.segment(segment).neighbours) {
    const CompiledNode& node = network.node(network.network().interface(neighbour.interface).node);
    if (is_on_one_segment(node)) {
      is_inhabited = true;
      for (const IntervalSet* set : {&node.facts.own, &node.facts.directed_broadcast}) {
        addresses.insert(addresses.end(), set->intervals().begin(), set->intervals().end());
      }
    }
  }
  if (!is_inhabited) {
    return all.delivered_to_unlisted(segment) & network.answerable();
  }
  const PacketSet theirs =
      network.space().where(Field::destination, IntervalSet::of(std::move(addresses))) | network.to_everyone();
  return ((all.on_segment(segment) & theirs) | all.delivered_to_unlisted(segment)) & network.answerable();
}

// The SYN+ACK packets that the receivers of SYN packets send, by every interface, since their routes may lead anywhere.
// Once fallen, a node also answers what its input rules would have dropped.
std::vector<Source> answers(const Flood& all, bool when_fallen) {
  const CompiledNetwork& network = all.network();
  const HeaderSets& headers = network.headers();
  std::vector<Source> result;
  for (std::size_t s = 0; s < network.network().segments.size(); ++s) {
    const PacketSet openers = answerable_on(SegmentId(s), all);
    if (!openers.is_empty()) {
      result.push_back({SegmentId(s), answers_to(openers, headers)});
    }
  }
  for (std::size_t n = 0; n < network.network().nodes.size(); ++n) {
    const NodeId node(n);
    const CompiledNode& compiled = network.node(node);
    if (compiled.behaviour == Behaviour::closed || is_on_one_segment(compiled)) {
      continue;
    }
    PacketSet delivered = all.delivered(node);
    if (when_fallen) {
      delivered |= reaching(all, node);
    }
    if (compiled.translates) {  // answers of a node that translates its own input are translated back
      delivered |= all.flows(node).as_entered(delivered & headers.syn(), headers, all.approximation());
    }
    const PacketSet openers = delivered & network.answerable();
    if (openers.is_empty()) {
      continue;
    }
    const PacketSet answering = answers_to(openers, headers);
    for (const InterfaceId interface : compiled.facts.node().interfaces) {
      const SegmentId segment = network.network().interface(interface).segment;
      if (segment.valid()) {
        result.push_back({segment, answering});
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
      all_(std::make_unique<Flood>(network, options)),
      // Later fragments open nothing: a datagram is only received with its first part, and that one is counted.
      opening_headers_(network.headers().with_role(Role::own) & network.headers().whole()) {
  all_->run(sources_of(senders_, network));
  // The tables that the options name need not outlive this: what they hold is part of what the flood knows.
  options_.own = &all_->flows();
  options_.anyone = &all_->flows_of_anyone();
}

// Every packet of the flood has the header that it was sent with.
bool Reachability::keeps_headers() const {
  if (!network_->keeps_headers() || !all_->at_unknown().is_empty()) {
    return false;
  }
  // Nor do flows of earlier epochs translate.
  return std::none_of(all_->flows_of_anyone().begin(), all_->flows_of_anyone().end(), [](const FlowTable& table) {
    return std::any_of(table.flows().begin(), table.flows().end(), [](const auto& entry) {
      return entry.second.first != nullptr || entry.second.second != nullptr;
    });
  });
}

// The answers to a standing node's own SYN packets that its rules surely take, its table knowing what it opened.
PacketSet Reachability::taken(const Flood& back, const Sender& sender, PacketSet completing) const {
  const HeaderSets& headers = network_->headers();
  const PacketSet arriving =
      back.arriving(sender.stands) & completing & network_->space().where(Field::origin, sender.origin);
  if (arriving.is_empty() || network_->node(sender.stands).behaviour != Behaviour::working) {
    return network_->space().none();
  }
  const PacketSet opened = headers.inverse(headers.tuple(arriving));
  FlowTable flows;
  flows.add({0, 0}, {nullptr, nullptr, opened, opened, opened, true});
  return NodePass(*network_, sender.stands, options_.approximation, flows, flows).run(arriving).delivered & completing;
}

// The answers that come back to a segment of their origin.
PacketSet Reachability::returning(const Flood& back) const {
  const HeaderSets& headers = network_->headers();
  const PacketSet completing = headers.syn_ack() & headers.with_role(Role::own);
  std::vector<PacketSet> returned;
  for (const Sender& sender : senders_) {
    if (sender.stands.valid() && options_.approximation == Approximation::under) {
      returned.push_back(taken(back, sender, completing));
      continue;
    }
    std::vector<SegmentId> asked;
    for (const Sender::At& at : sender.places) {
      if (std::find(asked.begin(), asked.end(), at.segment) == asked.end()) {
        asked.push_back(at.segment);
        // Also what is handed to a gateway there: the sender may be one.
        const PacketSet there =
            at.segment.valid() ? back.on_segment(at.segment) | back.forwarded_onto(at.segment) : back.at_unknown();
        returned.push_back(there & completing & network_->space().where(Field::origin, sender.origin));
      }
    }
  }
  return network_->space().any_of(returned);
}

// The SYN packets to which those are the answers, with their origins.
PacketSet Reachability::openers(const Flood& back) const {
  const HeaderSets& headers = network_->headers();
  // What went through the outside comes back through it.
  const PacketSet anyhow = network_->space().where(Field::origin, all_->at_unknown().values(Field::origin));
  return (headers.inverse(returning(back)).forget(Field::tcp_flags) | anyhow) & headers.syn() &
         headers.with_role(Role::own);
}

// Once the nodes have fallen, they answer all that they did before and more: it goes on from there.
Reachability::Handshakes Reachability::completed(bool when_fallen) const {
  const Handshakes* before = when_fallen ? &handshakes() : nullptr;
  Handshakes result{network_->space().none(), nullptr, nullptr};
  result.back =
      before != nullptr ? std::make_unique<Flood>(*before->back) : std::make_unique<Flood>(*network_, options_);
  result.back->run(answers(*all_, when_fallen));
  result.openers = openers(*result.back);
  if (keeps_headers()) {
    return result;
  }
  std::vector<Source> sources;
  for (const Source& source : sources_of(senders_, *network_)) {
    const PacketSet packets = source.packets & result.openers;
    if (!packets.is_empty()) {
      sources.push_back({source.segment, packets});
    }
  }
  result.flood =
      before != nullptr ? std::make_unique<Flood>(*before->flood) : std::make_unique<Flood>(*network_, options_);
  result.flood->run(sources);
  return result;
}

const Reachability::Handshakes& Reachability::handshakes() const {
  if (!handshakes_) {
    handshakes_ = completed(false);
  }
  return *handshakes_;
}

const Reachability::Handshakes& Reachability::fallen_handshakes() const {
  if (!fallen_handshakes_) {
    fallen_handshakes_ = completed(true);
  }
  return *fallen_handshakes_;
}

// The handshakes are only asked for where they can matter: they are some of the same packets, on their way with the
// same flows, so that they are delivered nowhere where no SYN is.
PacketSet Reachability::opening(PacketSet delivered, const std::function<PacketSet()>& handshakes) const {
  const HeaderSets& headers = network_->headers();
  const PacketSet own = delivered & opening_headers_;
  const PacketSet others = own - headers.tcp();
  return own.intersects(headers.syn()) ? others | (handshakes() & opening_headers_ & headers.syn()) : others;
}

PacketSet Reachability::fresh(NodeId node) const {
  const CompiledNode& compiled = network_->node(node);
  if (is_on_one_segment(compiled) && network_->network().interface(compiled.facts.node().interfaces.front()).is_up) {
    return fresh_on(network_->network().interface(compiled.facts.node().interfaces.front()).segment) &
           compiled.to_itself;
  }
  return opening(all_->delivered(node),
                 [&] { return completed_at(handshakes(), [&](const Flood& flood) { return flood.delivered(node); }); });
}

// Kept, since hosts that only receive get parts of the same.
PacketSet Reachability::fresh_on(SegmentId segment) const {
  const auto known = fresh_on_.find(segment);
  if (known != fresh_on_.end()) {
    return known->second;
  }
  const PacketSet fresh = opening(all_->on_segment(segment), [&] {
    return completed_at(handshakes(), [&](const Flood& flood) { return flood.on_segment(segment); });
  });
  return fresh_on_.emplace(segment, fresh).first->second;
}

PacketSet Reachability::fresh_when_fallen(NodeId node) const {
  return fresh(node) | opening(reaching(*all_, node), [&] {
           return completed_at(fallen_handshakes(), [&](const Flood& flood) { return reaching(flood, node); });
         });
}

IntervalSet Reachability::openers_when_fallen(NodeId node) const {
  const PacketSet reached = reaching(*all_, node) & opening_headers_;
  const IntervalSet known = (fresh(node) | (reached - network_->headers().tcp())).values(Field::origin);
  // Who opens sessions anyhow needs no handshake to be counted.
  return known.contains((reached & network_->headers().syn()).values(Field::origin))
             ? known
             : known | fresh_when_fallen(node).values(Field::origin);
}

PacketSet Reachability::knocking_on(SegmentId segment) const {
  return all_->on_segment(segment) & network_->answerable();
}

PacketSet Reachability::knocking(NodeId node) const {
  return (all_->delivered(node) | reaching(*all_, node)) & network_->answerable();
}

PacketSet Reachability::knocking_unlisted(SegmentId segment) const {
  return all_->delivered_to_unlisted(segment) & network_->answerable();
}

IntervalSet Reachability::answered_from(PacketSet knocking, std::span<const SegmentId> segments) const {
  std::vector<Source> sources;
  for (const SegmentId segment : segments) {
    sources.push_back({segment, answers_to(knocking, network_->headers())});
  }
  Flood back(*network_, options_);
  back.run(sources);
  return returning(back).values(Field::origin);
}

PacketSet Reachability::fresh_unlisted(SegmentId segment) const {
  return opening(all_->delivered_to_unlisted(segment), [&] {
    return completed_at(handshakes(), [&](const Flood& flood) { return flood.delivered_to_unlisted(segment); });
  });
}

PacketSet Reachability::fresh_without_tcp_on(SegmentId segment) const {
  return (all_->on_segment(segment) & opening_headers_) - network_->headers().tcp();
}

PacketSet Reachability::syns_on(SegmentId segment) const {
  return all_->on_segment(segment) & opening_headers_ & network_->headers().syn();
}

PacketSet Reachability::completed_on(SegmentId segment) const {
  return completed_at(handshakes(), [&](const Flood& flood) { return flood.on_segment(segment); }) & opening_headers_ &
         network_->headers().syn();
}

}  // namespace segproof::reach
