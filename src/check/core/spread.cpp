// SPDX-License-Identifier: Apache-2.0
#include "check/core/spread.h"

#include <algorithm>

namespace check {
namespace {

constexpr std::size_t most_pieces = 20'000;

bool holds(const Prefix& prefix, const Address& address) {
  const Range range = prefix.range();
  return prefix.address.family == address.family && range.low <= address.value && address.value <= range.high;
}

// Cuts `hole` out of all pieces; `set_of` gives the place in a piece where the set of a field stands.
template <class SetOf>
void cut_out(Sets& sets, std::vector<Passage>& pieces, const Box& hole, const SetOf& set_of) {
  std::vector<Passage> result;
  for (Passage& piece : pieces) {
    bool meets = true;
    for (std::size_t f = 0; f < field_count && meets; ++f) {
      meets = sets.meet(set_of(piece, f), hole[f]) != no_value;
    }
    for (std::size_t f = 0; f < field_count && meets; ++f) {
      const SetId outside = sets.without(static_cast<Field>(f), set_of(piece, f), hole[f]);
      if (outside != no_value) {
        result.push_back(piece);
        set_of(result.back(), f) = outside;
      }
      set_of(piece, f) = sets.meet(set_of(piece, f), hole[f]);
    }
    if (!meets) {
      result.push_back(std::move(piece));
    }
  }
  if (result.size() > most_pieces) {
    throw TooLarge();
  }
  pieces = std::move(result);
}

SetId& as_arrived(Passage& packets, std::size_t field) {
  return packets.box[field];
}
SetId& as_now(Passage& packets, std::size_t field) {
  return packets.now[field] ? *packets.now[field] : packets.box[field];
}

void without_exceptions(Sets& sets, std::vector<Passage>& pieces) {
  if (pieces.empty()) {
    return;
  }
  for (const Except* except = pieces.front().except.get(); except != nullptr && !pieces.empty();
       except = except->before.get()) {
    cut_out(sets, pieces, except->box, as_arrived);
  }
}

}  // namespace

bool keep_own(Sets& sets, Passage& packets) {
  SetId& roles = as_now(packets, role);
  roles = sets.meet(roles, sets.single(role, own_role));
  return roles != no_value;
}

std::vector<Passage> escaping(Sets& sets, const Passage& packets, const std::vector<Box>& rows) {
  const Box header = header_of(packets);
  std::vector<Passage> pieces{packets};
  const SetId by_sender = sets.single(role, own_role);
  std::vector<Box> holes;
  for (Box row : rows) {
    row[role] = sets.within(by_sender, row[role]) ? any_value : row[role];
    if (sets.within(header, row)) {
      return {};
    }
    if (!Sets::is_empty(sets.meet(header, row))) {
      holes.push_back(row);
    }
  }
  for (const Box& hole : holes) {
    cut_out(sets, pieces, hole, as_now);
  }
  without_exceptions(sets, pieces);
  return pieces;
}

namespace {

// Those of the pieces whose tuples are in no row.
void cut_out_flows(Sets& sets, std::vector<Passage>& pieces, const std::vector<FlowRow>& flows) {
  for (const FlowRow& flow : flows) {
    if (pieces.empty()) {
      return;
    }
    const Passage& model = pieces.front();
    bool alike = flow.is_helped || !model.is_helped;
    Box left{};
    for (const Field field : {source, destination, sport, dport}) {
      alike = alike && flow.left[field].has_value() == model.now[field].has_value();
      left[field] = model.now[field] && flow.left[field] ? *flow.left[field] : any_value;
    }
    if (!alike) {
      continue;
    }
    // Both the headers as they arrived and as they left must be in the row.
    std::vector<Passage> inside = pieces;
    cut_out(sets, pieces, flow.arrived, as_arrived);
    for (Passage& piece : inside) {
      piece.box = sets.meet(piece.box, flow.arrived);
    }
    std::erase_if(inside, [](const Passage& piece) { return Sets::is_empty(piece.box); });
    cut_out(sets, inside, left, as_now);
    pieces.insert(pieces.end(), inside.begin(), inside.end());
  }
}

// A tuple has no flags, and no role.
void keep_tuples(std::vector<Passage>& pieces) {
  for (Passage& piece : pieces) {
    piece.box[flags] = any_value;
    piece.box[role] = any_value;
  }
}

}  // namespace

std::vector<Passage> unknown_flows(Sets& sets, const Passage& packets, const std::vector<FlowRow>& flows) {
  std::vector<Passage> pieces{packets};
  keep_tuples(pieces);
  cut_out_flows(sets, pieces, flows);
  if (pieces.empty()) {
    return pieces;
  }
  pieces = {packets};
  without_exceptions(sets, pieces);
  keep_tuples(pieces);
  cut_out_flows(sets, pieces, flows);
  return pieces;
}

template <class Use>
void Spread::each_on(std::size_t segment, const Use& use) const {
  const auto& nodes = world_->network().nodes;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    for (std::size_t i = 0; i < nodes[n].interfaces.size(); ++i) {
      if (nodes[n].interfaces[i].segment == segment && nodes[n].interfaces[i].is_up) {
        use(n, i);
      }
    }
  }
}

// Whoever sends into the unknown may see anything come out.
Passage Spread::anything() const {
  Passage result;
  result.box[role] = world_->sets().single(role, own_role);
  return result;
}

Walked Spread::walk(NodeWalk& node, const Spot& spot, const Box& box) {
  return node.walk(box, spot.number);
}

void Spread::step(const Spot& spot, const Box& box, const std::vector<FlowRow>& own,
                  const std::vector<FlowRow>& anyone) {
  if (spot.kind == Spot::Kind::outside) {
    outside();
  }
  if (spot.kind != Spot::Kind::interface) {
    return;
  }
  const Facts& facts = world_->facts(spot.node);
  if (facts.behaviour == Behaviour::open) {
    pass_anything(spot.node);
  }
  if (facts.behaviour != Behaviour::working) {
    return;
  }
  NodeWalk node(*world_, spot.node, own, anyone, *steps_);
  const Walked walked = walk(node, spot, box);
  for (const Passage& packets : walked.delivered) {
    events_->is_delivered(spot.node, packets);
  }
  for (const Passage& packets : walked.opened) {
    events_->opens(spot.node, packets);
  }
  for (const Passage& packets : walked.leaving) {
    leave(spot.node, packets);
  }
  for (const auto& [gateway, packets] : walked.copies) {
    copy(spot.node, gateway, packets);
  }
  if (facts.passes_freely) {
    pass_freely(spot.node, spot.number, box);
  }
}

void Spread::pass_anything(std::size_t node) {
  events_->is_delivered(node, anything());
  for (const Interface& interface : world_->network().nodes[node].interfaces) {
    if (interface.segment) {
      to_all(*interface.segment, anything(), node);
    } else {
      events_->arrives({}, anything());
    }
  }
}

void Spread::pass_freely(std::size_t node, std::size_t in, const Box& box) {
  const Facts& facts = world_->facts(node);
  Sets& sets = world_->sets();
  const auto& interfaces = world_->network().nodes[node].interfaces;
  Passage all = facts.translates ? anything() : Passage{};
  if (!facts.translates) {
    all.box = box;
  }
  for (std::size_t out = 0; out < interfaces.size(); ++out) {
    const SetId kept = out == in ? facts.to_itself : world_->link_only();
    Passage packets = all;
    packets.box[destination] = sets.without(destination, all.box[destination], kept);
    if (packets.box[destination] == no_value) {
      continue;
    }
    if (interfaces[out].segment) {
      to_all(*interfaces[out].segment, packets, node);
    } else if (Surroundings::leads_outside(interfaces[out])) {
      events_->arrives({}, packets);
    }
  }
  if (facts.tracks) {  // it keeps what it forwards: with IPv4 nothing under an address of its own
    for (const Box& first : first_packets(sets)) {
      Passage packets;
      packets.box = sets.meet(box, first);
      packets.box[destination] = sets.without(destination, packets.box[destination], facts.to_itself);
      if (sets.family() == Family::ipv4) {
        packets.box[source] = sets.meet(packets.box[source], facts.directed_broadcast);
      }
      if (!Sets::is_empty(packets.box)) {
        events_->opens(node, packets);
      }
    }
  }
}

void Spread::leave(std::size_t node, const Passage& packets) {
  const Hop& hop = *packets.out;
  const auto segment =
      hop.interface ? world_->network().nodes[node].interfaces[*hop.interface].segment : std::optional<std::size_t>();
  if (!segment) {
    events_->arrives({}, packets);
  } else if (hop.gateway) {
    to_gateway(*segment, *hop.gateway, packets);
  } else {
    onto_link(node, *hop.interface, *segment, packets);
  }
}

void Spread::to_gateway(std::size_t segment, const Address& gateway, const Passage& packets) {
  const auto& nodes = world_->network().nodes;
  const std::vector<std::size_t> owners = world_->owners(segment, gateway);
  each_on(segment, [&](std::size_t n, std::size_t i) {
    // The twin of an owner may be the active one.
    const bool takes = std::any_of(owners.begin(), owners.end(), [&](std::size_t owner) {
      return owner == n || nodes[owner].twin == nodes[n].name || nodes[n].twin == nodes[owner].name;
    });
    if (takes && is_leaf(n)) {
      Passage kept = packets;
      const Asker asker(*world_, n);
      if (asker.keep(kept, destination, world_->facts(n).to_itself)) {
        events_->arrives({Spot::Kind::segment, 0, segment}, kept);
      }
    }
    if (takes) {  // also what a host gets as a gateway, and does nothing with
      events_->arrives({Spot::Kind::interface, n, i}, packets);
    }
  });
  if (owners.empty() && world_->network().segments[segment].is_external) {
    events_->arrives({Spot::Kind::segment, 0, segment}, packets);
  } else if (owners.empty()) {
    events_->arrives({}, packets);
  }
}

void Spread::onto_link(std::size_t node, std::size_t interface, std::size_t segment, const Passage& packets) {
  events_->arrives({Spot::Kind::segment, 0, segment}, packets);
  const Asker asker(*world_, node);
  Passage nobodys = packets;  // somebody who translates may answer for them, or who is not in the model
  const bool is_nobodys =
      asker.keep(nobodys, destination, world_->sets().without(destination, any_value, world_->owned(segment)));
  each_on(segment, [&](std::size_t n, std::size_t i) {
    const bool is_self = n == node && i == interface;
    Passage here = packets;
    if (!is_self && !is_leaf(n) && asker.keep(here, destination, world_->taken(n, segment))) {
      events_->arrives({Spot::Kind::interface, n, i}, here);
    }
    if (is_nobodys && !is_self && world_->facts(n).translates) {
      events_->arrives({Spot::Kind::interface, n, i}, nobodys);
    }
  });
  const Segment& here = world_->network().segments[segment];
  if (is_nobodys && !here.is_external && !here.is_complete) {
    events_->arrives({}, nobodys);
  }
}

void Spread::to_all(std::size_t segment, const Passage& packets, std::optional<std::size_t> except) {
  events_->arrives({Spot::Kind::segment, 0, segment}, packets);
  each_on(segment, [&](std::size_t n, std::size_t i) {
    if (n != except && !is_leaf(n)) {
      events_->arrives({Spot::Kind::interface, n, i}, packets);
    }
  });
}

void Spread::copy(std::size_t node, const std::optional<Address>& gateway, const Passage& packets) {
  const auto& interfaces = world_->network().nodes[node].interfaces;
  const auto is_near = [&](const Interface& interface) {
    return gateway && std::any_of(interface.connected.begin(), interface.connected.end(),
                                  [&](const Prefix& prefix) { return holds(prefix, *gateway); });
  };
  const bool is_known = std::any_of(interfaces.begin(), interfaces.end(), is_near);
  for (const Interface& interface : interfaces) {
    if (is_known && !is_near(interface)) {
      continue;
    }
    if (interface.segment) {
      to_all(*interface.segment, packets, node);
    } else if (Surroundings::leads_outside(interface)) {
      events_->arrives({}, packets);
    }
  }
}

// From outside the model anything comes out on every segment that is not complete.
void Spread::outside() {
  const Network& network = world_->network();
  for (std::size_t s = 0; s < network.segments.size(); ++s) {
    if (!network.segments[s].is_complete) {
      to_all(s, anything(), std::nullopt);
    }
  }
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    for (std::size_t i = 0; i < network.nodes[n].interfaces.size(); ++i) {
      if (Surroundings::leads_outside(network.nodes[n].interfaces[i]) && !is_leaf(n)) {
        events_->arrives({Spot::Kind::interface, n, i}, anything());
      }
    }
  }
}

}  // namespace check
