// SPDX-License-Identifier: Apache-2.0
// Containment: the compromise closure of the claim's sources must not reach its targets, and refutations are told as a
// chain of pivots, each of them replayed.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "claim/denials.h"
#include "claim/judge.h"
#include "claim/undecided.h"
#include "claim/witness.h"

namespace segproof::claim {
namespace {

using model::Network;

std::vector<Place> starting_places(const Resolved& from, const Network& network) {
  std::vector<Place> result;
  for (const PlacePart& part : from.parts) {
    for (const Place& place : places_of(body_of(part.place), network)) {
      if (std::find(result.begin(), result.end(), place) == result.end()) {
        result.push_back(place);
      }
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

// A place that is in both, or a host: with one of its interfaces it falls with all of them.
std::optional<std::string> on_both_sides(const Resolved& from, const Resolved& to, const Network& network) {
  if (const PlacePart* both = overlap(from, to)) {
    return place_name(both->place, network);
  }
  for (const PlacePart& start : from.parts) {
    for (const PlacePart& target : to.parts) {
      if (start.place.kind == PlaceKind::interface && body_of(start.place) == body_of(target.place)) {
        return body_name(body_of(start.place), network);
      }
    }
  }
  return std::nullopt;
}

const FallRecord* record_of(const Closure& closure, const Body& body) {
  if (const auto fallen = closure.fallen.find(body); fallen != closure.fallen.end()) {
    return &fallen->second;
  }
  const auto touched = closure.touched.find(body);
  return touched == closure.touched.end() ? nullptr : &touched->second;
}

// The bodies of the target that fell or were touched, the nearest first. A part of an unlisted place only counts when
// the last senders reach that part.
std::vector<Body> reached_targets(const Closure& closure, const Resolved& to, const ClosureQuestion& question,
                                  const Worlds& worlds) {
  std::vector<std::pair<unsigned, Body>> found;
  for (const PlacePart& part : to.parts) {
    const Body body = body_of(part.place);
    const FallRecord* record = record_of(closure, body);
    if (record == nullptr || record->reason == FallReason::start) {
      continue;
    }
    bool in_part = part.whole || record->reason == FallReason::initiated;
    for (World* world : worlds.all()) {
      if (!in_part) {
        const reach::Reachability& joint = world->jointly({closure.members, question.approximation});
        const PacketSet there = world->at(joint, part, Traffic::any);  // what goes to all hosts is for each of them
        in_part = felling(body, *world, joint, question.pivot).intersects(there);
      }
    }
    if (in_part) {
      found.emplace_back(record->hops, body);
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<Body> result;
  for (const auto& [hops, body] : found) {
    if (std::find(result.begin(), result.end(), body) == result.end()) {
      result.push_back(body);
    }
  }
  return result;
}

std::vector<Fallen> blast_of(const Closure& closure, const Network& network) {
  std::vector<Fallen> result;
  for (const auto& [body, record] : closure.fallen) {
    result.push_back({body_name(body, network), record.hops,
                      record.reason == FallReason::initiated ? body_name(record.peer, network) : ""});
  }
  std::sort(result.begin(), result.end(),
            [](const Fallen& a, const Fallen& b) { return std::tie(a.hops, a.place) < std::tie(b.hops, b.place); });
  return result;
}

// The places of all bodies that had fallen before the given round.
std::vector<Place> fallen_before(const Closure& closure, unsigned round, const Network& network) {
  std::vector<Place> result;
  for (const auto& [body, record] : closure.fallen) {
    if (record.hops < round) {
      for (const Place& place : places_of(body, network)) {
        result.push_back(place);
      }
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

// The session that the body, which stands, opens to any place of the peer, which has fallen.
WitnessAnswer initiated_by(const Body& body, const Body& peer, const ClosureQuestion& question, World& world,
                           const SourceStore& sources) {
  WitnessAnswer answer;
  const reach::Reachability& all = world.everybody(question.approximation, Spoofing::any);
  for (const Place& place : places_of(peer, world.network())) {
    const PlacePart part{place, true, addresses_of(place, world.network())};
    const PacketSet opened =
        place.node.valid() ? all.fresh_when_fallen(place.node) : world.at(all, part, Traffic::sessions);
    WitnessQuestion sought{
        places_of(body, world.network()), part, opened, Traffic::sessions, StepRole::open, Spoofing::any};
    sought.fell = Fell::target;
    answer = find_witness(sought, world, sources);
    if (answer.witness) {
      break;
    }
  }
  return answer;
}

constexpr std::size_t most_links = 8;  // of a chain of falls that may be

// A packet by which the senders, alone or else jointly, make the body fall.
WitnessAnswer felled_by(const std::vector<Place>& senders, const Body& body, const ClosureQuestion& question,
                        World& world, const SourceStore& sources) {
  const Traffic traffic = question.pivot == Pivot::paranoid ? Traffic::any : Traffic::sessions;
  const auto search = [&](const reach::Reachability& reachability) {
    const PacketSet packets = felling(body, world, reachability, question.pivot);
    WitnessAnswer found;
    for (const Place& place : places_of(body, world.network())) {  // whichever of its interfaces is reached
      const PlacePart part{place, true, addresses_of(place, world.network())};
      WitnessQuestion sought{senders, part, packets, traffic, StepRole::open, Spoofing::any};
      sought.fell = Fell::senders;
      found = find_witness(sought, world, sources);
      if (found.witness) {
        break;
      }
    }
    return found;
  };
  WitnessAnswer answer = search(world.everybody(question.approximation, Spoofing::any));
  if (!answer.witness) {
    WitnessAnswer before = std::move(answer);
    answer = search(world.jointly({senders, question.approximation}));
    answer.tried.insert(answer.tried.begin(), before.tried.begin(), before.tried.end());
    answer.unknown.insert(answer.unknown.begin(), before.unknown.begin(), before.unknown.end());
  }
  return answer;
}

// The body of the last of the senders with this name.
Body body_named(std::string_view name, const std::vector<Place>& senders, const Network& network) {
  Body result;
  for (const Place& sender : senders) {
    if (place_name(sender, network) == name) {
      result = body_of(sender);
    }
  }
  return result;
}

// Places that cannot fall are assumptions that the verdict leans on.
void add_harmless(const Network& network, Verdict& verdict) {
  for (const model::Assumption& assumption : network.assumptions) {
    if (!assumption.harmless.empty()) {
      verdict.assumptions.push_back(assumption.id);
    }
  }
}

// The places of the targets, when all of them are meant as a whole.
std::vector<Place> whole_places(const Resolved& to) {
  std::vector<Place> result;
  for (const PlacePart& part : to.parts) {
    if (!part.whole) {
      return {};
    }
    result.push_back(part.place);
  }
  return result;
}

void prove(const Closure& most, const Resolved& to, const Worlds& worlds, const SourceStore& sources,
           Verdict& verdict) {
  if (std::find(verdict.families.begin(), verdict.families.end(), Coverage::covered) == verdict.families.end()) {
    verdict.outcome = Outcome::vacuous;
    verdict.reason = "the two sides have no address family in common";
    return;
  }
  verdict.outcome = Outcome::proved;
  verdict.reason = fmt::format("at most {} place{} fall{}, and none of them reaches {}", most.fallen.size(),
                               most.fallen.size() == 1 ? "" : "s", most.fallen.size() == 1 ? "s" : "", verdict.to);
  // At this level an error is enough to fall.
  if (verdict.pivot == Pivot::paranoid && worlds.ipv4->tracks_somewhere()) {
    verdict.assumptions.emplace_back("A-OWN");
  }
  for (World* world : worlds.all()) {
    Resolved fallen;
    for (const Place& place : most.members) {
      fallen.parts.push_back({place, true, addresses_of(place, world->network())});
    }
    for (Denial& denial : denials({{{fallen, to}, Traffic::any}}, *world, sources)) {
      verdict.denied_by.push_back(std::move(denial));
    }
  }
}

// What surely goes first, if anything does.
std::vector<WitnessStep> sent_in(WitnessAnswer answer) {
  if (answer.witness) {
    answer.tried.insert(answer.tried.begin(), answer.witness->steps.back());
  }
  std::move(answer.unknown.begin(), answer.unknown.end(), std::back_inserter(answer.tried));
  return std::move(answer.tried);
}

// Packets by which the body may fall, after others by which their senders may.
std::vector<std::vector<WitnessStep>> perhaps_by(const Closure& most, Body body, const ClosureQuestion& question,
                                                 const Worlds& worlds, const SourceStore& sources) {
  const Network& network = worlds.ipv4->network();
  std::vector<std::vector<WitnessStep>> links;
  while (links.size() < most_links) {
    const FallRecord* record = record_of(most, body);
    if (record == nullptr || record->reason == FallReason::start) {
      break;
    }
    World& world = worlds.of(record->family);
    if (record->reason == FallReason::initiated) {
      links.push_back(sent_in(initiated_by(body, record->peer, question, world, sources)));
      body = record->peer;
      continue;
    }
    const std::vector<Place> senders = fallen_before(most, record->hops, network);
    std::vector<WitnessStep>& link = links.emplace_back(sent_in(felled_by(senders, body, question, world, sources)));
    const auto began = [&](const WitnessStep& step) {
      const FallRecord* sender = record_of(most, body_named(step.actor, senders, network));
      return sender != nullptr && sender->reason == FallReason::start;
    };
    std::stable_partition(link.begin(), link.end(), began);
    if (link.empty() || began(link.front())) {
      break;
    }
    body = body_named(link.front().actor, senders, network);
  }
  std::reverse(links.begin(), links.end());
  return links;
}

void leave_open(const Closure& most, const Body& body, ClosureQuestion question, const Worlds& worlds,
                const SourceStore& sources, Verdict& verdict) {
  const std::string nearest = body_name(body, worlds.ipv4->network());
  verdict.outcome = Outcome::inconclusive;
  verdict.reason = fmt::format("{} may be reached; whether it is is not decided by what was read", nearest);
  Resolved fallen;
  for (const Place& place : most.members) {
    fallen.parts.push_back({place, true, {}});
  }
  for (World* world : worlds.all()) {
    const reach::Reachability& joint = world->jointly({most.members, Approximation::over});
    const PacketSet perhaps = felling(body, *world, joint, question.pivot);
    for (UndecidedInput& input : undecided_on_the_way(fallen, *world, perhaps)) {
      verdict.undecided.push_back(std::move(input));
    }
  }
  question.approximation = Approximation::over;
  question.until.clear();
  verdict.perhaps = perhaps_by(most, body, question, worlds, sources);
}

void refuted_by(Witness witness, std::string_view target, unsigned pivots_before, bool spoofed, Verdict& verdict) {
  verdict.outcome = Outcome::refuted;
  verdict.reason =
      fmt::format("{} is reached after {} pivot{}: {} reaches {}", target, pivots_before, pivots_before == 1 ? "" : "s",
                  witness.steps.back().actor, witness.steps.back().delivered);
  if (spoofed) {
    verdict.spoofed_only = true;
    verdict.reason += "; one step rests on a spoofed source or self-made state";
  }
  verdict.witness = std::move(witness);
}

}  // namespace

// The steps that make `target` fall, from the start on. `complete` is false when one of them did not replay.
Witness Judge::pivots(const Closure& closure, const Body& target, const ClosureQuestion& question, bool& complete,
                      bool& spoofed) {
  std::vector<std::vector<WitnessStep>> chain;
  std::vector<Body> bodies;
  std::set<Body>& untold = this->untold(question);
  Body body = target;
  complete = true;
  while (complete) {
    bodies.push_back(body);
    if (untold.contains(body)) {
      complete = false;
      break;
    }
    const FallRecord* record = record_of(closure, body);
    if (record == nullptr || record->reason == FallReason::start) {
      break;
    }
    World& world = worlds_.of(record->family);
    Body next = record->peer;
    WitnessAnswer answer;
    if (record->reason == FallReason::initiated) {
      answer = initiated_by(body, record->peer, question, world, *sources_);
    } else {
      const std::vector<Place> senders = fallen_before(closure, record->hops, *network_);
      answer = felled_by(senders, body, question, world, *sources_);
      if (answer.witness) {
        next = body_named(answer.witness->steps.back().actor, senders, *network_);
      }
    }
    if (!answer.witness) {
      complete = false;
      break;
    }
    spoofed = spoofed || answer.leans_on_spoofing;
    if (!chain.empty()) {
      answer.witness->steps.back().role = StepRole::pivot;
    }
    chain.push_back(std::move(answer.witness->steps));
    body = next;
  }
  Witness witness;
  if (!complete) {  // nor does any chain that leads there
    untold.insert(bodies.begin(), bodies.end());
    return witness;
  }
  for (auto steps = chain.rbegin(); steps != chain.rend(); ++steps) {
    witness.steps.insert(witness.steps.end(), steps->begin(), steps->end());
  }
  return witness;
}

std::set<Body>& Judge::untold(ClosureQuestion question) {
  question.until.clear();
  return untold_[question];
}

const Closure& Judge::closure_of(const ClosureQuestion& question) {
  const auto known = closures_.find(question);
  return known != closures_.end() ? known->second : closures_.emplace(question, close(question, tables_)).first->second;
}

void Judge::judge_containment(const Claim& claim, Verdict& verdict, Responder responder) {
  const bool outwards = claim.kind == Kind::no_exfiltration;
  const Resolved from = resolve(claim.from, *network_);
  const Resolved to = outwards ? external_places(*network_) : resolve(claim.to, *network_);
  std::vector<std::string> empty = from.empty;
  empty.insert(empty.end(), to.empty.begin(), to.empty.end());
  if (outwards && to.parts.empty()) {
    empty.emplace_back("the network has no external zone");
  }
  if (vacuous(empty, verdict)) {
    return;
  }
  if (const std::optional<std::string> both = on_both_sides(from, to, *network_)) {
    verdict.outcome = Outcome::vacuous;
    verdict.reason = fmt::format("`{}` is on both sides of the claim", *both);
    return;
  }
  if (outwards) {
    verdict.to = "external zones";
  }
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    verdict.families[model::index_of(family)] =
        from.covers(family) && to.covers(family) ? Coverage::covered : Coverage::not_covered;
  }
  ClosureQuestion question{starting_places(from, *network_),
                           claim.pivot.value_or(Pivot::worst_case),
                           responder == Responder::include,
                           claim.hops ? std::optional(*claim.hops + 1) : std::nullopt,  // and the packet after them
                           Approximation::over,
                           {},
                           outwards};
  const Closure& most = closure_of(question);
  verdict.blast = blast_of(most, *network_);
  verdict.assumptions.insert(verdict.assumptions.end(), most.assumptions.begin(), most.assumptions.end());
  if (question.pivot != Pivot::direct) {
    add_harmless(*network_, verdict);
  }
  const std::vector<Body> perhaps = reached_targets(most, to, question, worlds_);
  if (perhaps.empty()) {
    prove(most, to, worlds_, *sources_, verdict);
    return;
  }
  question.approximation = Approximation::under;
  question.until = whole_places(to);
  // The nearest targets first; when no way to them replays, all that fall.
  do {
    const Closure& least = closure_of(question);
    for (const Body& target : reached_targets(least, to, question, worlds_)) {
      bool complete = false;
      bool spoofed = false;
      Witness witness = pivots(least, target, question, complete, spoofed);
      if (complete && !witness.steps.empty()) {
        const unsigned pivots_before = record_of(least, target)->hops - 1;
        refuted_by(std::move(witness), body_name(target, *network_), pivots_before, spoofed, verdict);
        return;
      }
    }
  } while (!std::exchange(question.until, {}).empty());
  leave_open(most, perhaps.front(), question, worlds_, *sources_, verdict);
}

}  // namespace segproof::claim
