// SPDX-License-Identifier: Apache-2.0
#include "check/core/replay.h"

#include <algorithm>

namespace check {
namespace {

constexpr std::size_t most_passed = 256, most_arrivals = 10'000;

// Whichever rule let a packet through, it goes on in the same way.
void drop_repeated(std::vector<Passage>& passages) {
  std::vector<Passage> result;
  for (Passage& one : passages) {
    const bool is_known = std::any_of(result.begin(), result.end(), [&](const Passage& other) {
      return one.box == other.box && one.now == other.now && one.out == other.out && one.state == other.state &&
             one.connection == other.connection && one.connection_mark == other.connection_mark &&
             one.translated == other.translated;
    });
    if (!is_known) {
      result.push_back(std::move(one));
    }
  }
  passages = std::move(result);
}

}  // namespace

bool Replay::is_watched(std::size_t segment) const {
  return std::find(watched.begin(), watched.end(), segment) != watched.end();
}

void Replay::send(const Frame& frame, const Box& header, const Tables& tables) {
  if (!frame.receiver && is_watched(frame.segment)) {
    end({}, header, tables);
  } else if (frame.receiver) {
    const auto& [node, interface] = *frame.receiver;
    const Interface& there = world_->network().nodes[node].interfaces[interface];
    if (there.segment != frame.segment || !there.is_up) {
      throw Rejected("nobody can hand a packet to an interface that is elsewhere");
    }
    arrive(node, interface, header, tables);
  } else {
    onto(frame.segment, header, tables, nullptr);
  }
}

void Replay::arrive(std::size_t node, std::size_t interface, const Box& header, const Tables& tables) {
  const Facts& facts = world_->facts(node);
  const std::string& name = world_->network().nodes[node].name;
  if (passed.size() >= most_passed || ++arrivals_ > most_arrivals) {
    throw Rejected("the packet goes round");
  }
  if (world_->sets().family() == Family::ipv4 && world_->sets().meet(header[source], facts.own) != no_value) {
    throw Rejected(name + " gets a packet with its own address as source");
  }
  if (facts.behaviour == Behaviour::open) {
    pass_on(node, interface, header, tables);
    return;
  }
  Walked walked;
  const bool takes_all = facts.behaviour == Behaviour::leaf || fallen.contains(node);
  if (takes_all && world_->sets().within(header[destination], facts.own)) {
    walked.delivered.emplace_back();
    walked.delivered.back().box = header;
  } else if (facts.behaviour == Behaviour::working) {
    static const std::vector<Connection> none;
    const auto table = tables.find(node);
    NodeWalk walk(*world_, node, table == tables.end() ? none : table->second, supposed, may_end, *work_);
    walked = walk.walk(header, interface);
  }
  if (walked.may_end || (walked.delivered.empty() && walked.leaving.empty())) {
    if (!may_end) {
      throw Rejected("the packet is lost in " + name);
    }
    passed.push_back({node, interface, std::nullopt, true});
    end({}, header, tables);
  }
  drop_repeated(walked.delivered);
  for (const Passage& packets : walked.delivered) {
    passed.push_back({node, interface, std::nullopt, false});
    endings.push_back({{Place::Kind::device, node, 0}, packets, learned(node, packets, tables)});
  }
  drop_repeated(walked.leaving);
  std::vector<Hop> hops;  // each is a choice of the network
  for (const Passage& packets : walked.leaving) {
    if (std::find(hops.begin(), hops.end(), *packets.out) == hops.end()) {
      hops.push_back(*packets.out);
    }
  }
  follow(node, hops.size(), [&](std::size_t choice) {
    for (const Passage& packets : walked.leaving) {
      if (*packets.out == hops[choice]) {
        passed.push_back({node, interface, packets.out->interface, false});
        leave(node, packets, learned(node, packets, tables));
      }
    }
  });
}

// Nobody knows what the node does: it hands the packet over as is supposed.
void Replay::pass_on(std::size_t node, std::size_t interface, const Box& header, const Tables& tables) {
  const Node& here = world_->network().nodes[node];
  for (const Supposed& one : supposed) {
    const bool is_meant = one.how == Supposed::How::passes && one.node == node && one.in == interface;
    for (std::size_t out = 0; out < here.interfaces.size() && is_meant; ++out) {
      if (here.interfaces[out].segment == one.frame.segment && here.interfaces[out].is_up) {
        passed.push_back({node, interface, out, false});
        crossed.push_back(one.frame.segment);
        Box changed = header;
        for (const Field field : {source, destination, sport, dport}) {
          changed[field] = one.changed[field] == any_value ? header[field] : one.changed[field];
        }
        Sets& sets = world_->sets();
        const bool has_ports = sets.within(header[protocol], sets.of(protocol, with_ports())) &&
                               sets.within(header[fragment], sets.single(fragment, 0));
        if (!has_ports && (changed[sport] != header[sport] || changed[dport] != header[dport])) {
          throw Rejected(here.name + " changes ports of a packet that has none");
        }
        send(one.frame, changed, tables);
        return;
      }
    }
  }
  throw Rejected("nobody knows what " + here.name + " does");
}

// All choices, or the first that leads on: for an answer, or where the choice of the node is supposed.
template <class Go>
void Replay::follow(std::size_t node, std::size_t choices, const Go& go) {
  const bool is_free = one_way_is_enough || std::any_of(supposed.begin(), supposed.end(), [&](const Supposed& one) {
                         return one.how == Supposed::How::chooses && one.node == node;
                       });
  const std::size_t passed_before = passed.size();
  const std::size_t endings_before = endings.size();
  for (std::size_t choice = 0; choice < choices; ++choice) {
    try {
      go(choice);
    } catch (const Rejected&) {
      if (!is_free || choice + 1 == choices) {
        throw;
      }
      passed.resize(passed_before);
      endings.resize(endings_before);
      continue;
    }
    if (is_free) {
      return;
    }
  }
}

void Replay::end(const Place& place, const Box& header, const Tables& tables) {
  Passage packets;
  packets.box = header;
  endings.push_back({place, packets, tables});
}

// A node keeps a flow when its first packet has passed everything.
Tables Replay::learned(std::size_t node, const Passage& packets, Tables tables) const {
  if (packets.connection) {
    Connection& known = tables[node][*packets.connection];
    known.is_answered = known.is_answered || packets.state == established;
  } else if (world_->facts(node).tracks && packets.state == fresh) {
    Connection made;
    made.flow.arrived = packets.box;
    for (const Field field : {flags, fragment, role}) {
      made.flow.arrived[field] = any_value;
    }
    for (const Field field : {source, destination, sport, dport}) {
      made.flow.left[field] = packets.now[field];
    }
    made.maker = step_;
    made.is_own = true;
    made.mark = packets.connection_mark;
    made.translated = packets.translated;
    tables[node].push_back(made);
  }
  return tables;
}

void Replay::leave(std::size_t node, const Passage& packets, const Tables& tables) {
  const auto& nodes = world_->network().nodes;
  const Hop& hop = *packets.out;
  if (!hop.interface || !nodes[node].interfaces[*hop.interface].segment ||
      !nodes[node].interfaces[*hop.interface].is_up) {
    throw Rejected(nodes[node].name + " sends it out of the network");
  }
  const std::size_t segment = *nodes[node].interfaces[*hop.interface].segment;
  const Box header = header_of(packets);
  crossed.push_back(segment);
  const PassedNode from{node, *hop.interface, std::nullopt, false};
  if (is_watched(segment)) {
    end({}, header, tables);
    return;
  }
  if (!hop.gateway) {
    onto(segment, header, tables, &from);
    return;
  }
  const std::vector<std::size_t> owners = world_->owners(segment, *hop.gateway);
  std::vector<std::pair<std::size_t, std::size_t>> takers;
  for (std::size_t n = 0; n < nodes.size() && !owners.empty(); ++n) {
    // The twin of an owner may be the active one.
    const bool takes = n != node && std::any_of(owners.begin(), owners.end(), [&](std::size_t owner) {
                         return owner == n || nodes[owner].twin == nodes[n].name || nodes[n].twin == nodes[owner].name;
                       });
    for (std::size_t i = 0; i < nodes[n].interfaces.size() && takes; ++i) {
      if (nodes[n].interfaces[i].segment == segment && nodes[n].interfaces[i].is_up) {
        takers.emplace_back(n, i);
      }
    }
  }
  follow(node, takers.size(),
         [&](std::size_t choice) { arrive(takers[choice].first, takers[choice].second, header, tables); });
  if (owners.empty() && world_->network().segments[segment].is_external) {
    onto(segment, header, tables, &from);
  } else if (takers.empty()) {
    throw Rejected("nobody else in the model is the gateway of " + nodes[node].name);
  }
}

// Each destination to whoever owns it.
void Replay::onto(std::size_t segment, const Box& header, const Tables& tables, const PassedNode* from) {
  Sets& sets = world_->sets();
  const auto& nodes = world_->network().nodes;
  SetId left = header[destination];
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    for (std::size_t i = 0; i < nodes[n].interfaces.size(); ++i) {
      const bool is_there = nodes[n].interfaces[i].segment == segment && nodes[n].interfaces[i].is_up;
      const bool is_self = from != nullptr && from->node == n && from->in == i;
      Box mine = header;
      mine[destination] = sets.meet(header[destination], world_->facts(n).on_interface[i]);
      if (is_there && !is_self && mine[destination] != no_value) {
        left = sets.without(destination, left, mine[destination]);
        arrive(n, i, mine, tables);
      }
    }
  }
  Box others = header;
  others[destination] = left;
  if (left == no_value) {
    return;
  }
  const bool is_lost = may_end && world_->network().segments[segment].is_external;
  if (sets.within(left, world_->unlisted(segment))) {
    end({Place::Kind::unlisted, 0, segment}, others, tables);
  } else if (is_lost && sets.meet(left, world_->owned(segment)) == no_value) {
    end({}, others, tables);
  } else {
    throw Rejected("nobody on segment " + world_->network().segments[segment].name + " is known to take it");
  }
}

}  // namespace check
