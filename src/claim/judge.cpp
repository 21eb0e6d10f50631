// SPDX-License-Identifier: Apache-2.0
#include "claim/judge.h"

#include <algorithm>

#include <fmt/format.h>

#include "claim/denials.h"
#include "claim/undecided.h"
#include "claim/unplaced.h"
#include "claim/witness.h"

namespace segproof::claim {
namespace {

constexpr std::size_t most_explained = 4;  // places where packets may come to

using model::Network;

std::string joined_texts(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) {
    result += (result.empty() ? "" : "; ") + text;
  }
  return result;
}

// The senders of one direction, those first that no allow-list entry names: at the level `any` the search takes one for
// each segment, and a packet that an entry allows to its neighbour must not be told as that neighbour's.
std::vector<Place> senders_for(const Claim& claim, const Resolved& from, const Network& network) {
  std::vector<Place> result = places_in(from);
  Resolved listed;
  for (const std::vector<Allowed>* entries : {&claim.services, &claim.except}) {
    for (const Allowed& entry : *entries) {
      const Resolved named = resolve(entry.from, network);
      listed.parts.insert(listed.parts.end(), named.parts.begin(), named.parts.end());
    }
  }
  std::stable_partition(result.begin(), result.end(), [&](const Place& place) {
    return std::none_of(listed.parts.begin(), listed.parts.end(),
                        [&](const PlacePart& part) { return part.place == place; });
  });
  return result;
}

// The interface where an anti-spoofing rule would have stopped the first spoofed packet of the witness.
std::string turning_point(const Witness& witness) {
  for (const WitnessStep& step : witness.steps) {
    for (const Hop& hop : step.hops) {
      if (!hop.in.empty()) {
        return fmt::format("drop sources outside the segment's prefixes on {}:{} to turn it", hop.device, hop.in);
      }
    }
  }
  return "no device stands between sender and receiver";
}

PacketSet all_of(const std::vector<Arrival>& arrivals, World& world) {
  PacketSet result = world.space().none();
  for (const Arrival& arrival : arrivals) {
    result |= arrival.packets;
  }
  return result;
}

std::string how_it_breaks(const Witness& witness) {
  const WitnessStep& last = witness.steps.back();
  return fmt::format("{} reaches {}{}{}", last.actor, last.delivered, last.packet ? " with " : "",
                     last.packet ? to_string(*last.packet) : "");
}

void merge(std::vector<UndecidedInput> more, std::vector<UndecidedInput>& into) {
  into.insert(into.end(), more.begin(), more.end());
  tidy(into);
}

bool covers_everything_missing(const Network& network) {
  return std::any_of(network.gaps.begin(), network.gaps.end(), [](const model::Gap& gap) { return !gap.node.valid(); });
}

}  // namespace

std::string_view built_in_assumption(std::string_view id) {
  if (id == "A0") {
    return "only wired links exist: there is no path beside those that the topology names";
  }
  if (id == "A-STACK") {
    return "systems do what their rules, routes and recorded settings say: settings of the kernel that were not "
           "collected are the defaults, hosts with one interface forward nothing, nobody routes multicast or relays "
           "broadcasts, and nothing sends packets on below the rules";
  }
  if (id == "A-ROUTES") {
    return "sessions of the epochs before took the present routes and wires";
  }
  if (id == "A-FLUSH") {
    return "connection tables were empty at the start of the epoch";
  }
  if (id == "A-FW") {
    return "the devices themselves are not compromised";
  }
  if (id == "A-EXT") {
    return "external zones are reached, but what happens beyond them is not followed";
  }
  if (id == "A-R2I") {
    return "who opens a session to a fallen host does not fall by its answers";
  }
  if (id == "A-OWN") {
    return "nobody takes part in sessions that devices opened themselves: by ICMP errors about them, or by IPv6 "
           "packets under an address of the device";
  }
  if (id == "A-COMPLETE") {
    return "segments that are recorded as complete hold no unlisted host";
  }
  if (id == "A-WIRES") {
    return "wires that no topology names are as the networks of the interfaces suggest";
  }
  if (id == "A-HARMLESS") {
    return "services that the policy lists as harmless do not make a host fall";
  }
  return "";
}

Verdict Judge::blank(const Claim& claim) const {
  Verdict verdict;
  verdict.id = claim.id;
  verdict.kind = claim.kind;
  verdict.text = claim.text;
  verdict.from = joined(claim.kind == Kind::detached       ? claim.hosts
                        : claim.kind == Kind::anti_spoofed ? claim.zones
                                                           : claim.from);
  verdict.to = joined(claim.to);
  verdict.epoch = network_->epoch;
  if (claim.kind == Kind::contained || claim.kind == Kind::no_exfiltration) {
    verdict.pivot = claim.pivot.value_or(Pivot::worst_case);
  }
  verdict.spoofing = claim.spoofing;
  verdict.controls = claim.controls;
  verdict.assumptions = claim.assumptions;
  verdict.location = claim.origin;
  return verdict;
}

std::vector<Verdict> Judge::judge(const Claim& claim) {
  std::vector<Verdict> result{blank(claim)};
  ran_out_of_room_ = false;
  try {
    switch (claim.kind) {
      case Kind::isolated:
      case Kind::isolated_both_ways:
      case Kind::no_new_sessions:
      case Kind::only:
      case Kind::via:
      case Kind::detached:
      case Kind::no_direct_exfiltration:
        judge_packets(claim, result.front());
        break;
      case Kind::contained:
      case Kind::no_exfiltration:
        judge_containment(claim, result.front(), claim.responder);
        if (claim.responder == Responder::report && result.front().outcome != Outcome::vacuous) {
          Verdict advisory = blank(claim);
          advisory.id += "/responder";
          advisory.advisory = true;
          judge_containment(claim, advisory, Responder::include);
          conclude(claim, advisory);
          result.push_back(std::move(advisory));
        }
        break;
      case Kind::reachable:
        judge_reachable(claim, result.front());
        break;
      case Kind::unreferenced:
        judge_unreferenced(claim, result.front());
        break;
      case Kind::anti_spoofed:
        judge_anti_spoofed(claim, result.front());
        break;
      case Kind::withstands:
      case Kind::at_no_time:
      case Kind::approved_change:
        result.front().outcome = Outcome::not_evaluated;
        result.front().reason = fmt::format("claims of the kind `{}` are not evaluated yet", kind_name(claim.kind));
        break;
    }
  } catch (const SpaceExhausted&) {
    ran_out_of_room_ = true;
    result.front().outcome = Outcome::not_evaluated;
    result.front().reason = "the packet sets of this claim grew beyond the limit";
    result.front().witness.reset();
  }
  conclude(claim, result.front());
  return result;
}

bool Judge::vacuous(const std::vector<std::string>& empty, Verdict& verdict) const {
  if (empty.empty()) {
    return false;
  }
  verdict.outcome = Outcome::vacuous;
  verdict.reason = joined_texts(empty);
  verdict.families = {Coverage::not_covered, Coverage::not_covered};
  return true;
}

// What holds for every verdict: a proof leans on the wiring and on everything having been read.
void Judge::conclude(const Claim& claim, Verdict& verdict) const {
  if (verdict.outcome == Outcome::proved && claim.kind != Kind::unreferenced && covers_everything_missing(*network_)) {
    verdict.outcome = Outcome::inconclusive;
    verdict.reason = "not everything that concerns the whole network was read, so that anything may follow";
    for (const model::Gap& gap : network_->gaps) {
      if (!gap.node.valid()) {
        verdict.undecided.push_back({gap.span, gap.code, gap.why});
      }
    }
    verdict.denied_by.clear();
  }
  if (verdict.outcome == Outcome::proved && claim.kind != Kind::unreferenced) {
    const std::vector<UndecidedInput> unplaced = unplaced_parties(claim, *network_);
    if (!unplaced.empty()) {
      merge(unplaced, verdict.undecided);
      verdict.outcome = Outcome::inconclusive;
      verdict.reason = "a host that the claim speaks of is on no segment that is known, so it may be anywhere";
      verdict.denied_by.clear();
    }
  }
  if (verdict.outcome == Outcome::inconclusive && verdict.undecided.empty()) {
    verdict.undecided.push_back(undecided_by_itself(claim.origin));
  }
  const auto lean_on = [&](std::string_view id) { verdict.assumptions.emplace_back(id); };
  if (verdict.outcome != Outcome::proved) {
    std::erase(verdict.assumptions, "A-OWN");
  }
  if (verdict.outcome == Outcome::proved && claim.kind != Kind::unreferenced) {
    lean_on("A0");
    lean_on("A-STACK");
    if (keeps_earlier_sessions(*network_)) {
      lean_on("A-ROUTES");
    } else if (!network_->state_flushed) {
      lean_on("A-FLUSH");
    }
    const bool trusts_lists = std::any_of(network_->segments.begin(), network_->segments.end(),
                                          [](const model::Segment& segment) { return segment.complete; });
    if (trusts_lists) {
      lean_on("A-COMPLETE");
    }
  }
  const bool counts = verdict.outcome == Outcome::proved || verdict.outcome == Outcome::refuted;
  if (counts && claim.kind != Kind::unreferenced && network_->assumes("A-WIRES")) {
    lean_on("A-WIRES");
  }
  std::sort(verdict.assumptions.begin(), verdict.assumptions.end());
  verdict.assumptions.erase(std::unique(verdict.assumptions.begin(), verdict.assumptions.end()),
                            verdict.assumptions.end());
  tidy(verdict.undecided);
  tidy(verdict.denied_by);
}

void Judge::judge_packets(const Claim& claim, Verdict& verdict) {
  const Prohibition prohibition = prohibition_of(claim, *network_);
  if (vacuous(prohibition.empty, verdict)) {
    return;
  }
  if (!prohibition.overlap.empty()) {
    verdict.outcome = Outcome::vacuous;
    verdict.reason = fmt::format("`{}` is on both sides of the claim", prohibition.overlap);
    return;
  }
  if (verdict.to.empty()) {
    verdict.to = claim.kind == Kind::detached ? "everything else" : "external zones";
  }
  verdict.outcome = Outcome::proved;
  bool any_family = false;
  bool any_path = false;
  for (World* world : worlds_.all()) {
    verdict.families[model::index_of(world->family())] =
        prohibition.covers(world->family()) ? Coverage::covered : Coverage::not_covered;
  }
  for (World* world : worlds_.all()) {
    if (!prohibition.covers(world->family())) {
      continue;
    }
    any_family = true;
    if (claim.kind == Kind::via) {
      Claim direct = claim;
      direct.kind = Kind::isolated;
      any_path = any_path || !violations(direct, prohibition, prohibition.directions.front(), *world,
                                         Approximation::over, network_->date)
                                  .empty();
    }
    judge_packets_in(claim, prohibition, *world, verdict);
    if (verdict.outcome == Outcome::refuted) {
      return;
    }
  }
  if (!any_family) {
    verdict.outcome = Outcome::vacuous;
    verdict.reason = "the two sides have no address family in common";
  } else if (claim.kind == Kind::via && !any_path) {
    verdict.outcome = Outcome::vacuous;
    verdict.reason = fmt::format("no packet gets from {} to {} at all", verdict.from, verdict.to);
  } else if (verdict.outcome == Outcome::proved) {
    verdict.reason = claim.kind == Kind::via ? fmt::format("without {} nothing gets through", joined(claim.through))
                     : prohibition.directions.front().traffic == Traffic::sessions
                         ? "no session that the claim forbids can be opened"
                         : "no packet that the claim forbids gets through";
  }
}

void Judge::judge_packets_in(const Claim& claim, const Prohibition& prohibition, World& world, Verdict& verdict) {
  bool clean = true;
  std::vector<Forbidden> unclear;
  for (const Forbidden& direction : prohibition.directions) {
    if (violations(claim, prohibition, direction, world, Approximation::over, network_->date).empty()) {
      continue;
    }
    clean = false;
    if (refute(claim, prohibition, direction, world, verdict)) {
      return;
    }
    unclear.push_back(direction);
  }
  if (clean) {
    const bool leans_on_own =
        std::any_of(prohibition.directions.begin(), prohibition.directions.end(), [&](const Forbidden& direction) {
          return !violations_by_own_sessions(claim, prohibition, direction, world, network_->date).empty();
        });
    if (leans_on_own) {
      verdict.assumptions.emplace_back("A-OWN");
    }
    for (Denial& denial : denials(prohibition.directions, world, *sources_)) {
      verdict.denied_by.push_back(std::move(denial));
    }
    return;
  }
  verdict.outcome = Outcome::inconclusive;
  verdict.denied_by.clear();
  for (const Forbidden& direction : unclear) {
    const std::vector<Arrival> perhaps =
        violations(claim, prohibition, direction, world, Approximation::over, network_->date);
    std::vector<WitnessStep> unknown;
    for (std::size_t i = 0; i < std::min(perhaps.size(), most_explained); ++i) {
      WitnessAnswer answer = find_witness({places_in(direction.party.from), perhaps[i].to, perhaps[i].packets,
                                           direction.traffic, StepRole::open, claim.spoofing, perhaps[i].sent},
                                          world, *sources_);
      if (i == 0) {
        merge(answer.undecided, verdict.undecided);
      }
      verdict.perhaps.resize(1);
      std::move(answer.tried.begin(), answer.tried.end(), std::back_inserter(verdict.perhaps.front()));
      std::move(answer.unknown.begin(), answer.unknown.end(), std::back_inserter(unknown));
    }
    std::move(unknown.begin(), unknown.end(), std::back_inserter(verdict.perhaps.front()));
    if (verdict.undecided.empty()) {
      merge(undecided_on_the_way(direction.party.from, world, all_of(perhaps, world)), verdict.undecided);
    }
    verdict.reason = fmt::format("packets from {} may reach {}; whether they do is not decided by what was read",
                                 verdict.from, place_name(perhaps.front().to.place, *network_));
  }
}

bool Judge::refute(const Claim& claim, const Prohibition& prohibition, const Forbidden& direction, World& world,
                   Verdict& verdict) {
  // Honest sources first: a refutation that needs no spoofing is the better one.
  for (const Spoofing spoofing : {Spoofing::own, claim.spoofing}) {
    if (spoofing == Spoofing::own && claim.trust_source_host) {
      continue;
    }
    const std::vector<Arrival> sure =
        violations_with(claim, prohibition, direction, world, Approximation::under, network_->date, spoofing);
    for (const Arrival& arrival : sure) {
      WitnessAnswer answer =
          find_witness({senders_for(claim, direction.party.from, *network_), arrival.to, arrival.packets,
                        direction.traffic, StepRole::open, spoofing, arrival.sent, claim.trust_source_host,
                        removed_for(prohibition.through, *network_, Approximation::under)},
                       world, *sources_);
      if (!answer.witness) {
        continue;
      }
      verdict.outcome = Outcome::refuted;
      verdict.witness = std::move(answer.witness);
      verdict.spoofed_only = answer.leans_on_spoofing && spoofing != Spoofing::own;
      verdict.reason = how_it_breaks(*verdict.witness);
      if (verdict.spoofed_only) {
        verdict.reason += "; it rests on a spoofed source or self-made state alone: " + turning_point(*verdict.witness);
      }
      verdict.undecided.clear();
      verdict.denied_by.clear();
      return true;
    }
  }
  return false;
}

}  // namespace segproof::claim
