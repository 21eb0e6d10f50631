// SPDX-License-Identifier: Apache-2.0
#include "reach/flood.h"

#include <algorithm>

namespace segproof::reach {
namespace {

using model::InterfaceId;
using model::NodeId;
using model::SegmentId;

bool are_twins(const model::Network& network, NodeId a, NodeId b) {
  return network.node(a).twin == network.node(b).name || network.node(b).twin == network.node(a).name;
}

bool flagged(const std::vector<bool>& flags, std::size_t index) {
  return index < flags.size() && flags[index];
}

}  // namespace

Flood::Flood(const CompiledNetwork& network, FloodOptions options)
    : network_(&network),
      options_(std::move(options)),
      arrived_(network.network().interfaces.size(), GrowingSet(network.space().none())),
      on_segment_(network.network().segments.size(), GrowingSet(network.space().none())),
      forwarded_(on_segment_),
      delivered_(network.network().nodes.size(), network.space().none()),
      passed_(network.network().nodes.size(), network.space().none()),
      flows_passed_(passed_),
      at_unknown_(network.space().none()),
      own_(network.network().nodes.size()),
      anyone_(network.network().nodes.size()),
      waiting_(network.network().nodes.size(), false),
      has_learned_(network.network().nodes.size(), false),
      flows_wait_(network.network().nodes.size(), false) {
  if (options_.own != nullptr) {
    own_ = *options_.own;
  }
  const FlowTable none;
  if (options_.anyone != nullptr) {
    anyone_ = *options_.anyone;
  } else {
    for (std::size_t n = 0; n < own_.size(); ++n) {
      anyone_[n] = own_[n].of_anyone();
      if (over() && network.node(NodeId(n)).translates) {
        anyone_[n].add_all(NodePass(network, NodeId(n), options_.approximation, none, none).own_openings(), 0);
      }
    }
  }
  if (over() && options_.own_sessions) {
    for (std::size_t n = 0; n < own_.size(); ++n) {
      peers_.push_back(network.node(NodeId(n)).tracks
                           ? NodePass(network, NodeId(n), options_.approximation, none, none).peers()
                           : IntervalSet{});
      if (network.family() == Family::ipv6) {
        anyone_[n].share_what_was_opened_here();
      }
    }
  }
}

NodePass Flood::pass_of(NodeId node, Part part) const {
  NodePass pass(*network_, node, options_.approximation, own_[node.index()], anyone_[node.index()], part);
  if (!peers_.empty()) {
    pass.count_sessions_with(peers_[node.index()]);
  }
  return pass;
}

void Flood::run(std::span<const Source> sources) {
  for (const Source& source : sources) {
    if (source.segment.valid()) {
      to_all(source.segment, source.packets, NodeId{});
    } else {
      to_unknown(source.packets);
    }
  }
  settle();
}

// First packets settle before packets of flows pass: these depend on the flows that first packets make, and would have
// to pass anew with each of them.
void Flood::settle() {
  do {
    while (sweep(false)) {
    }
  } while (sweep(true));
}

bool Flood::sweep(bool with_flows) {
  bool busy = false;
  for (const NodeId node : network_->settling_order()) {
    const std::size_t n = node.index();
    if (waiting_[n]) {
      waiting_[n] = false;
      const bool grew = has_more(node);
      const bool knows_more = has_learned_[n];
      has_learned_[n] = false;
      flows_wait_[n] = flows_wait_[n] || grew || knows_more;
      if (grew || (knows_more && !splits(node))) {
        busy = true;
        process(node);
      }
    }
    if (with_flows && flows_wait_[n] && splits(node)) {
      flows_wait_[n] = false;
      busy = true;
      process_flows(node);
    }
  }
  return busy;
}

bool Flood::splits(NodeId id) const {
  const CompiledNode& node = network_->node(id);
  return node.behaviour == Behaviour::working && node.splits && options_.approximation != Approximation::certain;
}

PacketSet Flood::arriving(NodeId id) const {
  const CompiledNode& node = network_->node(id);
  std::vector<PacketSet> parts;
  for (const InterfaceId interface : node.facts.node().interfaces) {
    const PacketSet there = arrived(interface);
    if (!there.is_empty()) {
      parts.push_back(there & network_->space().where(Field::ingress, node.facts.ingress_of(interface)));
    }
  }
  return network_->space().any_of(parts);
}

void Flood::process(NodeId id) {
  if (flagged(options_.removed_nodes, id.index())) {
    return;
  }
  const CompiledNode& node = network_->node(id);
  if (node.behaviour == Behaviour::closed || node.behaviour == Behaviour::leaf) {
    return;
  }
  if (node.behaviour == Behaviour::open) {
    pass_anything(id);
    return;
  }
  const bool half = splits(id);
  NodePass pass = pass_of(id, half ? Part::without_flows : Part::all);
  // With the same flows a pass is a union over packets: only new ones need to pass.
  const PacketSet arrivals = arriving(id);
  const PassResult result = pass.run(arrivals - passed_[id.index()]);
  passed_[id.index()] = arrivals;
  send_on(id, result);
  if (node.passes_freely && over()) {
    pass_freely(id);
    learn_passing(id, arrivals);
  }
  learn(id, result.learned);
}

void Flood::process_flows(NodeId id) {
  if (flagged(options_.removed_nodes, id.index())) {
    return;
  }
  const PacketSet arrivals = passed_[id.index()];
  const PassResult of_flows = pass_of(id, Part::of_flows).run(arrivals - flows_passed_[id.index()]);
  flows_passed_[id.index()] = arrivals;
  send_on(id, of_flows);
  learn(id, of_flows.learned);
}

void Flood::send_on(NodeId id, const PassResult& result) {
  const CompiledNode& node = network_->node(id);
  delivered_[id.index()] |= result.delivered;
  for (std::size_t hop = 0; hop < result.leaving.size(); ++hop) {
    if (!result.leaving[hop].is_empty()) {
      leave_by(node.facts.hops[hop], result.leaving[hop]);
    }
  }
  for (const auto& [gateway, packets] : result.copies) {
    copy_to(id, gateway, packets);
  }
}

void Flood::learn(NodeId node, const FlowTable& learned) {
  const HeaderSets& headers = network_->headers();
  const PacketSet own_before = own_[node.index()].arriving(headers);
  const PacketSet anyones_before = anyone_[node.index()].arriving(headers);
  bool grew = false;
  for (const auto& [key, flow] : learned.flows()) {
    grew = own_[node.index()].add(key, flow) || grew;
  }
  if (learned.helped()) {
    grew = own_[node.index()].add_helped(*learned.helped()) || grew;
  }
  if (!grew) {
    return;
  }
  const FlowTable generalised = learned.of_anyone();
  for (const auto& [key, flow] : generalised.flows()) {
    anyone_[node.index()].add(key, flow);
  }
  if (generalised.helped()) {
    anyone_[node.index()].add_helped(*generalised.helped());
  }
  waiting_[node.index()] = true;
  has_learned_[node.index()] = true;
  // Known flows change what happens to old arrivals, too: to those that begin to belong to one, and to errors about
  // them. Where flows are translated or bring others with them, to any that may belong to one.
  if (!splits(node)) {
    passed_[node.index()] = network_->space().none();
    return;
  }
  PacketSet& passed = flows_passed_[node.index()];
  if (!network_->node(node).translates && !anyone_[node.index()].helped()) {
    passed -= (own_[node.index()].arriving(headers) - own_before) |
              (anyone_[node.index()].arriving(headers) - anyones_before) | headers.icmp_errors();
  } else {
    passed = network_->space().none();
  }
}

// Whoever sends here may see anything come out on every side.
PacketSet Flood::scrambled(PacketSet packets) const {
  if (packets.is_empty()) {
    return packets;
  }
  Space& space = network_->space();
  PacketSet result = space.where(Field::origin, packets.values(Field::origin)) & space.valid();
  return network_->headers().set_role(result, Role::own);
}

void Flood::pass_anything(NodeId id) {
  if (!over()) {
    return;
  }
  const PacketSet anything = scrambled(arriving(id));
  delivered_[id.index()] |= anything;
  for (const InterfaceId interface : network_->node(id).facts.node().interfaces) {
    const SegmentId segment = network_->network().interface(interface).segment;
    if (segment.valid()) {
      to_all(segment, anything, id);
    } else {
      to_unknown(anything);
    }
  }
}

void Flood::pass_freely(NodeId id) {
  const model::Network& network = network_->network();
  for (const InterfaceId in : network_->node(id).facts.node().interfaces) {
    // A host that translates may change what it passes on, nobody knows how.
    const PacketSet packets = network_->node(id).translates ? scrambled(arrived(in)) : arrived(in);
    for (const InterfaceId out : network_->node(id).facts.node().interfaces) {
      // Back to where they came from goes what is not for itself.
      const PacketSet passing = in == out ? packets - network_->node(id).to_itself : packets - network_->to_everyone();
      if (passing.is_empty()) {
        continue;
      }
      if (network.interface(out).segment.valid()) {
        to_all(network.interface(out).segment, passing, id);
      } else if (leads_outside(network.interface(out))) {
        to_unknown(passing);
      }
    }
  }
}

// A host that may forward keeps what it forwards. That shows only in packets to itself, so in flows under its own
// addresses, which IPv4 never forwards ("martian source") and IPv6 does, and under the broadcast addresses of its
// segments, which are no martians.
void Flood::learn_passing(NodeId id, PacketSet arrivals) {
  const CompiledNode& node = network_->node(id);
  if (!node.tracks) {
    return;
  }
  const HeaderSets& headers = network_->headers();
  PacketSet openers = (arrivals & headers.fresh()) - node.to_itself;
  if (network_->family() == Family::ipv4) {
    openers &= network_->space().where(Field::source, node.facts.directed_broadcast);
  }
  const PacketSet passing = headers.tuple(openers);
  FlowTable flows;
  flows.add({0, 0}, {nullptr, nullptr, passing, passing, passing});
  learn(id, flows);
}

void Flood::leave_by(const Hop& hop, PacketSet packets) {
  const SegmentId segment = hop.interface.valid() ? network_->network().interface(hop.interface).segment : SegmentId{};
  if (!segment.valid()) {
    to_unknown(packets);
  } else if (hop.gateway) {
    to_gateway(segment, *hop.gateway, packets);
  } else {
    onto_link(segment, hop.interface, packets);
  }
}

// The nodes on the segment that own the address there.
std::vector<NodeId> Flood::owners_of(SegmentId id, const Address& gateway) const {
  std::vector<NodeId> result;
  for (const CompiledSegment::Neighbour& neighbour : network_->segment(id).neighbours) {
    const model::Interface& interface = network_->network().interface(neighbour.interface);
    if (std::any_of(interface.addresses.begin(), interface.addresses.end(),
                    [&](const InterfaceAddress& address) { return address.address == gateway; })) {
      result.push_back(interface.node);
    }
  }
  return result;
}

void Flood::to_gateway(SegmentId id, const Address& gateway, PacketSet packets) {
  if (flagged(options_.removed_segments, id.index())) {
    return;
  }
  const std::vector<NodeId> owners = owners_of(id, gateway);
  const bool owned = !owners.empty();
  for (const CompiledSegment::Neighbour& neighbour : network_->segment(id).neighbours) {
    const model::Interface& interface = network_->network().interface(neighbour.interface);
    // The twin of an owner may be the active one, and is it when the owner is gone.
    const bool stands_in = std::any_of(owners.begin(), owners.end(), [&](NodeId owner) {
      return are_twins(network_->network(), owner, interface.node) &&
             (over() || flagged(options_.removed_nodes, owner.index()));
    });
    if (!stands_in && std::find(owners.begin(), owners.end(), interface.node) == owners.end()) {
      continue;
    }
    forwarded_[id.index()].add(packets);
    if (neighbour.is_leaf) {
      on_segment_[id.index()].add(packets & network_->node(interface.node).to_itself);
    }
    arrive(neighbour.interface, packets);  // a host that only receives does nothing with the rest until it falls
  }
  if (owned) {
    return;
  }
  if (network_->network().segment(id).external) {
    on_segment_[id.index()].add(packets);  // the router of the external zone
    forwarded_[id.index()].add(packets);
  } else {
    to_unknown(packets);
  }
}

void Flood::onto_link(SegmentId id, InterfaceId from, PacketSet packets) {
  if (flagged(options_.removed_segments, id.index())) {
    return;
  }
  on_segment_[id.index()].add(packets);
  forwarded_[id.index()].add(packets);
  const CompiledSegment& segment = network_->segment(id);
  for (const CompiledSegment::Neighbour& neighbour : segment.neighbours) {
    if (!neighbour.is_leaf && neighbour.interface != from) {
      arrive(neighbour.interface, packets & neighbour.destinations);
    }
  }
  if (!over()) {
    return;
  }
  // Who translates may answer for a destination that nobody owns, and so may somebody who is not in the model.
  const PacketSet nobodys = packets - segment.owned - network_->to_everyone();
  if (nobodys.is_empty()) {
    return;
  }
  for (const CompiledSegment::Neighbour& neighbour : segment.neighbours) {
    const model::Interface& interface = network_->network().interface(neighbour.interface);
    if (neighbour.interface != from && network_->node(interface.node).translates) {
      arrive(neighbour.interface, nobodys);
    }
  }
  if (!network_->network().segment(id).external && !network_->network().segment(id).complete) {
    to_unknown(nobodys);
  }
}

void Flood::to_all(SegmentId id, PacketSet packets, NodeId except) {
  if (flagged(options_.removed_segments, id.index())) {
    return;
  }
  on_segment_[id.index()].add(packets);
  if (except.valid()) {
    forwarded_[id.index()].add(packets);
  }
  for (const CompiledSegment::Neighbour& neighbour : network_->segment(id).neighbours) {
    if (!neighbour.is_leaf && network_->network().interface(neighbour.interface).node != except) {
      arrive(neighbour.interface, packets);
    }
  }
}

// To the neighbours of the segment that holds the gateway; where none does, the way to it is not looked up.
void Flood::copy_to(NodeId node, const std::optional<Address>& gateway, PacketSet packets) {
  const std::vector<InterfaceId>& interfaces = network_->node(node).facts.node().interfaces;
  const auto near = [&](InterfaceId id) {
    const auto& addresses = network_->network().interface(id).addresses;
    return gateway && std::any_of(addresses.begin(), addresses.end(),
                                  [&](const InterfaceAddress& address) { return address.prefix.contains(*gateway); });
  };
  const bool known = std::any_of(interfaces.begin(), interfaces.end(), near);
  for (const InterfaceId id : interfaces) {
    const model::Interface& interface = network_->network().interface(id);
    if (known && !near(id)) {
      continue;
    }
    if (interface.segment.valid()) {
      to_all(interface.segment, packets, node);
    } else if (leads_outside(interface)) {
      to_unknown(packets);
    }
  }
}

void Flood::to_unknown(PacketSet packets) {
  if (!over() || packets.subset_of(at_unknown_)) {
    return;
  }
  at_unknown_ |= packets;
  const PacketSet anything = scrambled(at_unknown_);
  for (std::size_t s = 0; s < network_->network().segments.size(); ++s) {
    if (!network_->network().segments[s].complete) {
      const SegmentId segment(s);
      on_segment_[s].add(anything);
      forwarded_[s].add(anything);
      for (const CompiledSegment::Neighbour& neighbour : network_->segment(segment).neighbours) {
        if (!neighbour.is_leaf) {
          arrive(neighbour.interface, anything);
        }
      }
    }
  }
  for (std::size_t i = 0; i < network_->network().interfaces.size(); ++i) {  // wired to nothing that is known
    if (leads_outside(network_->network().interfaces[i])) {
      arrive(InterfaceId(i), anything);
    }
  }
}

void Flood::arrive(InterfaceId interface, PacketSet packets) {
  arrived_[interface.index()].add(packets);
  waiting_[network_->network().interface(interface).node.index()] = true;
}

// Whether anything arrived at the node that had not arrived before.
bool Flood::has_more(NodeId node) {
  bool grew = false;
  for (const InterfaceId interface : network_->network().node(node).interfaces) {
    grew = arrived_[interface.index()].take_growth() || grew;
  }
  return grew;
}

PacketSet Flood::delivered(NodeId id) const {
  const CompiledNode& node = network_->node(id);
  if (node.behaviour != Behaviour::leaf) {
    return delivered_[id.index()];
  }
  PacketSet result = network_->space().none();
  for (const InterfaceId interface : node.facts.node().interfaces) {
    const SegmentId segment = network_->network().interface(interface).segment;
    if (segment.valid() && network_->network().interface(interface).is_up) {
      result |= on_segment(segment) & node.to_itself;
    }
  }
  return result;
}

PacketSet Flood::delivered_to_unlisted(SegmentId segment) const {
  const CompiledSegment& compiled = network_->segment(segment);
  if (compiled.unlisted.is_empty()) {
    return network_->space().none();
  }
  return on_segment(segment) & (compiled.unlisted | network_->to_everyone());
}

PassResult Flood::explain(NodeId node, PacketSet packets) const {
  NodePass pass = pass_of(node, Part::all);
  return pass.run(arriving(node) & packets, NodePass::Explain::yes);
}

}  // namespace segproof::reach
