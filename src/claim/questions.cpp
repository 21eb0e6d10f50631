// SPDX-License-Identifier: Apache-2.0
// The questions that are no claims: what is reachable, who falls, where a packet goes.
#include <algorithm>

#include <fmt/format.h>

#include "claim/denials.h"
#include "claim/row_texts.h"
#include "claim/session.h"
#include "claim/undecided.h"
#include "claim/unplaced.h"
#include "claim/witness.h"
#include "claim/world_pair.h"

namespace segproof::claim {
namespace {

using model::InterfaceId;
using model::Network;
using model::NodeId;
using reach::ReplayFate;
using reach::ReplayPath;

std::string first_of(const std::vector<std::string>& texts) {
  return texts.empty() ? "" : texts.front();
}

Claim as_claim(const ReachQuestion& question) {
  Claim claim;
  claim.kind = question.sessions == Sessions::new_only ? Kind::no_new_sessions : Kind::isolated;
  claim.from = question.from;
  claim.to = question.to;
  claim.spoofing = question.spoofing;
  return claim;
}

std::vector<Arrival> of_service(std::vector<Arrival> arrivals, const std::optional<ServiceSpec>& service) {
  std::vector<Arrival> result;
  for (Arrival& arrival : arrivals) {
    if (service) {
      arrival.packets &= packets_of(*service, arrival.packets.space());
    }
    if (!arrival.packets.is_empty()) {
      result.push_back(arrival);
    }
  }
  return result;
}

TraceFate fate_of(ReplayFate fate) {
  switch (fate) {
    case ReplayFate::delivered:
      return TraceFate::delivered;
    case ReplayFate::denied:
      return TraceFate::denied;
    case ReplayFate::lost:
      return TraceFate::lost;
    case ReplayFate::undecided:
      return TraceFate::undecided;
  }
  return TraceFate::undecided;
}

TracePath path_of(const ReplayPath& path, const Packet& sent, const Network& network, const SourceStore& sources) {
  TracePath result;
  result.hops = hops_of(path, network, sources);
  result.fate = fate_of(path.fate);
  result.reason = path.reason;
  if (path.fate == ReplayFate::delivered) {
    result.delivered = path.node.valid() ? network.node(path.node).name
                                         : place_name({PlaceKind::unlisted, {}, path.segment, {}}, network);
  }
  Packet last = path.last;
  for (const Field field : {Field::state, Field::translated}) {
    last[field] = 0;
  }
  if (!(last == sent)) {
    result.packet_last = last;
  }
  return result;
}

// Nothing gets through: by which rules, unless something that was not understood may change that.
void explain_nothing(const Claim& claim, const Prohibition& asked, const Worlds& worlds, const SourceStore& sources,
                     const Network& network, ReachAnswer& answer) {
  answer.undecided = doubts_everywhere(network);
  for (UndecidedInput& host : unplaced_parties(claim, network)) {
    answer.undecided.push_back(std::move(host));
  }
  if (!answer.undecided.empty()) {
    answer.state = Reachability::undecided;
    answer.reason = "what was read shows no way, but it is not everything that counts";
    return;
  }
  for (World* world : worlds.all()) {
    if (asked.covers(world->family()) &&
        !violations_by_own_sessions(claim, asked, asked.directions.front(), *world, "").empty() &&
        answer.assumptions.front() != "A-OWN") {
      answer.assumptions.insert(answer.assumptions.begin(), "A-OWN");
    }
    for (Denial& denial : denials(asked.directions, *world, sources)) {
      answer.denied_by.push_back(std::move(denial));
    }
  }
  tidy(answer.denied_by);
}

}  // namespace

Result<ReachAnswer> reach(const Network& network, const SourceStore& sources, const ReachQuestion& question) {
  const Claim claim = as_claim(question);
  const Prohibition asked = prohibition_of(claim, network);
  if (!asked.empty.empty()) {
    return Failure{first_of(asked.empty)};
  }
  if (!asked.overlap.empty()) {
    return Failure{fmt::format("`{}` is on both sides of the question", asked.overlap)};
  }
  ReachAnswer answer;
  answer.from = joined(question.from);
  answer.to = joined(question.to);
  answer.state = Reachability::nothing;
  answer.assumptions = {"A-STACK", "A0"};
  if (network.assumes("A-WIRES")) {
    answer.assumptions.insert(answer.assumptions.end() - 1, "A-WIRES");
  }
  WorldPair worlds(network);
  const Forbidden& direction = asked.directions.front();
  for (World* world : worlds.both().all()) {
    if (!asked.covers(world->family())) {
      continue;
    }
    const auto perhaps =
        of_service(violations(claim, asked, direction, *world, Approximation::over, ""), question.service);
    for (const Arrival& arrival : perhaps) {
      const PacketSet to_one = arrival.packets - world->to_directed_broadcast();
      for (std::string& row : row_texts(to_one.is_empty() ? arrival.packets : to_one, RowStyle::with_addresses)) {
        answer.rows.push_back(place_name(arrival.to.place, network) + ": " + row);
      }
    }
    if (perhaps.empty() || answer.state == Reachability::something) {
      continue;
    }
    answer.state = Reachability::undecided;
    for (const Spoofing spoofing : {Spoofing::own, question.spoofing}) {
      const auto sure = of_service(violations_with(claim, asked, direction, *world, Approximation::under, "", spoofing),
                                   question.service);
      for (const Arrival& arrival : sure) {
        WitnessAnswer found = find_witness(
            {places_in(direction.party.from), arrival.to, arrival.packets, direction.traffic, StepRole::open, spoofing},
            *world, sources);
        if (found.witness && answer.state != Reachability::something) {
          answer.state = Reachability::something;
          answer.witness = std::move(found.witness);
        }
      }
    }
    if (answer.state == Reachability::undecided) {
      PacketSet packets = world->space().none();
      for (const Arrival& arrival : perhaps) {
        packets |= arrival.packets;
      }
      answer.undecided = undecided_on_the_way(direction.party.from, *world, packets);
    }
  }
  if (answer.state == Reachability::nothing) {
    explain_nothing(claim, asked, worlds.both(), sources, network, answer);
  }
  return answer;
}

Result<BlastAnswer> blast(const Network& network, const SourceStore& sources, const BlastQuestion& question) {
  static_cast<void>(sources);
  const Resolved from = resolve({question.from}, network);
  if (!from.empty.empty()) {
    return Failure{from.empty.front()};
  }
  BlastAnswer answer;
  answer.from = question.from.text;
  answer.pivot = question.pivot;
  answer.hop_limit = question.hops;
  WorldPair worlds(network);
  ClosureQuestion asked{places_in(from), question.pivot, true, question.hops, Approximation::over};
  const Closure most = close(asked, worlds.both());
  asked.approximation = Approximation::under;
  const Closure least = close(asked, worlds.both());
  const auto add = [&](const Body& body, const FallRecord& record) {
    answer.fallen.push_back({body_name(body, network), record.hops,
                             record.reason == FallReason::initiated ? body_name(record.peer, network) : ""});
  };
  bool undecided = false;
  for (const auto& [body, record] : most.fallen) {
    add(body, record);
    undecided = undecided || !least.fallen.contains(body);
  }
  for (const auto& [body, record] : most.touched) {
    answer.reached.push_back(body_name(body, network));
    undecided = undecided || !least.touched.contains(body);
  }
  std::sort(answer.fallen.begin(), answer.fallen.end(),
            [](const Fallen& a, const Fallen& b) { return std::tie(a.hops, a.place) < std::tie(b.hops, b.place); });
  std::sort(answer.reached.begin(), answer.reached.end());
  if (undecided) {
    for (World* world : worlds.both().all()) {
      for (UndecidedInput& input : undecided_on_the_way(from, *world)) {
        answer.undecided.push_back(std::move(input));
      }
    }
  }
  for (const std::vector<UndecidedInput>& doubts : {unplaced_hosts(from, network), doubts_everywhere(network)}) {
    answer.undecided.insert(answer.undecided.end(), doubts.begin(), doubts.end());
  }
  tidy(answer.undecided);
  answer.assumptions.assign(most.assumptions.begin(), most.assumptions.end());
  answer.assumptions.emplace_back("A0");
  answer.assumptions.emplace_back("A-STACK");
  if (network.assumes("A-WIRES")) {
    answer.assumptions.emplace_back("A-WIRES");
  }
  std::sort(answer.assumptions.begin(), answer.assumptions.end());
  return answer;
}

Result<TraceAnswer> trace(const Network& network, const SourceStore& sources, const TraceQuestion& question) {
  TraceAnswer answer;
  answer.from = question.from;
  answer.packet = question.packet;
  reach::Replay replay(network, question.packet.family);
  std::vector<ReplayPath> paths;
  const std::size_t colon = question.from.find(':');
  if (colon != std::string::npos && !question.from.starts_with("device:")) {
    const NodeId node = network.find_node(question.from.substr(0, colon));
    const InterfaceId interface =
        node.valid() ? network.find_interface(node, question.from.substr(colon + 1)) : InterfaceId{};
    if (!interface.valid()) {
      return Failure{fmt::format("there is no interface `{}`", question.from)};
    }
    paths = replay.send_to(interface, question.packet);
  } else {
    const Resolved from = resolve({Name{question.from, {}}}, network);
    if (!from.empty.empty()) {
      return Failure{from.empty.front()};
    }
    // The host gives the packet to whoever owns the destination on its segment, else to every router there.
    for (const PlacePart& part : from.parts) {
      if (!part.place.segment.valid()) {
        continue;
      }
      std::vector<ReplayPath> here = replay.send_on_link(part.place.segment, question.packet);
      const bool on_link = std::any_of(here.begin(), here.end(), [](const ReplayPath& path) {
        return path.fate != ReplayFate::lost || !path.hops.empty();
      });
      if (!on_link) {
        for (const InterfaceId neighbour : network.segment(part.place.segment).attached) {
          if (network.node(network.interface(neighbour).node).kind == model::NodeKind::device) {
            for (ReplayPath& path : replay.send_to(neighbour, question.packet)) {
              paths.push_back(std::move(path));
            }
          }
        }
      }
      if (on_link || paths.empty()) {
        paths.insert(paths.end(), here.begin(), here.end());
      }
    }
  }
  for (const ReplayPath& path : paths) {
    answer.paths.push_back(path_of(path, question.packet, network, sources));
  }
  return answer;
}

}  // namespace segproof::claim
