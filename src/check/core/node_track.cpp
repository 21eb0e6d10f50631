// SPDX-License-Identifier: Apache-2.0
// Connection tracking of a node: by the flows that a certificate claims, or by the table of a replay.
#include <algorithm>

#include "check/core/node_walk.h"

namespace check {
namespace {

// Packets of a flow in one direction. The header changes as the flow's did: the destination on entering, the source on
// leaving; for answers backwards.
struct Direction {
  Box box{};
  std::array<std::optional<SetId>, field_count> inward, outward;
  bool is_answer = false;
};

std::vector<Direction> directions_of(Sets& sets, const FlowRow& flow) {
  Direction there{flow.arrived, {}, {}, false};
  Direction back{{}, {}, {}, true};
  for (const auto& [from, to] : {std::pair(source, destination), std::pair(sport, dport)}) {
    there.inward[to] = flow.left[to];
    there.outward[from] = flow.left[from];
    if (flow.left[from]) {
      back.inward[to] = flow.arrived[from];
    }
    if (flow.left[to]) {
      back.outward[from] = flow.arrived[to];
    }
  }
  std::vector<Direction> result{there};
  for (const Box& box : answers_of(sets, flow)) {
    result.push_back(back);
    result.back().box = box;
    if (sets.within(box[protocol], sets.single(protocol, icmp_of(sets)))) {  // there are no ports
      result.back().inward[dport].reset();
      result.back().outward[sport].reset();
    }
  }
  return result;
}

// Of the types that may answer a query, the one that has its code.
SetId exact_answer(Sets& sets, SetId types, const FlowRow& flow) {
  const SetId asked = flow.left[dport] ? *flow.left[dport] : flow.arrived[dport];
  Ranges same_code;
  for (Value type = 0; type < 256; ++type) {
    same_code.push_back({type * 256 + sets.least(asked) % 256, type * 256 + sets.least(asked) % 256});
  }
  return sets.meet(sets.without(dport, types, asked), sets.of(dport, same_code));
}

}  // namespace

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
    if (table_ != nullptr) {
      track_surely(arrived, result);
      continue;
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

// A packet of a flow, in its own direction or as an answer.
void NodeWalk::track_flow(const Passage& packet, const FlowRow& flow, bool is_own, Passages& into) {
  const SetId by_sender = sets().single(role, own_role);
  for (const Direction& way : directions_of(sets(), flow)) {
    Passage part = packet;
    part.box = sets().meet(packet.box, way.box);
    if (Sets::is_empty(part.box)) {
      continue;
    }
    const auto push = [&](SetId roles, Role becomes) {
      Passage here = part;
      here.box[role] = sets().meet(part.box[role], roles);
      if (here.box[role] != no_value) {
        here = known(here, established, becomes);
        here.inward = way.inward;
        here.outward = way.outward;
        into.push_back(std::move(here));
      }
    };
    push(by_sender, is_own ? own_role : foreign_role);
    push(sets().without(role, any_value, by_sender), own_role);  // keeps the role that it has
  }
}

// The packets have the tuple of one connection, with each choice that the node may have made for it; or of none.
void NodeWalk::track_surely(const Passage& packet, Passages& into) {
  const Box header = header_of(packet);
  std::optional<Passage> found;
  for (std::size_t i = 0; i < table_->size(); ++i) {
    const Connection& connection = (*table_)[i];
    for (Direction way : directions_of(sets(), connection.flow)) {
      if (way.is_answer && sets().within(way.box[protocol], sets().single(protocol, icmp_of(sets())))) {
        way.box[dport] = exact_answer(sets(), way.box[dport], connection.flow);
      }
      bool meets = true;
      bool equals = true;
      for (const Field field : {protocol, source, destination, sport, dport}) {
        meets = meets && sets().meet(header[field], way.box[field]) != no_value;
        equals = equals && header[field] == way.box[field];
      }
      doubt(meets && (!equals || found), "it may belong to one flow or another");
      if (!meets) {
        continue;
      }
      const bool is_answered = connection.is_answered || way.is_answer;
      found =
          known(packet, is_answered ? established : fresh, is_answered && !connection.is_own ? foreign_role : own_role);
      found->connection = i;
      found->connection_mark = connection.mark;
      found->translated = connection.translated;
      found->inward = way.inward;
      found->outward = way.outward;
    }
  }
  if (found) {
    into.push_back(*found);
  } else {
    track_fresh(packet, into);
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

}  // namespace check
