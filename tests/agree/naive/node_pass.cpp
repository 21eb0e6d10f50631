// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/node_pass.h"

#include <algorithm>

namespace segproof::naive {

using model::Hook;
using model::InterfaceId;
using model::Known;
using model::NodeId;
using model::StageKind;

struct NodePass::Trip {
  NodeId node;
  Traveller traveller;
  Answer answer;
  const Entry* entry;
  Choices& choices;
  Probe entered;             // the tuple that tracking saw
  bool was_tracked = false;  // the track stage gave it a state
  bool possible = true;      // false: this answer cannot occur for this packet
};

bool NodePass::tracks(NodeId node) const {
  const auto& stages = wiring_.network().node(node).rules.stages;
  return std::any_of(stages.begin(), stages.end(), [&](const model::Stage& s) {
    return s.kind == StageKind::track && s.hook == Hook::ingress &&
           (wiring_.family() == Family::ipv4 ? s.ipv4 : s.ipv6);
  });
}

bool NodePass::has_rules(NodeId node) const {
  return !wiring_.network().node(node).rules.stages.empty();
}

bool NodePass::forwards(NodeId id) const {
  const auto& node = wiring_.network().node(id);
  switch (node.forwarding[model::index_of(wiring_.family())]) {
    case model::Forwarding::on:
      return true;
    case model::Forwarding::off:
      return false;
    case model::Forwarding::unknown:
      break;
  }
  if (node.kind == model::NodeKind::device) {
    return true;
  }
  switch (world_.kind) {
    case World::Kind::every:
    case World::Kind::yes:
      return true;
    case World::Kind::no:
    case World::Kind::mixed:
      break;
  }
  return false;
}

bool NodePass::is_for(NodeId node, Bits destination) const {
  return wiring_.is_own(node, destination) || wiring_.is_own_broadcast(node, destination) ||
         wiring_.stays_on_segment(destination);
}

void NodePass::track(Trip& trip) const {
  auto& t = trip.traveller;
  if (t.untracked) {
    trip.possible = trip.answer == Answer::none;
    return;
  }
  trip.entered = tuple_of(t.header);
  trip.was_tracked = true;
  switch (trip.answer) {
    case Answer::none:
      t.state = first_state(t.header, wiring_.family());
      if (t.state == TrackState::untracked) {
        t.untracked = true;
        trip.was_tracked = false;
      }
      return;
    case Answer::same_direction:
    case Answer::reply:
      t.state = TrackState::established;
      break;
    case Answer::error_back:
    case Answer::error_forth:
      t.state = TrackState::related;
      break;
    case Answer::expected:
      t.state = TrackState::related;
      return;
    case Answer::own_flow:
      t.state = is_icmp_error(t.header, wiring_.family()) ? TrackState::related : TrackState::established;
      return;
  }
  const auto& e = *trip.entry;
  t.connection_mark = e.connection_mark;
  t.translated = static_cast<std::uint8_t>(
      (e.entered.destination != e.left.destination || e.entered.destination_port != e.left.destination_port ? 1U : 0U) |
      (e.entered.source != e.left.source || e.entered.source_port != e.left.source_port ? 2U : 0U));
}

// What the entry does to one end of a later packet of its flow.
void NodePass::follow(Trip& trip, model::Endpoint endpoint) const {
  const bool is_source = endpoint == model::Endpoint::source;
  auto& h = trip.traveller.header;
  const auto& e = *trip.entry;
  const bool ports = has_ports(h.protocol);
  switch (trip.answer) {
    case Answer::none:
    case Answer::expected:
    case Answer::own_flow:
      return;
    case Answer::same_direction:
      (is_source ? h.source : h.destination) = is_source ? e.left.source : e.left.destination;
      if (ports) {
        (is_source ? h.source_port : h.destination_port) = is_source ? e.left.source_port : e.left.destination_port;
      }
      return;
    case Answer::reply:
      (is_source ? h.source : h.destination) = is_source ? e.entered.destination : e.entered.source;
      if (ports) {
        (is_source ? h.source_port : h.destination_port) =
            is_source ? e.entered.destination_port : e.entered.source_port;
      }
      return;
    case Answer::error_back:
      if (!is_source) {
        h.destination = e.entered.source;
      } else if (e.entered.destination != e.left.destination) {
        h.source = e.entered.destination;
      }
      return;
    case Answer::error_forth:
      if (!is_source) {
        h.destination = e.left.destination;
      } else if (e.entered.source != e.left.source) {
        h.source = e.left.source;
      }
      return;
  }
}

// The stages of one hook; `endpoint` is what address translation changes there.
bool NodePass::filters_and_nat(Trip& trip, Hook hook, model::Endpoint endpoint) const {
  auto& t = trip.traveller;
  bool followed = false;
  const bool follows = trip.entry != nullptr;
  const bool wanted = readings_.reply_source_changes_at_egress || hook != Hook::ingress;
  for (const auto* stage : rules_.stages(wiring_.network().node(trip.node).rules, hook)) {
    switch (stage->kind) {
      case StageKind::filter:
        if (!rules_.passes(trip.node, *stage, t, trip.choices)) {
          return false;
        }
        break;
      case StageKind::track:
        if (t.header.fragment) {
          return false;  // "a device with connection tracking reassembles first": the whole packet is judged instead
        }
        track(trip);
        if (!trip.possible) {
          return false;
        }
        break;
      case StageKind::translate:
        if (follows && trip.was_tracked) {
          if (!followed) {
            follow(trip, endpoint);
            followed = true;
          }
        } else if (trip.answer == Answer::none && trip.was_tracked && t.state == TrackState::fresh) {
          if (!rules_.passes(trip.node, *stage, t, trip.choices)) {
            return false;
          }
        }
        break;
    }
  }
  if (follows && trip.was_tracked && !followed && hook != Hook::forward) {
    follow(trip, endpoint);
  }
  if (!wanted && follows && trip.was_tracked) {
    follow(trip, model::Endpoint::source);
  }
  return true;
}

// Where a packet that is not for this node by its address goes on.
NodePass::Exits NodePass::exits(NodeId id, InterfaceId in, const Traveller& traveller, Choices& choices) const {
  const auto& node = wiring_.network().node(id);
  const bool martian =
      !readings_.hosts_forward_their_own_source && node.kind == model::NodeKind::host &&
      node.forwarding[model::index_of(wiring_.family())] == model::Forwarding::unknown &&
      (wiring_.is_own(id, traveller.header.source) || wiring_.is_own_broadcast(id, traveller.header.source));
  if (!forwards(id) || martian) {
    return {};
  }
  Exits exits;
  if (node.routes[model::index_of(wiring_.family())] == Known::given) {
    const Way way = routes_.way(id, traveller, choices);
    exits.here = std::holds_alternative<Here>(way);
    if (const auto* out = std::get_if<Out>(&way)) {
      exits.outs = {*out};
    }
  } else if (world_.is_union()) {
    // Routes are not given: to every other segment. A fixed world in which there are none sends nothing.
    for (const InterfaceId out : wiring_.interfaces_of(id)) {
      if (out != in) {
        exits.outs.push_back({out, std::nullopt});
      }
    }
  }
  return exits;
}

std::optional<Passed> NodePass::once(InterfaceId in, const Probe& packet, Answer answer, const Entry* entry,
                                     Choices& choices) const {
  const auto& network = wiring_.network();
  const NodeId id = network.interface(in).node;
  Trip trip{id, {}, answer, entry, choices, {}};
  trip.traveller.header = packet;
  trip.traveller.ingress = network.interface(in).name;
  if (!filters_and_nat(trip, Hook::ingress, model::Endpoint::destination)) {
    return std::nullopt;
  }
  if (answer != Answer::none && !trip.was_tracked) {
    return std::nullopt;
  }
  auto& t = trip.traveller;
  Passed passed;
  Exits ways;
  // A directed broadcast is this node's as well, and may be passed on ("may reach every host of its segment").
  const bool may_go_on =
      world_.is_union() && !wiring_.is_own(id, t.header.destination) && !wiring_.stays_on_segment(t.header.destination);
  if (is_for(id, t.header.destination) && (!may_go_on || choices.pick(2) == 0)) {
    ways.here = true;
  } else {
    ways = exits(id, in, t, choices);
  }
  if (ways.here) {
    if (!filters_and_nat(trip, Hook::deliver, model::Endpoint::source)) {
      return std::nullopt;
    }
    passed.delivered = true;
  } else {
    if (answer == Answer::own_flow || ways.outs.empty()) {
      return std::nullopt;
    }
    passed.out = ways.outs[choices.pick(ways.outs.size())];
    t.egress = network.interface(passed.out.interface).name;
    if (!filters_and_nat(trip, Hook::forward, model::Endpoint::source) ||
        !filters_and_nat(trip, Hook::egress, model::Endpoint::source)) {
      return std::nullopt;
    }
  }
  // Linux drops an IPv4 packet with one of its own addresses as source ("martian"), be it for itself or to be
  // forwarded.
  if (wiring_.family() == Family::ipv4 && !wiring_.stays_on_segment(t.header.destination) &&
      is_for(id, trip.entered.source) && answer == Answer::none && trip.was_tracked) {
    return std::nullopt;
  }
  passed.packet = t.header;
  if ((answer == Answer::none && trip.was_tracked && t.state == TrackState::fresh) || answer == Answer::expected) {
    passed.creates = Entry{id, trip.entered, tuple_of(t.header), t.connection_mark, t.helped};
  }
  return passed;
}

std::vector<Passed> NodePass::arrive(InterfaceId in, const Probe& packet, Answer answer, const Entry* entry) const {
  std::vector<Passed> all;
  Choices choices;
  do {
    if (auto passed = once(in, packet, answer, entry, choices)) {
      all.push_back(*passed);
    }
  } while (choices.advance());
  return all;
}

std::vector<Out> NodePass::originate(NodeId node, const Probe& packet) const {
  std::vector<Out> all;
  Choices choices;
  do {
    Traveller t;
    t.header = packet;
    const Way way = routes_.way(node, t, choices);
    if (const auto* out = std::get_if<Out>(&way)) {
      all.push_back(*out);
    }
  } while (choices.advance());
  return all;
}

bool NodePass::may_originate(NodeId node, const Probe& packet, model::SegmentId segment) const {
  Choices choices;
  do {
    Trip trip{node, {}, Answer::none, nullptr, choices, {}};
    trip.traveller.header = packet;
    // The interface is not known yet: a host with several has one of them, and OUTPUT sees its name.
    const auto interfaces = wiring_.interfaces_of(node);
    if (interfaces.empty()) {
      return false;
    }
    const auto out = interfaces[choices.pick(interfaces.size())];
    if (segment.valid() && wiring_.network().interface(out).segment != segment) {
      continue;
    }
    trip.traveller.egress = wiring_.network().interface(out).name;
    if (filters_and_nat(trip, Hook::originate, model::Endpoint::destination) &&
        filters_and_nat(trip, Hook::egress, model::Endpoint::source) && trip.traveller.header == packet) {
      return true;
    }
  } while (choices.advance());
  return false;
}

}  // namespace segproof::naive
