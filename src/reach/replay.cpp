// SPDX-License-Identifier: Apache-2.0
#include "reach/replay.h"

#include <algorithm>

#include <fmt/format.h>

#include "reach/fib.h"
#include "reach/replay_world.h"

namespace segproof::reach {
namespace {

using model::Fate;
using model::Hook;
using model::InterfaceId;
using model::Known;
using model::NodeId;
using model::SegmentId;
using model::StageKind;

constexpr std::size_t most_hops = 64;
constexpr std::size_t most_paths = 64;

bool link_only(const Address& address) {
  if (address.family == Family::ipv4) {
    return address.bits >> 28U == 14 || address.bits == 0xffffffffU;
  }
  return address.bits >> 120U == 0xff || address.bits >> 118U == 0x3fa;
}

Bits answer_type(Bits overlay, std::uint8_t protocol, Family family) {
  const Bits type = overlay >> 8U;
  const auto with = [&](unsigned other) { return Bits{other} * 256 + (overlay & 255U); };
  if (protocol == protocol_number::icmp && family == Family::ipv4) {
    switch (static_cast<unsigned>(type)) {
      case 8:
        return with(0);
      case 0:
        return with(8);
      case 13:
        return with(14);
      case 14:
        return with(13);
      case 15:
        return with(16);
      case 16:
        return with(15);
      case 17:
        return with(18);
      case 18:
        return with(17);
      default:
        return overlay;
    }
  }
  switch (static_cast<unsigned>(type)) {
    case 128:
      return with(129);
    case 129:
      return with(128);
    case 139:
      return with(140);
    case 140:
      return with(139);
    default:
      return overlay;
  }
}

bool is_family_icmp(std::uint8_t protocol, Family family) {
  return protocol == (family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6);
}

}  // namespace

// A packet on its way, with where it is and what its present node knows of it.
struct Replay::Travel {
  model::Flight flight;
  ReplayPath path;
  NodeId node;
  InterfaceId in;
  InterfaceId out;
  bool tracked = false;  // the node gave it a state of a flow, new or old
  bool is_reply = false;
  bool is_old = false;         // of a flow that exists
  bool is_translated = false;  // at the hook at hand: no further stage is asked
  Tuple entered;
  std::optional<Entry> entry;  // the flow that it belongs to
};

Replay::Replay(const model::Network& network, Family family)
    : Replay(std::make_shared<ReplayGround>(network, family)) {}

Replay::Replay(std::shared_ptr<ReplayGround> ground)
    : ground_(std::move(ground)), network_(&ground_->network()), family_(ground_->family()) {}

Replay::Tuple Replay::tuple_of(const Packet& packet) {
  return {packet[Field::source], packet[Field::destination], packet[Field::source_port],
          packet[Field::destination_port], packet.protocol()};
}

Replay::Tuple Replay::inverse_of(const Tuple& tuple, Family family) {
  Tuple result = tuple;
  std::swap(result.source, result.destination);
  if (is_family_icmp(tuple.protocol, family)) {
    result.destination_port = answer_type(tuple.destination_port, tuple.protocol, family);
  } else {
    std::swap(result.source_port, result.destination_port);
  }
  return result;
}

void Replay::apply(const Tuple& tuple, Packet& packet) {
  packet[Field::source] = tuple.source;
  packet[Field::destination] = tuple.destination;
  packet[Field::source_port] = tuple.source_port;
  packet[Field::destination_port] = tuple.destination_port;
}

Replay::Entry* Replay::find(NodeId node, const Tuple& tuple, bool& is_reply) {
  const auto table = tables_.find(node);
  if (table == tables_.end()) {
    return nullptr;
  }
  for (Entry& entry : table->second) {
    if (entry.original == tuple || entry.reply == tuple) {
      is_reply = entry.original != tuple;
      return &entry;
    }
  }
  return nullptr;
}

bool Replay::owns(NodeId node, const Address& address) const {
  for (const InterfaceId id : network_->node(node).interfaces) {
    for (const InterfaceAddress& own : network_->interface(id).addresses) {
      if (own.address == address) {
        return true;
      }
    }
  }
  return false;
}

bool Replay::lets_out(NodeId sender, SegmentId segment, const Packet& packet) const {
  for (const InterfaceId out : network_->node(sender).interfaces) {
    if (network_->interface(out).segment == segment && (!lets_out(out, packet, model::first_packet_state(packet)) ||
                                                        !lets_out(out, packet, TrackState::established))) {
      return false;
    }
  }
  return true;
}

bool Replay::lets_out(InterfaceId out, const Packet& packet, TrackState state) const {
  const NodeId sender = network_->interface(out).node;
  const ReplayWorld world(*ground_, sender);
  model::Flight flight;
  flight.packet = packet;
  flight.egress = network_->interface(out).name;
  for (const Hook hook : {Hook::originate, Hook::egress}) {
    const std::vector<const model::Stage*>& stages = ground_->stages(sender, hook);
    if (model::tracks(stages)) {
      flight.packet[Field::state] = static_cast<Bits>(TrackState::invalid);
    }
    for (const model::Stage* stage : stages) {
      const bool is_new = flight.packet[Field::state] == static_cast<Bits>(TrackState::fresh);
      if (stage->kind == StageKind::track) {
        flight.packet[Field::state] = static_cast<Bits>(flight.untracked ? TrackState::untracked : state);
      } else if ((stage->kind == StageKind::filter || is_new) &&
                 model::walk_stage(network_->node(sender).rules, *stage, flight, world, &ground_->rules(sender)).fate !=
                     Fate::accept) {
        return false;
      }
    }
  }
  const auto is_open = [](const auto& field) { return field.has_value(); };
  return tuple_of(flight.packet) == tuple_of(packet) && std::none_of(flight.open.begin(), flight.open.end(), is_open);
}

void Replay::opened_by(NodeId sender, const Packet& packet) {
  const Tuple tuple = tuple_of(packet);
  bool is_reply = false;
  if (find(sender, tuple, is_reply) == nullptr) {
    tables_[sender].push_back({tuple, inverse_of(tuple, family_), 0, 0, false});
  }
}

std::vector<ReplayPath> Replay::send_to(InterfaceId receiver, const Packet& packet) {
  paths_.clear();
  Travel travel;
  travel.flight.packet = packet;
  arrive(receiver, std::move(travel));
  return std::move(paths_);
}

std::vector<ReplayPath> Replay::send_on_link(SegmentId segment, const Packet& packet) {
  paths_.clear();
  Travel travel;
  travel.flight.packet = packet;
  on_link(segment, InterfaceId{}, std::move(travel));
  return std::move(paths_);
}

void Replay::finish(Travel travel, ReplayFate fate, std::string reason, SourceSpan cause) {
  travel.path.fate = fate;
  travel.path.reason = std::move(reason);
  travel.path.cause = cause;
  travel.path.last = travel.flight.packet;
  if (paths_.size() < most_paths) {
    paths_.push_back(std::move(travel.path));
  }
}

void Replay::note(Travel& travel, std::string stage, HopAction action, SourceSpan rule, bool show_packet) {
  ReplayHop hop{travel.node, std::move(stage), travel.in, travel.out, action, rule, std::nullopt};
  if (show_packet) {
    hop.packet_after = travel.flight.packet;
  }
  travel.path.hops.push_back(std::move(hop));
}

void Replay::arrive(InterfaceId interface, Travel travel) {
  const model::Interface& at = network_->interface(interface);
  const model::Node& node = network_->node(at.node);
  const std::size_t f = model::index_of(family_);
  travel.node = at.node;
  travel.in = interface;
  travel.out = InterfaceId{};
  if (travel.path.hops.size() > most_hops) {
    finish(std::move(travel), ReplayFate::lost, "the packet goes round in a loop");
    return;
  }
  if (node.filter[f] == Known::off || node.routes[f] == Known::off) {
    finish(std::move(travel), ReplayFate::denied, fmt::format("{} does not speak this family", node.name), node.origin);
    return;
  }
  if (node.kind == model::NodeKind::device && (node.filter[f] == Known::missing || node.routes[f] == Known::missing)) {
    finish(std::move(travel), ReplayFate::undecided, fmt::format("{} has no configuration", node.name), node.origin);
    return;
  }
  if (at.node == fallen_ && owns(at.node, travel.flight.packet.destination())) {
    note(travel, std::string(taken_by_the_fallen), HopAction::deliver, {});
    travel.path.node = at.node;
    travel.path.segment = at.segment;
    finish(std::move(travel), ReplayFate::delivered, "taken by a node that has fallen");
    return;
  }
  model::Flight& flight = travel.flight;
  flight.mark = 0;
  flight.connection_mark = 0;
  flight.untracked = false;
  flight.marks_certain = true;
  flight.packet[Field::state] = 0;
  flight.packet[Field::translated] = 0;
  flight.ingress = at.name;
  flight.egress.clear();
  travel.tracked = travel.is_reply = travel.is_old = false;
  travel.entry.reset();
  travel.entered = tuple_of(flight.packet);
  if (!run_hook(Hook::ingress, travel)) {
    return;
  }
  const Address destination = flight.packet.destination();
  if (flight.open[static_cast<std::size_t>(Field::destination)]) {
    finish(std::move(travel), ReplayFate::undecided, "the new destination is not determined");
    return;
  }
  if (family_ == Family::ipv4 && owns(at.node, flight.packet.source())) {  // no input is at fault: none is named
    finish(std::move(travel), ReplayFate::undecided,
           fmt::format("{} gets a packet with its own address as source", node.name));
    return;
  }
  const bool broadcast = link_only(destination);
  if (owns(at.node, destination) || broadcast) {
    if (!run_hook(Hook::deliver, travel)) {
      return;
    }
    learn(travel);
    note(travel, "deliver", HopAction::deliver, {});
    travel.path.node = at.node;
    travel.path.segment = at.segment;
    finish(std::move(travel), ReplayFate::delivered, "delivered");
    return;
  }
  if (node.forwarding[f] == model::Forwarding::on) {
    route(std::move(travel));
  } else if (node.forwarding[f] == model::Forwarding::off || node.interfaces.size() < 2) {
    finish(std::move(travel), ReplayFate::lost, fmt::format("{} does not forward", node.name));
  } else {
    finish(std::move(travel), ReplayFate::undecided, fmt::format("host `{}` may forward", node.name), node.origin);
  }
}

bool Replay::run_hook(Hook hook, Travel& travel) {
  const std::vector<const model::Stage*>& stages = ground_->stages(travel.node, hook);
  if (model::tracks(stages)) {
    travel.flight.packet[Field::state] = static_cast<Bits>(TrackState::invalid);
  }
  bool followed = false;
  travel.is_translated = false;
  for (const model::Stage* stage : stages) {
    if (stage->kind == StageKind::track) {
      track(travel);
    } else if (stage->kind == StageKind::translate && travel.is_old) {
      follow_flow(hook, travel);
      followed = true;
    } else if (stage->kind == StageKind::translate &&
               (travel.is_translated || !travel.tracked ||
                travel.flight.packet[Field::state] != static_cast<Bits>(TrackState::fresh))) {
      continue;
    } else if (!run_stage(*stage, travel)) {
      return false;
    }
  }
  if (!followed && travel.is_old && hook != Hook::forward) {
    follow_flow(hook, travel);
  }
  return true;
}

void Replay::track(Travel& travel) {
  model::Flight& flight = travel.flight;
  if (flight.untracked) {
    flight.packet[Field::state] = static_cast<Bits>(TrackState::untracked);
    return;
  }
  Entry* entry = find(travel.node, tuple_of(flight.packet), travel.is_reply);
  if (entry == nullptr) {
    const TrackState state = model::first_packet_state(flight.packet);
    travel.tracked = state == TrackState::fresh;
    flight.packet[Field::state] = static_cast<Bits>(state);
    return;
  }
  entry->answered = entry->answered || travel.is_reply;
  const bool established = entry->answered;
  flight.packet[Field::state] = static_cast<Bits>(established ? TrackState::established : TrackState::fresh);
  flight.packet[Field::translated] = entry->translated;
  flight.connection_mark = entry->connection_mark;
  travel.tracked = true;
  travel.is_old = true;
  travel.path.used_state = travel.path.used_state || established;
  travel.entry = *entry;
}

// A packet of a known flow takes the flow's translations: the destination as it enters, the source as it leaves.
void Replay::follow_flow(Hook hook, Travel& travel) {
  const Entry& entry = *travel.entry;
  // In the direction of the packet: how it must look when it leaves.
  const Tuple leaving = inverse_of(travel.is_reply ? entry.original : entry.reply, family_);
  Packet& packet = travel.flight.packet;
  const Packet before = packet;
  const bool icmp = is_family_icmp(packet.protocol(), family_);
  if (hook == Hook::ingress || hook == Hook::originate) {
    packet[Field::destination] = leaving.destination;
    if (!icmp) {
      packet[Field::destination_port] = leaving.destination_port;
    }
  } else if (hook == Hook::egress || hook == Hook::deliver) {
    packet[Field::source] = leaving.source;
    if (!icmp) {
      packet[Field::source_port] = leaving.source_port;
    }
  }
  if (!(packet == before)) {
    note(travel, hook == Hook::ingress ? "translate (flow, destination)" : "translate (flow, source)",
         HopAction::translate, {}, true);
  }
}

bool Replay::run_stage(const model::Stage& stage, Travel& travel) {
  const ReplayWorld world(*ground_, travel.node);
  const Packet before = travel.flight.packet;
  const model::StageResult met =
      model::walk_stage(network_->node(travel.node).rules, stage, travel.flight, world, &ground_->rules(travel.node));
  const SourceSpan line = met.decided_by.rule != nullptr ? met.decided_by.rule->origin : stage.policy_origin;
  switch (met.fate) {
    case Fate::accept: {
      const bool translated = !(before == travel.flight.packet) && stage.kind == StageKind::translate;
      travel.is_translated =
          travel.is_translated ||
          (met.decided_by.rule != nullptr && std::holds_alternative<model::Translate>(met.decided_by.rule->action));
      const bool decides = met.decided_by.rule != nullptr || stage.hook == Hook::forward || stage.hook == Hook::deliver;
      if (translated) {
        note(travel, stage.label, HopAction::translate, line, true);
      } else if (stage.kind == StageKind::filter && decides) {
        note(travel, stage.label, HopAction::permit, line);
      }
      return true;
    }
    case Fate::drop:
    case Fate::reject:
      note(travel, stage.label, HopAction::deny, line);
      finish(std::move(travel), ReplayFate::denied, fmt::format("denied by {}", stage.label), line);
      return false;
    case Fate::unknown:
      note(travel, stage.label, HopAction::undecided, line);
      finish(std::move(travel), ReplayFate::undecided, fmt::format("undecided in {}", stage.label), line);
      return false;
  }
  return false;
}

std::vector<const model::Route*> Replay::routes_for(NodeId node, const Travel& travel, bool& undecided) const {
  const ReplayWorld world(*ground_, node);
  for (const model::RouteRule& rule : ground_->route_rules(node)) {
    const model::Truth asked = model::evaluate(rule.condition, travel.flight, world);
    if (asked == model::Truth::no) {
      continue;
    }
    std::vector<const model::Route*> best = ground_->best_routes(node, rule.table, travel.flight.packet.destination());
    if (!best.empty()) {
      undecided = asked == model::Truth::unknown;
      return best;
    }
  }
  return {};
}

void Replay::route(Travel travel) {
  bool undecided = false;
  const std::vector<const model::Route*> routes = routes_for(travel.node, travel, undecided);
  if (undecided) {
    finish(std::move(travel), ReplayFate::undecided, "the routing table is undecided", routes.front()->origin);
    return;
  }
  if (routes.empty()) {
    note(travel, "route", HopAction::deny, {});
    const std::string why = fmt::format("{} has no route to {}", network_->node(travel.node).name,
                                        to_string(travel.flight.packet.destination()));
    finish(std::move(travel), ReplayFate::denied, why);
    return;
  }
  // Each choice of the network is a course of its own; the tables of the first one stay.
  const Tables before = tables_;
  std::optional<Tables> first;
  for (const model::Route* choice : routes) {
    const model::Route& route = *choice;
    if (route.kind != model::RouteKind::unicast) {
      Travel ended = travel;
      note(ended, "route", HopAction::deny, route.origin);
      finish(std::move(ended), ReplayFate::denied, "the route drops it", route.origin);
      continue;
    }
    for (const model::NextHop& hop : route.hops) {
      tables_ = before;
      leave_by(hop, route, travel);
      if (!first) {
        first = tables_;
      }
    }
  }
  if (first) {
    tables_ = std::move(*first);
  }
}

void Replay::leave_by(const model::NextHop& hop, const model::Route& route, Travel travel) {
  const InterfaceId out = leaving_interface(*network_, travel.node, hop);
  travel.out = out;
  const SegmentId segment = travel.out.valid() ? network_->interface(travel.out).segment : SegmentId{};
  travel.flight.egress = travel.out.valid() ? network_->interface(travel.out).name : "";
  note(travel, "route", HopAction::route, route.origin);
  if (!segment.valid()) {
    finish(std::move(travel), ReplayFate::undecided, "the next hop lies outside the model", route.origin);
    return;
  }
  if (!run_hook(Hook::forward, travel) || !run_hook(Hook::egress, travel)) {
    return;
  }
  learn(travel);
  travel.path.crossed.insert(segment);
  if (!hop.gateway) {
    on_link(segment, out, std::move(travel));
    return;
  }
  bool owned = false;
  const Tables before = tables_;
  for (const InterfaceId neighbour : ground_->owners(segment, *hop.gateway)) {
    if (neighbour != travel.out) {
      if (owned) {
        tables_ = before;  // either of two owners may be the active one
      }
      owned = true;
      arrive(neighbour, travel);
    }
  }
  if (owned) {
    return;
  }
  if (network_->segment(segment).external) {
    on_link(segment, out, std::move(travel));
  } else {
    finish(std::move(travel), ReplayFate::undecided, "nobody in the model owns the next hop", route.origin);
  }
}

void Replay::on_link(SegmentId segment, InterfaceId from, Travel travel) {
  const Address destination = travel.flight.packet.destination();
  if (travel.flight.open[static_cast<std::size_t>(Field::destination)]) {
    finish(std::move(travel), ReplayFate::undecided, "the destination is not determined");
    return;
  }
  bool owned = false;
  const std::span<const InterfaceId> receivers =
      link_only(destination) ? network_->segment(segment).attached : ground_->owners(segment, destination);
  for (const InterfaceId neighbour : receivers) {
    if (neighbour != from && network_->interface(neighbour).is_up) {
      owned = true;
      arrive(neighbour, travel);
    }
  }
  if (owned) {
    return;
  }
  if (ground_->unlisted(segment).contains(destination.bits)) {
    travel.path.segment = segment;
    finish(std::move(travel), ReplayFate::delivered, "delivered");
  } else {
    finish(std::move(travel), ReplayFate::lost,
           fmt::format("nobody on {} owns {}", network_->segment(segment).name, to_string(destination)));
  }
}

// The node keeps the flow when its first packet has passed everything.
void Replay::learn(Travel& travel) {
  if (!travel.tracked || travel.is_old) {
    return;
  }
  const Packet& packet = travel.flight.packet;
  tables_[travel.node].push_back({travel.entered, inverse_of(tuple_of(packet), family_), travel.flight.connection_mark,
                                  static_cast<std::uint8_t>(packet[Field::translated]), false});
}

}  // namespace segproof::reach
