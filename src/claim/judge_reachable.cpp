// SPDX-License-Identifier: Apache-2.0
// `reachable`: the only claim that wants packets to pass. It needs certainty: every source, target, service and source
// port, through whichever router of the segment, and the way back.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "claim/denials.h"
#include "claim/header_only.h"
#include "claim/judge.h"
#include "claim/parties.h"
#include "claim/undecided.h"
#include "claim/witness.h"

namespace segproof::claim {
namespace {

using model::Network;

// What the source sends of these: whole packets, from ports that clients use, of TCP those that open a session.
PacketSet as_clients_send(PacketSet named, const PlacePart& source, World& world) {
  Space& space = world.space();
  PacketSet packets = named & space.valid() & space.where(Field::fragment, 0) &
                      space.where(Field::source, source.addresses[model::index_of(world.family())]);
  const reach::HeaderSets& headers = world.compiled().headers();
  const PacketSet ported =
      packets & headers.with_ports() & space.where(Field::source_port, IntervalSet::range(1024, 65535));
  packets = (packets - headers.with_ports()) | ported;
  return (packets - headers.tcp()) | (packets & space.where(Field::tcp_flags, tcp_flag::syn) & headers.tcp());
}

// What a claim wants of one source, target and service: these packets, sent so, are to arrive as packets of the
// service.
struct Wanted {
  PacketSet sent;
  PacketSet delivered;
  bool as_sent = false;  // the claim tells the two apart
};

Wanted wanted_of(const Claim& claim, const PlacePart& source, const PlacePart& target, const Allowed& entry,
                 World& world) {
  Space& space = world.space();
  const std::size_t f = model::index_of(world.family());
  const PacketSet service = packets_of(entry.service, space);
  const PacketSet there = space.where(Field::destination, target.addresses[f]);
  const bool as_sent = claim.as_sent_to || claim.as_sent_service;
  if (!as_sent) {
    const PacketSet required = headers_only(as_clients_send(service & there, source, world));
    return {required, required, false};
  }
  std::vector<std::string> names_nothing;
  PacketSet named = named_as_sent(claim, sent_to(claim, world.network(), names_nothing), space);
  named &= claim.as_sent_to ? space.all() : there;
  named &= claim.as_sent_service ? space.all() : service;
  return {headers_only(as_clients_send(named, source, world)), headers_only(service & there & space.valid()), true};
}

// The routers that a host of the segment may use, one by one; an empty list: only the link itself.
std::vector<model::NodeId> routers_of(model::SegmentId segment, World& world) {
  std::vector<model::NodeId> result;
  for (const reach::CompiledSegment::Neighbour& neighbour : world.compiled().segment(segment).neighbours) {
    const model::NodeId node = world.network().interface(neighbour.interface).node;
    if (world.network().node(node).kind == model::NodeKind::device &&
        std::find(result.begin(), result.end(), node) == result.end()) {
      result.push_back(node);
    }
  }
  return result;
}

// What is sent and delivered for certain through one router of the sender's segment alone.
struct Sure {
  std::unique_ptr<reach::Reachability> reachability;
  std::vector<bool> removed_nodes;
};
constexpr Bits only_origin = 1;  // World::especially numbers its senders from 1

// One router of the sender's segment, and a twin elsewhere that is not the active one (invalid: whichever it is).
struct Way {
  model::NodeId router;
  model::NodeId passive;
};

std::vector<Way> ways_of(const PlacePart& source, const PlacePart& target, const std::vector<model::NodeId>& routers,
                         const Network& network) {
  std::vector<model::NodeId> passive{model::NodeId{}};
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    const model::NodeId other = network.nodes[n].twin ? network.find_node(*network.nodes[n].twin) : model::NodeId{};
    for (const model::NodeId node : {other.valid() ? model::NodeId(n) : other, other}) {
      if (node.valid() && node != source.place.node && node != target.place.node &&
          std::find(passive.begin(), passive.end(), node) == passive.end()) {
        passive.push_back(node);
      }
    }
  }
  std::vector<Way> result;
  for (const model::NodeId router : routers) {
    for (const model::NodeId node : passive) {
      if (!node.valid() || std::find(routers.begin(), routers.end(), node) == routers.end()) {
        result.push_back({router, node});
      }
    }
  }
  return result;
}

Sure through_one_router(const PlacePart& source, PacketSet sent, const Way& way,
                        const std::vector<model::NodeId>& routers, World& world) {
  World::Special special;
  special.members = {source.place};
  special.spoofing = Spoofing::own;
  special.only = sent & world.space().where(Field::source, source.addresses[model::index_of(world.family())]);
  special.through_own_rules = true;
  special.removed.nodes.assign(world.network().nodes.size(), false);
  for (const model::NodeId other : routers) {
    special.removed.nodes[other.index()] = other != way.router;
  }
  if (way.passive.valid()) {
    special.removed.nodes[way.passive.index()] = true;
  }
  return {world.especially(special, Approximation::certain), special.removed.nodes};
}

// The part of these answers that surely passes the rules of the node that sends them, on whichever interface. A node
// that translates what it sends is left to doubt.
PacketSet surely_sent(PacketSet answers, const Place& place, World& world) {
  if (!place.node.valid()) {
    return answers;  // nobody knows the rules of unlisted hosts
  }
  const reach::CompiledNode& node = world.compiled().node(place.node);
  if (node.behaviour == reach::Behaviour::leaf) {
    return answers;
  }
  const bool marks = node.facts.marks.values().size() > 1 || node.facts.connection_marks.values().size() > 1;
  if (node.behaviour != reach::Behaviour::working || node.translates || marks) {
    return world.space().none();
  }
  PacketSet sure = answers;
  for (std::size_t hop = 0; hop < node.facts.hops.size(); ++hop) {
    // Rules before connection tracking see every packet as invalid.
    const std::vector<reach::CompiledStage>& first = node.stages[static_cast<std::size_t>(model::Hook::originate)];
    const bool tracks_later = std::any_of(first.begin(), first.end(), [](const reach::CompiledStage& stage) {
      return stage.stage->kind == model::StageKind::track;
    });
    const TrackState at_first = tracks_later ? TrackState::invalid : TrackState::established;
    PacketSet packets = world.compiled().headers().set_state(answers, at_first);
    for (const Field field : {Field::ingress, Field::mark, Field::connection_mark, Field::translated}) {
      packets = packets.assign(field, IntervalSet::single(0));
    }
    packets = packets.assign(Field::egress, IntervalSet::single(hop + 1));
    for (const model::Hook hook : {model::Hook::originate, model::Hook::egress}) {
      for (const reach::CompiledStage& stage : node.stages[static_cast<std::size_t>(hook)]) {
        if (stage.stage->kind == model::StageKind::track) {
          packets = world.compiled().headers().set_state(packets, TrackState::established);
        }
        if (stage.stage->kind != model::StageKind::filter) {
          continue;
        }
        PacketSet passing = world.space().none();
        for (const reach::Outcome& outcome : stage.program.outcomes) {
          if (outcome.end == reach::End::accept && !outcome.effect.untracked) {
            passing |= packets & outcome.must;
          }
        }
        packets = passing;
      }
    }
    sure &= headers_only(packets);
  }
  return sure;
}

// The openers, as their sender sees them, whose answers surely come back from the name that was asked and are taken,
// the sender's own rules included. `required`: openers as they are delivered.
PacketSet answered(PacketSet required, const PlacePart& source, const PlacePart& target, const Sure& there,
                   World& world) {
  Space& space = world.space();
  const reach::CompiledNetwork& compiled = world.compiled();
  const reach::HeaderSets& headers = compiled.headers();
  const PacketSet turned = headers.inverse(required & headers.whole());
  PacketSet answers = (turned - headers.tcp()) | (turned.forget(Field::tcp_flags) & headers.syn_ack());
  answers = surely_sent(answers, target.place, world);

  reach::FloodOptions options;
  options.approximation = Approximation::certain;
  options.own = &there.reachability->all().flows();
  options.anyone = &there.reachability->all().flows_of_anyone();
  options.removed_nodes = there.removed_nodes;
  reach::Flood back(compiled, options);
  std::vector<reach::Source> sources;
  const PacketSet packets =
      headers.set_role(answers & space.valid() & space.where(Field::origin, only_origin), reach::Role::own);
  if (target.place.segment.valid()) {
    sources.push_back({target.place.segment, packets});
  } else if (target.place.node.valid()) {
    for (const model::InterfaceId interface : world.network().node(target.place.node).interfaces) {
      if (const model::SegmentId segment = world.network().interface(interface).segment; segment.valid()) {
        sources.push_back({segment, packets});
      }
    }
  }
  back.run(sources);
  const PacketSet returned =
      source.place.node.valid() ? back.delivered(source.place.node) : back.delivered_to_unlisted(source.place.segment);
  const PacketSet openers = headers.inverse(headers_only(returned));
  return (openers - headers.tcp()) | (openers.forget(Field::tcp_flags) & headers.syn());
}

bool translates(World& world) {
  for (std::size_t n = 0; n < world.network().nodes.size(); ++n) {
    if (world.compiled().node(model::NodeId(n)).translates) {
      return true;
    }
  }
  return false;
}

// What is wanted and is not surely delivered and answered, as it is sent.
PacketSet not_surely(const Wanted& wanted, const PlacePart& source, const PlacePart& target, const Sure& there,
                     World& world) {
  const PacketSet sure = headers_only(world.at(*there.reachability, target, Traffic::sessions)) & wanted.delivered;
  if (wanted.as_sent) {  // an answer to the name that was asked shows that the packet came through
    return wanted.sent - answered(sure, source, target, there, world);
  }
  const PacketSet missing = wanted.sent - sure;
  if (!missing.is_empty()) {
    return missing;
  }
  // Behind a translation the sender knows the target by another address: the answer then counts by the sender's end.
  const PacketSet openers = answered(wanted.sent, source, target, there, world);
  return wanted.sent -
         (translates(world) ? openers.forget(Field::destination).forget(Field::destination_port) : openers);
}

// A packet of the source that is wanted and surely does not arrive as it should.
std::optional<Packet> lost_packet(const Wanted& wanted, PacketSet missing, const PlacePart& source,
                                  const PlacePart& target, World& world) {
  if (!wanted.as_sent) {
    const PacketSet perhaps =
        headers_only(world.at(world.everybody(Approximation::over, Spoofing::any), target, Traffic::any));
    return (wanted.sent - perhaps).pick();
  }
  const auto candidate = missing.pick();
  if (!candidate) {
    return std::nullopt;
  }
  World::Special special;
  special.members = {source.place};
  special.only = headers_only(world.space().only(header_only(*candidate)));
  const auto perhaps = world.especially(special, Approximation::over);
  const bool arrives = headers_only(world.at(*perhaps, target, Traffic::any)).intersects(wanted.delivered);
  return arrives ? std::nullopt : candidate;
}

std::optional<Hop> surely_denied(const PlacePart& source, const Packet& packet, World& world,
                                 const SourceStore& sources, Witness& witness) {
  const Network& network = world.network();
  for (const reach::CompiledSegment::Neighbour& neighbour : world.compiled().segment(source.place.segment).neighbours) {
    if (neighbour.is_leaf) {
      continue;
    }
    reach::Replay replay(world.ground());
    for (const reach::ReplayPath& path : replay.send_to(neighbour.interface, packet)) {
      if (path.fate == reach::ReplayFate::denied || path.fate == reach::ReplayFate::lost) {
        WitnessStep step{place_name(source.place, network), StepRole::open, packet, "",
                         hops_of(path, network, sources)};
        witness.steps.push_back(std::move(step));
        return witness.steps.back().hops.empty() ? Hop{} : witness.steps.back().hops.back();
      }
    }
  }
  return std::nullopt;
}

}  // namespace

void Judge::judge_reachable(const Claim& claim, Verdict& verdict) {
  const Resolved from = resolve(claim.from_addresses.empty() ? claim.from : claim.from_addresses, *network_);
  const Resolved to = resolve(claim.to, *network_);
  std::vector<std::string> empty = from.empty;
  const auto sent = sent_to(claim, *network_, empty);
  empty.insert(empty.end(), to.empty.begin(), to.empty.end());
  if (claim.services.empty()) {
    empty.emplace_back("the claim names no service");
  }
  if (vacuous(empty, verdict)) {
    return;
  }
  verdict.outcome = Outcome::proved;
  verdict.reason = "every service is reached from every source, and the answers come back";
  bool any_pair = false;
  for (World* world : worlds_.all()) {
    const std::size_t f = model::index_of(world->family());
    bool covered = false;
    for (const PlacePart& source : from.parts) {
      for (const PlacePart& target : to.parts) {
        const bool hosts = source.place.kind == PlaceKind::interface || source.place.kind == PlaceKind::unlisted;
        const bool listed = target.place.kind != PlaceKind::unlisted || !target.whole || to.parts.size() == 1;
        if (!hosts || !listed || (sent && (*sent)[f].is_empty()) || source.addresses[f].is_empty() ||
            target.addresses[f].is_empty() || (source.place.node.valid() && source.place.node == target.place.node) ||
            (source.place.kind == PlaceKind::unlisted && claim.from_addresses.empty() && from.parts.size() > 1)) {
          continue;
        }
        covered = any_pair = true;
        if (!judge_reachable_pair(claim, source, target, *world, verdict)) {
          return;
        }
      }
    }
    if (!covered) {
      verdict.families[f] = Coverage::not_covered;
    }
  }
  if (!any_pair) {
    verdict.outcome = Outcome::vacuous;
    verdict.reason = "the two sides have no pair of places with addresses of one family";
  }
}

// False when the verdict is final: refuted or inconclusive.
bool Judge::judge_reachable_pair(const Claim& claim, const PlacePart& source, const PlacePart& target, World& world,
                                 Verdict& verdict) {
  std::vector<model::NodeId> routers = routers_of(source.place.segment, world);
  if (routers.empty() || source.place.segment == target.place.segment) {
    routers = {model::NodeId{}};
  }
  const std::vector<model::NodeId> removable = routers.front().valid() ? routers : std::vector<model::NodeId>{};
  for (const Way& way : ways_of(source, target, routers, *network_)) {
    std::optional<Sure> through;  // the same for every service, unless the claim says how packets are sent
    for (const Allowed& entry : claim.services) {
      const Wanted wanted = wanted_of(claim, source, target, entry, world);
      if (!through || wanted.as_sent) {
        const PacketSet sent = wanted.as_sent ? wanted.sent : world.space().all();
        through = through_one_router(source, sent, way, removable, world);
      }
      const Sure& there = *through;
      const PacketSet missing = not_surely(wanted, source, target, there, world);
      if (missing.is_empty()) {
        continue;
      }
      const auto lost = lost_packet(wanted, missing, source, target, world);
      Witness witness;
      const auto denied = lost ? surely_denied(source, header_only(*lost), world, *sources_, witness) : std::nullopt;
      if (denied) {
        verdict.outcome = Outcome::refuted;
        verdict.reason = fmt::format("{} does not reach {}: {}", place_name(source.place, *network_),
                                     place_name(target.place, *network_), to_string(header_only(*lost)));
        verdict.witness = std::move(witness);
        return false;
      }
      verdict.outcome = Outcome::inconclusive;
      verdict.reason =
          fmt::format("whether {} always reaches {} at {} is not decided by what was read",
                      place_name(source.place, *network_), place_name(target.place, *network_), entry.service.text);
      Resolved sender;
      sender.parts.push_back(source);
      for (UndecidedInput& input : undecided_on_the_way(sender, world)) {
        verdict.undecided.push_back(std::move(input));
      }
      return false;
    }
  }
  return true;
}

}  // namespace segproof::claim
