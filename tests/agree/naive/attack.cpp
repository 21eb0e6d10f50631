// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/attack.h"

#include <algorithm>

namespace segproof::naive {

using model::NodeId;
using model::SegmentId;

namespace {

Powers powers_of(const Senders& senders) {
  Powers powers;
  powers.senders = senders.places;
  powers.only_from = senders.only_from;
  powers.fallen = senders.fallen;
  powers.own_sources = senders.own_sources;
  powers.devices_spoof = senders.devices_spoof;
  powers.through_output = senders.through_output;
  return powers;
}

}  // namespace

const Entries& Attack::everyones_entries() {
  if (!everyones_) {
    Senders everybody;
    const auto& wiring = lab_.wiring();
    for (Place place = 0; place < wiring.place_count(); ++place) {
      const bool may = !wiring.is_device(place) || lab_.setting().readings.devices_send;
      if (place != wiring.unknown() && wiring.exists(place) && may) {
        everybody.places.push_back(place);
      }
    }
    Powers powers = powers_of(everybody);
    Entries old;
    if (before_ != nullptr) {
      old = lab_.adopt(before_->lab(), before_->everyones_entries());
      powers.others_state = &old;
    }
    Search search(lab_, powers);
    search.run();
    everyones_ = search.entries();
  }
  return *everyones_;
}

std::set<Delivery> Attack::all_packets(const Senders& senders, const std::set<Place>& removed,
                                       const std::set<SegmentId>& cut) {
  Powers powers = powers_of(senders);
  powers.removed = removed;
  powers.cut = cut;
  powers.others_state = &everyones_entries();
  powers.related = powers.others_state;
  powers.own_flows = true;
  Search search(lab_, powers);
  search.run();
  return search.deliveries();
}

std::set<Delivery> Attack::not_replies(const Senders& senders) {
  Powers powers = powers_of(senders);
  powers.related = &everyones_entries();
  const Entries own = self_made(senders).entries();
  powers.others_state = &own;
  Search search(lab_, powers);
  search.run();
  std::set<Delivery> found;
  for (const auto& delivery : search.deliveries()) {
    if (!is_sender(senders, delivery.place)) {
      found.insert(delivery);
    }
  }
  return found;
}

bool Attack::gets_past(model::InterfaceId interface, ProbeId packet) {
  const NodeId node = lab_.wiring().network().interface(interface).node;
  if (lab_.is_off(node)) {
    return false;
  }
  if (lab_.is_missing(node)) {
    return lab_.setting().world.is_union();
  }
  const Entries& entries = everyones_entries();
  if (!lab_.fates(interface, packet, Answer::none, std::nullopt).empty()) {
    return true;
  }
  if (!lab_.pass().tracks(node)) {
    return false;
  }
  const Probe probe = lab_.probe(packet);
  std::vector<Lab::Match> matches = lab_.matches(node, tuple_of(probe));
  if (is_icmp_error(probe, lab_.family())) {
    matches = lab_.error_matches(node, probe.destination);
  }
  const bool by_entry = std::any_of(matches.begin(), matches.end(), [&](const Lab::Match& m) {
    const bool counts = m.answer != Answer::same_direction || lab_.setting().readings.same_direction_is_established;
    return counts && m.entry < entries.size() && entries[m.entry] &&
           !lab_.fates(interface, packet, m.answer, m.entry).empty();
  });
  return by_entry ||
         (lab_.may_be_own_flow(node, probe) && !lab_.fates(interface, packet, Answer::own_flow, std::nullopt).empty());
}

Search& Attack::self_made(const Senders& senders) {
  const auto at = self_made_.find(senders);
  if (at != self_made_.end()) {
    return at->second;
  }
  // "Est of an epoch includes Est of the one before": what the senders made then is theirs as well.
  Powers powers = powers_of(senders);
  Entries old;
  if (before_ != nullptr) {
    old = lab_.adopt(before_->lab(), before_->self_made(senders).entries());
    powers.others_state = &old;
  }
  Search search(lab_, powers);
  search.run();
  return self_made_.emplace(senders, std::move(search)).first->second;
}

bool Attack::is_sender(const Senders& senders, Place place) {
  return std::find(senders.places.begin(), senders.places.end(), place) != senders.places.end();
}

bool Attack::is_new(const Search& search, const Senders& senders, const Delivery& delivery) {
  const Probe probe = lab_.probe(delivery.packet);
  if (probe.protocol != protocol_number::tcp) {
    return true;
  }
  if (!is_bare_syn(probe)) {
    return false;
  }
  const auto key = std::make_pair(&search, delivery);
  if (const auto at = judged_.find(key); at != judged_.end()) {
    return at->second;
  }
  return judged_[key] = handshake(search, senders, delivery.place, probe);
}

// "the SYN+ACK to it would be delivered back on the sender's segment"
bool Attack::comes_back(const Search& search, const Senders& senders) const {
  const auto& wiring = lab_.wiring();
  for (const Place sender : senders.places) {
    for (const SegmentId segment : wiring.segments_of(sender)) {
      if ((!senders.only_from || *senders.only_from == segment) && search.landed().contains(segment)) {
        return true;
      }
    }
    if (wiring.is_node(sender) &&
        (search.was_handed_to(sender, true) || (wiring.is_device(sender) && search.was_handed_to(sender, false)))) {
      return true;
    }
  }
  return false;
}

bool Attack::handshake(const Search& search, const Senders& senders, Place target, const Probe& syn) {
  const auto& wiring = lab_.wiring();
  // A broadcast or multicast SYN is answered by nobody; a link-local unicast address may be the target's.
  const bool is_link_local = wiring.stays_on_segment(syn.destination) && !wiring.is_multicast(syn.destination) &&
                             lab_.family() == Family::ipv6;
  if (!wiring.owns(target, syn.destination) && !is_link_local) {
    return false;
  }
  std::vector<Probe> answers{answer_to(syn)};
  if (wiring.is_node(target) && !senders.fallen.contains(target)) {
    const std::vector<Lab::Match> matches = lab_.matches(NodeId(target), tuple_of(answers.front()));
    for (const auto& match : matches) {
      if (match.answer == Answer::reply && match.entry < search.entries().size() && search.entries()[match.entry]) {
        if (auto rewritten = inverse(lab_.entry(match.entry).entered, lab_.family())) {
          rewritten->flags = answers.front().flags;
          answers.push_back(*rewritten);
        }
      }
    }
  }
  Powers powers;
  powers.fallen = senders.fallen;
  powers.others_state = &search.entries();
  for (const auto& answer : answers) {
    const ProbeId packet = lab_.intern(answer);
    Search back(lab_, powers);
    const bool routed = wiring.is_device(target) && !senders.fallen.contains(target) &&
                        !lab_.is_missing(NodeId(target)) &&
                        wiring.network().nodes[target].routes[model::index_of(lab_.family())] == model::Known::given;
    if (routed) {
      back.run_leaving(NodeId(target), lab_.pass().originate(NodeId(target), answer), packet);
    } else {
      back.run_single(target, packet);
    }
    if (comes_back(back, senders)) {
      return true;
    }
  }
  return false;
}

}  // namespace segproof::naive
