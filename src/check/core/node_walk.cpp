// SPDX-License-Identifier: Apache-2.0
#include "check/core/node_walk.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace check {
namespace {

constexpr std::size_t most_passages = 100'000;

const std::vector<FlowRow> no_flows;

bool is_unwalked(const Stage& stage, Hook at, std::size_t family) {
  return stage.hook != at || !stage.sees[family];
}

SetId loopback(Sets& sets) {
  return sets.family() == Family::ipv4 ? sets.of(destination, {{0x7f000000U, 0x7fffffffU}})
                                       : sets.single(destination, 1);
}

}  // namespace

NodeWalk::NodeWalk(const Surroundings& world, std::size_t node, const std::vector<FlowRow>& own,
                   const std::vector<FlowRow>& anyone, std::size_t& steps)
    : world_(&world),
      node_(node),
      facts_(&world.facts(node)),
      rules_(&world.rules(node)),
      own_(&own),
      anyone_(&anyone),
      steps_(&steps),
      asker_(world, node) {}

NodeWalk::NodeWalk(const Surroundings& world, std::size_t node, const std::vector<Connection>& table,
                   const std::vector<Supposed>& supposed, bool may_end, std::size_t& steps)
    : NodeWalk(world, node, no_flows, no_flows, steps) {
  table_ = &table;
  supposed_ = &supposed;
  may_end_ = may_end;
}

// In a replay nothing may be lost but what is said to be.
void NodeWalk::lose(bool is_lost, const char* how) {
  doubt(is_lost && !may_end_, how);
  result_.may_end = result_.may_end || is_lost;
}

// In a replay it must be known what becomes of packets.
void NodeWalk::doubt(bool is_doubtful, const char* how) const {
  if (is_doubtful && table_ != nullptr) {
    throw Rejected(world_->network().nodes[node_].name + " may not let it through: " + how);
  }
}

// What is supposed of a rule; of none: that a host forwards.
const Supposed* NodeWalk::supposed(const std::string& origin) const {
  for (std::size_t i = 0; supposed_ != nullptr && i < supposed_->size(); ++i) {
    const Supposed& one = (*supposed_)[i];
    const bool is_meant = origin.empty() ? one.how == Supposed::How::forwards : one.origin == origin;
    if (one.node == node_ && is_meant) {
      return &one;
    }
  }
  return nullptr;
}

bool NodeWalk::split(const Tests& tests, const std::string& origin, const Passage& packet, Passages& yes,
                     Passages& no) {
  const Supposed* how = supposed(origin);
  asker_.unknown = how == nullptr ? std::nullopt : std::optional(how->how != Supposed::How::fails);
  return asker_.split(tests, packet, yes, no);
}

void NodeWalk::spend(std::size_t amount) {
  if (*steps_ < amount) {
    throw TooLarge();
  }
  *steps_ -= amount;
}

NodeWalk::Passages NodeWalk::enter(const Box& arriving, std::size_t interface) {
  result_ = {};
  Passage packet;
  packet.box = arriving;
  packet.in = interface;
  if (facts_->tracks) {  // reassembled
    packet.box[fragment] = sets().meet(packet.box[fragment], sets().single(fragment, 0));
  }
  const bool is_whole = !Sets::is_empty(packet.box);
  lose(!is_whole, "it waits for all fragments");
  return is_whole ? hook(Hook::ingress, {packet}) : Passages{};
}

Walked NodeWalk::go_on(const Passages& inside) {
  Passages local;
  Passages through;
  for (const Passage& here : inside) {
    doubt(sets().family() == Family::ipv4 && sets().meet(header_of(here)[source], facts_->own) != no_value,
          "it has its own address as source");
    doubt(sets().meet(header_of(here)[destination], loopback(sets())) != no_value, "it is for the loopback");
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
  const bool forwards = facts_->forwards || (facts_->passes_freely && supposed("") != nullptr);
  doubt(!forwards && facts_->passes_freely && !through.empty(), "nobody knows what it forwards");
  lose(!forwards && !through.empty(), "it forwards nothing");
  if (forwards) {
    const Passages leaving = hook(Hook::egress, hook(Hook::forward, route(through)));
    note_opened(leaving);
    for (const Passage& here : leaving) {
      result_.leaving.push_back(here);
      if (facts_->tracks && world_->fragments_matter() && table_ == nullptr) {
        Passage piece = here;
        const SetId zero = sets().single(sport, 0);
        piece.now[sport] = piece.now[dport] = piece.now[flags] = zero;
        piece.now[fragment] = sets().single(fragment, 1);
        result_.leaving.push_back(std::move(piece));
      }
    }
  }
  return std::exchange(result_, {});
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
  lose(!stage.accepts && !back.empty(), "the policy of a chain");
  doubt(!translated.empty(), "a translation among filters");
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
    const bool is_asked = packet.state == fresh && !packet.connection && packet.translated[is_inward ? 0 : 1] != true;
    (is_asked ? asked : result).push_back(std::move(packet));
  }
  Passages back;
  Passages stays;
  chain(*stage.chain, asked, result, stays, back);
  for (Passage& packet : stays) {
    (packet.translated[is_inward ? 0 : 1] == true ? result : settled).push_back(std::move(packet));
  }
  lose(!stage.accepts && !back.empty(), "the policy of a chain");
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
    bool is_met = false;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      Passages yes;
      Passages no;
      const bool meets = split(rule.tests, rule.origin, packets[i], yes, no);
      if (meets && !is_met) {  // most rules meet nothing, and nothing moves
        is_met = true;
        std::move(packets.begin(), packets.begin() + static_cast<std::ptrdiff_t>(i), std::back_inserter(next));
      }
      if (!meets && is_met) {
        next.push_back(std::move(packets[i]));
      }
      std::move(no.begin(), no.end(), std::back_inserter(next));
      for (const Passage& taken : yes) {
        act(rule, taken, accepted, translated, back, next);
      }
    }
    if (is_met) {
      packets = std::move(next);
    }
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
      lose(true, rule.origin.c_str());
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
      if (const Supposed* how = supposed(rule.origin); how != nullptr && how->how >= Supposed::How::accepts) {
        (how->how == Supposed::How::accepts ? accepted : next).push_back(packet);
        break;
      }
      doubt(true, rule.origin.c_str());
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

NodeWalk::Passages NodeWalk::route(const Passages& packets) {
  Passages result;
  Passages asking = packets;
  for (const WayTable& table : facts_->ways) {
    Passages next;
    for (const Passage& packet : asking) {
      Passages yes{packet};
      if (table.select != nullptr) {
        yes.clear();
        if (!split(table.select->tests, table.select->origin, packet, yes, next)) {
          next.push_back(packet);
        }
      }
      SetId routed = no_value;
      for (const Passage& taken : yes) {
        for (const Way& way : table.ways) {
          routed = sets().join(destination, routed, way.destinations);
          Passage part = taken;
          const bool is_asked = asker_.keep(part, destination, way.destinations);
          lose(is_asked && way.hops.empty(), "a route ends it");
          if (way.hops.empty() || !is_asked) {
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
  lose(!asking.empty(), "it has no route");
  return result;
}

}  // namespace check
