// SPDX-License-Identifier: Apache-2.0
#include "exhaustive.h"

#include <fmt/format.h>

#include <algorithm>

#include "agree/naive/universe.h"

namespace segproof::test {
namespace {

using check::Spot;
using naive::Powers;
using naive::Senders;

check::Box box_of(const naive::Probe& probe, check::Sets& sets) {
  check::Box box{};
  const auto set = [&](check::Field field, check::Value value) { box[field] = sets.single(field, value); };
  set(check::protocol, probe.protocol);
  set(check::source, probe.source);
  set(check::destination, probe.destination);
  set(check::sport, probe.source_port);
  set(check::dport, probe.destination_port);
  set(check::flags, probe.flags);
  set(check::fragment, probe.fragment ? 1 : 0);
  set(check::role, check::own_role);
  return box;
}

Powers powers_of(const Senders& senders) {
  Powers powers;
  powers.senders = senders.places;
  powers.only_from = senders.only_from;
  powers.fallen = senders.fallen;
  return powers;
}

std::string text_of(const Spot& spot) {
  return spot.kind == Spot::Kind::interface ? fmt::format("node {} interface {}", spot.node, spot.number)
                                            : fmt::format("segment {}", spot.number);
}

}  // namespace

Exhaustive::Exhaustive(const naive::RandomCase& made, const std::vector<claim::Claim>& claims, std::size_t most_packets)
    : made_(&made) {
  naive::UniverseLimits limits;
  limits.packets = most_packets;
  limits.seed = made.seed;
  universe_ = naive::universe_of(made.network, claims, made.family, limits);
  is_complete_ = universe_.size() < most_packets;
  judge_ = std::make_unique<naive::Judge>(made.network, made.family, universe_, naive::Setting{});
}

const std::optional<std::string>& Exhaustive::forbidden(const claim::Claim& claim) {
  const auto known = forbidden_.find(claim.id);
  if (known != forbidden_.end()) {
    return known->second;
  }
  const auto found = judge_->forbidden(claim);
  return forbidden_[claim.id] = found ? std::optional(found->story) : std::nullopt;
}

// Where rows stand: at interfaces of nodes that pass packets on, and on the segment for those that only receive.
Exhaustive::Arrivals Exhaustive::run(const Powers& powers, const check::Surroundings& world) {
  naive::Search search(judge_->lab(), powers);
  search.run();
  Arrivals result;
  const model::Network& network = made_->network;
  const auto is_leaf = [&](std::size_t node) { return world.facts(node).behaviour == check::Behaviour::leaf; };
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    for (std::size_t i = 0; i < network.nodes[n].interfaces.size() && !is_leaf(n); ++i) {
      for (const naive::ProbeId packet : search.all_at(network.nodes[n].interfaces[i])) {
        result.push_back({{Spot::Kind::interface, n, i}, packet});
      }
    }
  }
  for (const naive::Delivery& delivery : search.deliveries()) {
    const bool is_node = judge_->lab().wiring().is_node(delivery.place);
    if (delivery.segment.valid() && (!is_node || is_leaf(delivery.place))) {
      result.push_back({{Spot::Kind::segment, 0, delivery.segment.index()}, delivery.packet});
    }
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

const Exhaustive::Arrivals& Exhaustive::from_everybody(const check::Surroundings& world) {
  if (!everybody_) {
    Powers powers;
    const naive::Wiring& wiring = judge_->lab().wiring();
    for (naive::Place place = 0; place < wiring.place_count(); ++place) {
      if (place != wiring.unknown() && wiring.exists(place)) {
        powers.senders.push_back(place);
      }
    }
    everybody_ = run(powers, world);
  }
  return *everybody_;
}

const Exhaustive::Sent& Exhaustive::from(const Senders& senders, const check::Surroundings& world) {
  const auto known = sent_.find(senders);
  if (known != sent_.end()) {
    return known->second;
  }
  Sent& sent = sent_[senders];
  Powers powers = powers_of(senders);
  sent.own = run(powers, world);
  powers.others_state = powers.related = &judge_->attack().everyones_entries();
  powers.own_flows = true;
  sent.all = run(powers, world);
  return sent;
}

bool Exhaustive::holds(const std::vector<check::Box>& rows, const naive::Probe& probe, check::Sets& sets,
                       bool role_counts) const {
  const check::Box header = box_of(probe, sets);
  return std::any_of(rows.begin(), rows.end(), [&](check::Box row) {
    row[check::role] = role_counts ? row[check::role] : check::any_value;
    return sets.within(header, row);
  });
}

std::optional<std::string> Exhaustive::outside(const check::Rows& rows, const Arrivals& arrivals, check::Sets& sets,
                                               bool role_counts) {
  for (const auto& [spot, packet] : arrivals) {
    const auto there = rows.at.find(spot);
    const naive::Probe& probe = judge_->lab().probe(packet);
    if (there == rows.at.end() || !holds(there->second, probe, sets, role_counts)) {
      return fmt::format("{}: {}", text_of(spot), naive::text_of(probe, made_->family));
    }
  }
  return std::nullopt;
}

// Each sender of question 0 alone; the fallen together.
std::vector<std::pair<check::Place, Senders>> Exhaustive::senders_of(const claim::Claim& claim,
                                                                     const check::Places& fallen) {
  std::vector<std::pair<check::Place, Senders>> result;
  const naive::Wiring& wiring = judge_->lab().wiring();
  if (claim.kind == claim::Kind::contained || claim.kind == claim::Kind::no_exfiltration) {
    Senders all;
    for (const auto& [place, part] : fallen) {
      const bool is_unlisted = place.kind == check::Place::Kind::unlisted;
      if (place.kind != check::Place::Kind::outside) {
        all.places.push_back(is_unlisted ? wiring.unlisted_on(model::SegmentId(place.number)) : place.node);
        all.fallen.insert(all.places.back());
      }
    }
    all.places.assign(all.fallen.begin(), all.fallen.end());
    return {{check::Place{}, all}};
  }
  const bool is_detached = claim.kind == claim::Kind::detached;
  for (const naive::Location& location : judge_->resolve(is_detached ? claim.hosts : claim.from)) {
    Senders one;
    one.places = {location.place};
    check::Place place{check::Place::Kind::device, location.place, 0};
    if (wiring.is_unlisted(location.place)) {
      place = {check::Place::Kind::unlisted, 0, wiring.segment_of_unlisted(location.place).index()};
    } else if (!wiring.is_device(location.place)) {
      place.kind = check::Place::Kind::interface;
    }
    if (location.interface.valid()) {
      one.only_from = made_->network.interface(location.interface).segment;
      const auto& all = made_->network.nodes[location.place].interfaces;
      place.number = static_cast<std::size_t>(std::find(all.begin(), all.end(), location.interface) - all.begin());
    }
    result.emplace_back(place, one);
  }
  return result;
}

std::optional<std::string> Exhaustive::lost(const claim::Claim& claim, const std::string& text,
                                            const check::Network& network) {
  const std::vector<check::Line> lines = check::read_lines(text);
  const check::Certificate certificate = check::read_certificate(lines);
  for (const check::Line& line : certificate.below) {
    const check::Family family = made_->family == Family::ipv4 ? check::Family::ipv4 : check::Family::ipv6;
    check::Sets sets(family);
    const check::Surroundings world(network, sets, 0);
    if (line.words[1] != (family == check::Family::ipv4 ? "4" : "6")) {
      continue;
    }
    const check::FamilyProof proof = check::read_proof(line, network, sets);
    if (auto found = outside(proof.anyone[0], from_everybody(world), sets, true)) {
      return "of everybody, at " + *found;
    }
    for (const auto& [place, senders] : senders_of(claim, check::read_fallen(certificate, world))) {
      for (const check::Proof& part : proof.proofs) {
        const bool is_here = part.senders.empty() || place.kind == check::Place::Kind::outside ||
                             std::find(part.senders.begin(), part.senders.end(), place) != part.senders.end();
        if (part.question != 0 || !is_here) {
          continue;
        }
        const Sent& sent = from(senders, world);
        if (auto found = outside(part.own[0], sent.own, sets, true)) {
          return "of the senders, with state of their own, at " + *found;
        }
        if (auto found = outside(part.own[0], sent.all, sets, false)) {
          return "of the senders, at " + *found;
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace segproof::test
