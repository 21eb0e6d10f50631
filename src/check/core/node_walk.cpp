// SPDX-License-Identifier: Apache-2.0
#include "check/core/node_walk.h"

#include <algorithm>

namespace check {
namespace {

constexpr std::size_t most_passages = 100'000;

bool is_unwalked(const Stage& stage, Hook at, std::size_t family) {
  return stage.hook != at || !stage.sees[family];
}

}  // namespace

NodeWalk::NodeWalk(const Surroundings& world, std::size_t node, const std::vector<FlowRow>& own,
                   const std::vector<FlowRow>& anyone, std::size_t& steps)
    : world_(&world),
      facts_(&world.facts(node)),
      rules_(&world.rules(node)),
      own_(&own),
      anyone_(&anyone),
      steps_(&steps),
      asker_(world, node) {}

void NodeWalk::spend(std::size_t amount) {
  if (*steps_ < amount) {
    throw TooLarge();
  }
  *steps_ -= amount;
}

Walked NodeWalk::walk(const Box& arriving, std::size_t interface) {
  result_ = {};
  Passage packet;
  packet.box = arriving;
  packet.in = interface;
  if (facts_->tracks) {  // reassembled
    packet.box[fragment] = sets().meet(packet.box[fragment], sets().single(fragment, 0));
  }
  if (Sets::is_empty(packet.box)) {
    return {};
  }
  const Passages inside = hook(Hook::ingress, {packet});
  Passages local;
  Passages through;
  for (const Passage& here : inside) {
    Passage mine = here;
    if (asker_.keep(mine, destination, facts_->to_itself)) {
      local.push_back(std::move(mine));
    }
    Passage other = here;
    if (asker_.keep(other, destination, sets().without(destination, any_value, facts_->never_forwarded))) {
      through.push_back(std::move(other));
    }
  }
  const auto note_opened = [&](const Passages& packets) {
    for (const Passage& here : packets) {
      note_flow(here);
    }
  };
  const Passages delivered = hook(Hook::deliver, std::move(local));
  note_opened(delivered);
  result_.delivered.insert(result_.delivered.end(), delivered.begin(), delivered.end());
  if (facts_->forwards) {
    const Passages leaving = hook(Hook::egress, hook(Hook::forward, route(through)));
    note_opened(leaving);
    for (const Passage& here : leaving) {
      result_.leaving.push_back(here);
      if (facts_->tracks && world_->fragments_matter()) {
        Passage piece = here;
        const SetId zero = sets().single(sport, 0);
        piece.now[sport] = piece.now[dport] = piece.now[flags] = zero;
        piece.now[fragment] = sets().single(fragment, 1);
        result_.leaving.push_back(std::move(piece));
      }
    }
  }
  return std::move(result_);
}

// The first packets of flows, and of those that a helper expects; an ICMP error opens nothing. Some kernels know flows
// of some protocols without their ports.
void NodeWalk::note_flow(const Passage& packets) {
  Passage opening = packets;
  const SetId not_icmp = sets().without(protocol, any_value, sets().single(protocol, icmp_of(sets())));
  const bool opens = packets.state == fresh || (packets.state == related && asker_.keep(opening, protocol, not_icmp));
  if (!facts_->tracks || !opens) {
    return;
  }
  result_.opened.push_back(opening);
  if (asker_.keep(opening, protocol, sets().of(protocol, perhaps_portless()))) {
    opening.except.reset();
    for (const Field port : {sport, dport}) {
      opening.box[port] = any_value;
      opening.now[port] = opening.now[port] ? std::optional(any_value) : std::nullopt;
    }
    result_.opened.push_back(std::move(opening));
  }
}

NodeWalk::Passages NodeWalk::hook(Hook at, Passages packets) {
  const std::size_t family = world_->family();
  bool is_first = true;
  bool waits_for_tracking = false;
  for (const Stage& stage : rules_->stages) {
    if (!is_unwalked(stage, at, family)) {
      waits_for_tracking = waits_for_tracking || (!is_first && stage.kind == Stage::Kind::track);
      is_first = false;
    }
  }
  for (Passage& packet : packets) {  // rules before connection tracking see no state
    packet.state = waits_for_tracking ? invalid : packet.state;
  }
  Passages settled;
  for (const Stage& stage : rules_->stages) {
    if (is_unwalked(stage, at, family)) {
      continue;
    }
    if (stage.kind == Stage::Kind::track) {
      packets = track(packets);
    } else if (stage.kind == Stage::Kind::filter) {
      packets = filter(stage, packets);
      settled = settled.empty() ? settled : filter(stage, settled);
    } else {
      packets = translate(stage, packets, settled);
    }
  }
  packets.insert(packets.end(), settled.begin(), settled.end());
  for (Passage& packet : packets) {
    if (at == Hook::ingress) {
      become(packet, packet.inward);
    } else if (at == Hook::egress || at == Hook::deliver) {
      become(packet, packet.outward);
    }
  }
  return packets;
}

void NodeWalk::become(Passage& packet, std::array<std::optional<SetId>, field_count>& pending) {
  for (std::size_t f = 0; f < field_count; ++f) {
    if (pending[f]) {
      packet.now[f] = *pending[f];
      pending[f].reset();
    }
  }
}

Passage NodeWalk::scrambled(Passage packet) {
  for (const Field field : {source, destination, sport, dport}) {
    packet.now[field] = any_value;
  }
  return packet;
}

NodeWalk::Passages NodeWalk::filter(const Stage& stage, const Passages& packets) {
  Passages accepted;
  Passages translated;
  Passages back;
  chain(*stage.chain, packets, accepted, translated, back);
  if (stage.accepts) {
    accepted.insert(accepted.end(), back.begin(), back.end());
  }
  return accepted;
}

NodeWalk::Passages NodeWalk::translate(const Stage& stage, const Passages& packets, Passages& settled) {
  const bool is_inward = stage.hook == Hook::ingress || stage.hook == Hook::originate;
  Passages result;
  Passages asked;
  for (Passage packet : packets) {
    become(packet, is_inward ? packet.inward : packet.outward);
    // Only first packets are asked, and of several stages at one hook only the first that translates does.
    const bool is_asked = packet.state == fresh && packet.translated[is_inward ? 0 : 1] != true;
    (is_asked ? asked : result).push_back(std::move(packet));
  }
  Passages back;
  Passages stays;
  chain(*stage.chain, asked, result, stays, back);
  for (Passage& packet : stays) {
    (packet.translated[is_inward ? 0 : 1] == true ? result : settled).push_back(std::move(packet));
  }
  if (stage.accepts) {
    result.insert(result.end(), back.begin(), back.end());
  }
  return result;
}

void NodeWalk::chain(std::size_t number, Passages packets, Passages& accepted, Passages& translated, Passages& back) {
  for (const Rule& rule : rules_->chains[number]) {
    if (packets.empty()) {
      return;
    }
    if (rule.action.kind == Action::Kind::go_on) {
      continue;
    }
    spend(packets.size());
    Passages next;
    for (const Passage& packet : packets) {
      Passages yes;
      asker_.split(rule.tests, packet, yes, next);
      for (const Passage& taken : yes) {
        act(rule, taken, accepted, translated, back, next);
      }
    }
    packets = std::move(next);
    if (packets.size() > most_passages) {
      throw TooLarge();
    }
  }
  back.insert(back.end(), packets.begin(), packets.end());
}

Passage NodeWalk::marked(const Action& action, Passage packet) {
  std::optional<Value>& mark = action.on_connection ? packet.connection_mark : packet.mark;
  const std::optional<Value> other = action.on_connection ? packet.mark : packet.connection_mark;
  if (action.kind == Action::Kind::set_mark) {
    mark = mark ? std::optional((*mark & action.first) ^ action.second) : std::nullopt;
  } else {
    mark = mark && other ? std::optional((*mark & ~action.first) ^ (*other & action.second)) : std::nullopt;
  }
  return packet;
}

void NodeWalk::act(const Rule& rule, const Passage& packet, Passages& accepted, Passages& translated, Passages& back,
                   Passages& next) {
  using Kind = Action::Kind;
  const Action& action = rule.action;
  Passage changed = packet;
  switch (action.kind) {
    case Kind::go_on:
      next.push_back(packet);
      break;
    case Kind::accept:
      accepted.push_back(packet);
      break;
    case Kind::drop:
      break;
    case Kind::jump:
      chain(action.chain, {packet}, accepted, translated, next);
      break;
    case Kind::go_to:
      chain(action.chain, {packet}, accepted, translated, back);
      break;
    case Kind::come_back:
      back.push_back(packet);
      break;
    case Kind::set_mark:
    case Kind::copy_mark:
      next.push_back(marked(action, packet));
      break;
    case Kind::untrack:
      changed.state = untracked;
      next.push_back(changed);
      break;
    case Kind::translate:
      rewrite(action, packet, translated, accepted);
      break;
    case Kind::anything:
      changed.mark = changed.connection_mark = std::nullopt;
      for (Passages* ends : {&accepted, &back, &next}) {
        ends->push_back(changed);
      }
      accepted.push_back(scrambled(changed));
      if (action.is_local) {
        result_.delivered.push_back(packet);
      }
      break;
    case Kind::duplicate:
      result_.copies.emplace_back(action.gateway, packet);
      next.push_back(packet);
      break;
    case Kind::helper:
      changed.is_helped = true;
      next.push_back(changed);
      break;
  }
}

void NodeWalk::rewrite(const Action& action, const Passage& packet, Passages& translated, Passages& accepted) {
  if (action.family && *action.family != sets().family()) {
    accepted.push_back(packet);
    return;
  }
  const Field address = action.endpoint;
  const Field port = address == source ? sport : dport;
  const std::size_t end = address == source ? 1 : 0;
  std::optional<SetId> addresses;
  if (action.addresses && !action.addresses->empty()) {
    addresses = sets().of(address, *action.addresses);
  }
  if (action.to_interface) {
    const std::optional<std::size_t> interface =
        address == destination ? packet.in : packet.out ? packet.out->interface : std::nullopt;
    addresses = interface ? facts_->on_interface[*interface] : any_value;
    addresses = *addresses == no_value ? any_value : *addresses;
  }
  const auto current = [&](Field field) { return packet.now[field] ? *packet.now[field] : packet.box[field]; };
  // It may come out as it went in: such a flow does not count as translated.
  Passage stays = packet;
  const bool can_stay = (!addresses || asker_.keep(stays, address, *addresses)) &&
                        (!action.ports || action.ports->empty() ||
                         sets().meet(current(port), sets().of(port, *action.ports)) != no_value ||
                         !sets().within(current(protocol), sets().of(protocol, surely_with_ports())));
  if (can_stay) {
    translated.push_back(std::move(stays));
  }
  Passage changed = packet;
  changed.translated[end] = true;
  if (addresses) {
    changed.now[address] = *addresses;
  }
  const bool any_port = action.any_port || address == source;
  if (action.ports || any_port) {
    // Packets without ports keep what stands in their place.
    Passage without = changed;
    const SetId ported = sets().of(protocol, with_ports());
    const SetId surely = sets().of(protocol, surely_with_ports());
    if (asker_.keep(without, protocol, sets().without(protocol, any_value, surely))) {
      translated.push_back(std::move(without));
    }
    changed.now[port] = action.ports ? sets().of(port, *action.ports) : any_value;
    if (!asker_.keep(changed, protocol, ported)) {
      return;
    }
  }
  translated.push_back(std::move(changed));
}

Passage NodeWalk::known(const Passage& packet, State state, Role how) const {
  Passage result = packet;
  result.state = state;
  result.connection_mark.reset();
  result.translated = {std::nullopt, std::nullopt};
  if (how != own_role) {
    result.now[role] = sets().single(role, how);
  }
  return result;
}

NodeWalk::Passages NodeWalk::track(const Passages& packets) {
  Passages result;
  for (const Passage& arrived : packets) {
    if (arrived.state == untracked) {
      result.push_back(arrived);
      continue;
    }
    // Connections are known by the headers as they are now. What was rewritten before may have been anything.
    Passage packet = arrived;
    for (const Field field : {source, destination, sport, dport}) {
      if (packet.now[field]) {
        packet.box[field] = any_value;
        packet.except.reset();
      }
    }
    track_fresh(packet, result);
    for (const FlowRow& flow : *own_) {
      track_flow(packet, flow, true, result);
      track_helped(packet, flow, result);
    }
    for (const FlowRow& flow : *anyone_) {
      track_flow(packet, flow, false, result);
      track_helped(packet, flow, result);
    }
    track_own_sessions(packet, result);
    track_related(packet, result);
    spend(1 + own_->size() + anyone_->size());
  }
  return result;
}

void NodeWalk::track_fresh(const Passage& packet, Passages& into) const {
  const std::pair<State, std::vector<Box>> classes[] = {
      {fresh, first_packets(sets())}, {invalid, invalid_packets(sets())}, {untracked, never_tracked(sets())}};
  for (const auto& [state, boxes] : classes) {
    for (const Box& box : boxes) {
      Passage part = packet;
      part.state = state;
      part.box = sets().meet(packet.box, box);
      if (!Sets::is_empty(part.box)) {
        into.push_back(std::move(part));
      }
    }
  }
}

// A packet of a flow, in its own direction or as an answer. The header changes as the flow's did: the destination on
// entering, the source on leaving; for answers backwards.
void NodeWalk::track_flow(const Passage& packet, const FlowRow& flow, bool is_own, Passages& into) {
  const auto add = [&](const Box& box, const std::array<std::optional<SetId>, field_count>& inward,
                       const std::array<std::optional<SetId>, field_count>& outward) {
    Passage part = packet;
    part.box = sets().meet(packet.box, box);
    if (Sets::is_empty(part.box)) {
      return;
    }
    const SetId by_sender = sets().single(role, own_role);
    const auto push = [&](SetId roles, Role becomes) {
      Passage here = part;
      here.box[role] = sets().meet(part.box[role], roles);
      if (here.box[role] != no_value) {
        here = known(here, established, becomes);
        here.inward = inward;
        here.outward = outward;
        into.push_back(std::move(here));
      }
    };
    push(by_sender, is_own ? own_role : foreign_role);
    push(sets().without(role, any_value, by_sender), own_role);  // keeps the role that it has
  };
  std::array<std::optional<SetId>, field_count> inward;
  std::array<std::optional<SetId>, field_count> outward;
  inward[destination] = flow.left[destination];
  inward[dport] = flow.left[dport];
  outward[source] = flow.left[source];
  outward[sport] = flow.left[sport];
  add(flow.arrived, inward, outward);
  std::array<std::optional<SetId>, field_count> back_in;
  std::array<std::optional<SetId>, field_count> back_out;
  const auto before = [&](Field changed, Field where, auto& into_set) {
    if (flow.left[changed]) {
      into_set[where] = flow.arrived[changed];
    }
  };
  before(source, destination, back_in);
  before(sport, dport, back_in);
  before(destination, source, back_out);
  before(dport, sport, back_out);
  for (const Box& box : answers_of(sets(), flow)) {
    const bool is_icmp = sets().within(box[protocol], sets().single(protocol, icmp_of(sets())));
    auto inside = back_in;
    auto outside = back_out;
    if (is_icmp) {  // there are no ports
      inside[dport].reset();
      outside[sport].reset();
    }
    add(box, inside, outside);
  }
}

// The node may be in touch with anybody, under each of its addresses and those that it translates to.
void NodeWalk::track_own_sessions(const Passage& packet, Passages& into) {
  const auto add = [&](SetId addresses, bool is_translated) {
    Passage part = packet;
    if (!asker_.keep(part, destination, addresses)) {
      return;
    }
    Passage here = known(part, established, own_role);
    const SetId by_sender = sets().single(role, own_role);
    for (const bool is_own : {true, false}) {
      Passage one = here;
      one.box[role] = is_own ? sets().meet(part.box[role], by_sender) : sets().without(role, part.box[role], by_sender);
      if (one.box[role] == no_value) {
        continue;
      }
      if (is_own) {
        one.now[role] = sets().single(role, foreign_role);
      }
      if (is_translated) {
        one.inward[destination] = facts_->own;
        one.inward[dport] = any_value;
        one.outward[source] = any_value;
        one.outward[sport] = any_value;
      }
      into.push_back(std::move(one));
    }
  };
  add(facts_->own, false);
  if (facts_->translates) {
    SetId leaving = no_value;
    for (const std::vector<Rule>& list : rules_->chains) {
      for (const Rule& rule : list) {
        if (rule.action.kind == Action::Kind::translate && rule.action.endpoint == source && rule.action.addresses) {
          leaving = sets().join(source, leaving, sets().of(source, *rule.action.addresses));
        }
      }
    }
    add(sets().join(destination, leaving, facts_->own), true);
  }
}

// ICMP errors go to whoever has a flow, on either side; their outer header is translated like the flow's, or not.
void NodeWalk::track_related(const Passage& packet, Passages& into) {
  Passage error = packet;
  error.box[protocol] = sets().meet(packet.box[protocol], sets().single(protocol, icmp_of(sets())));
  error.box[dport] = sets().meet(packet.box[dport], sets().of(dport, icmp_errors(sets())));
  if (Sets::is_empty(error.box)) {
    return;
  }
  SetId known_to = facts_->own;
  for (const std::vector<FlowRow>* flows : {own_, anyone_}) {
    for (const FlowRow& flow : *flows) {
      for (const Field end : {source, destination}) {
        known_to = sets().join(end, known_to, flow.arrived[end]);
        known_to = flow.left[end] ? sets().join(end, known_to, *flow.left[end]) : known_to;
      }
    }
  }
  if (!asker_.keep(error, destination, known_to)) {
    return;
  }
  Passage part = known(error, related, related_role);
  into.push_back(part);
  if (facts_->translates) {
    part.inward[destination] = known_to;
    into.push_back(part);
    part.outward[source] = known_to;
    into.push_back(part);
    part.inward[destination].reset();
    into.push_back(std::move(part));
  }
}

// The parties of a flow with a helper may open anything to each other.
void NodeWalk::track_helped(const Passage& packet, const FlowRow& flow, Passages& into) {
  if (!flow.is_helped) {
    return;
  }
  const auto add = [&](SetId from, SetId to) {
    Passage part = packet;
    part.box[source] = sets().meet(packet.box[source], from);
    part.box[destination] = sets().meet(packet.box[destination], to);
    if (!Sets::is_empty(part.box)) {
      part = known(part, related, own_role);
      if (facts_->translates) {
        Passage changed = scrambled(part);
        into.push_back(std::move(changed));
      }
      into.push_back(std::move(part));
    }
  };
  const auto both = [&](Field end) {
    return flow.left[end] ? sets().join(end, flow.arrived[end], *flow.left[end]) : flow.arrived[end];
  };
  add(both(source), both(destination));
  add(both(destination), both(source));
}

NodeWalk::Passages NodeWalk::route(const Passages& packets) {
  Passages result;
  Passages asking = packets;
  for (const WayTable& table : facts_->ways) {
    Passages next;
    for (const Passage& packet : asking) {
      Passages yes{packet};
      if (table.tests != nullptr) {
        yes.clear();
        asker_.split(*table.tests, packet, yes, next);
      }
      SetId routed = no_value;
      for (const Passage& taken : yes) {
        for (const Way& way : table.ways) {
          routed = sets().join(destination, routed, way.destinations);
          Passage part = taken;
          if (way.hops.empty() || !asker_.keep(part, destination, way.destinations)) {
            continue;
          }
          for (const Hop& hop : way.hops) {
            result.push_back(part);
            result.back().out = hop;
          }
        }
        Passage unrouted = taken;  // the next rule is asked
        if (asker_.keep(unrouted, destination, sets().without(destination, any_value, routed))) {
          next.push_back(std::move(unrouted));
        }
      }
    }
    asking = std::move(next);
    spend(asking.size() + result.size());
  }
  return result;
}

}  // namespace check
