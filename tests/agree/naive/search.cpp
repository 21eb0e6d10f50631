// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/search.h"

#include <algorithm>

namespace segproof::naive {

using model::InterfaceId;
using model::NodeId;
using model::SegmentId;

Search::Search(Lab& lab, Powers powers)
    : lab_(lab), powers_(std::move(powers)), seen_(lab.wiring().network().interfaces.size()) {
  if (powers_.others_state != nullptr) {
    entries_ = *powers_.others_state;
    for (EntryId id = 0; lab_.any_helper() && id < entries_.size(); ++id) {
      (void)(entries_[id] && expect(id));
    }
  }
}

void Search::run() {
  for (const Place sender : powers_.senders) {
    inject_universe(sender, powers_.only_from);
  }
  settle();
}

void Search::run_single(Place sender, ProbeId packet) {
  single_ = true;
  for (const SegmentId segment : lab_.wiring().segments_of(sender)) {
    inject(sender, segment, packet);
  }
  settle();
}

void Search::run_leaving(NodeId node, const std::vector<Out>& outs, ProbeId packet) {
  single_ = true;
  for (const auto& out : outs) {
    emit(node, out, packet);
  }
  settle();
}

void Search::inject_universe(Place sender, std::optional<SegmentId> only) {
  const auto& wiring = lab_.wiring();
  for (ProbeId id = 0; id < lab_.universe_size(); ++id) {
    const Bits source = lab_.probe(id).source;
    const bool honest_device = wiring.is_device(sender) && !powers_.fallen.contains(sender) && !powers_.devices_spoof &&
                               !lab_.setting().readings.devices_spoof;
    if ((honest_device && !wiring.owns(sender, source)) || !lab_.may_send_from(sender, source) ||
        (powers_.own_sources && !wiring.owns(sender, source))) {
      continue;
    }
    for (const SegmentId segment : wiring.segments_of(sender)) {
      const bool gets_out = !powers_.through_output || !wiring.is_node(sender) ||
                            lab_.pass().may_originate(NodeId(sender), lab_.probe(id), segment);
      if (gets_out && (!only || segment == *only)) {
        inject(sender, segment, id);
      }
    }
    if (sender == wiring.unknown() && lab_.setting().readings.unknown_feeds_unwired) {
      for (std::size_t i = 0; i < wiring.network().interfaces.size(); ++i) {
        if (!wiring.network().interfaces[i].segment.valid() && wiring.network().interfaces[i].is_up) {
          arrive(InterfaceId(i), id);
        }
      }
    }
  }
}

// The sender hands the packet to every layer-3 node of the segment. Where the family is off, a node sends none of it.
void Search::inject(Place sender, SegmentId segment, ProbeId packet) {
  const auto& wiring = lab_.wiring();
  if (powers_.cut.contains(segment) || (wiring.is_node(sender) && lab_.is_off(NodeId(sender)))) {
    return;
  }
  const Bits destination = lab_.probe(packet).destination;
  for (const InterfaceId id : wiring.interfaces_on(segment)) {
    const Place node = wiring.place_of(wiring.network().interface(id).node);
    if (node != sender) {
      handed_to_.insert(node);
      arrive(id, packet);
    }
  }
  const Place unlisted = wiring.unlisted_on(segment);
  const bool to_all = wiring.stays_on_segment(destination) || wiring.is_broadcast_of(segment, destination);
  if (unlisted != sender && wiring.exists(unlisted) && (to_all || wiring.unlisted_owns(segment, destination))) {
    deliver(unlisted, {}, segment, packet);
  }
  if (wiring.on_link(segment, destination) || wiring.owner_on(segment, destination).valid() ||
      wiring.unlisted_owns(segment, destination)) {
    landed_.insert(segment);
  }
}

bool Search::came_to(InterfaceId interface, ProbeId packet) const {
  const auto& seen = seen_[interface.index()];
  return packet < seen.size() && seen[packet];
}

std::vector<ProbeId> Search::all_at(InterfaceId interface) const {
  std::vector<ProbeId> all;
  const auto& seen = seen_[interface.index()];
  for (ProbeId id = 0; id < seen.size(); ++id) {
    if (seen[id]) {
      all.push_back(id);
    }
  }
  return all;
}

void Search::arrive(InterfaceId in, ProbeId packet) {
  const NodeId node = lab_.wiring().network().interface(in).node;
  if (powers_.removed.contains(node.index()) || lab_.is_off(node)) {
    return;
  }
  if (single_) {
    if (!seen_single_.insert((std::uint64_t{in.index()} << 32U) | packet).second) {
      return;
    }
  } else {
    auto& seen = seen_[in.index()];
    if (packet >= seen.size()) {
      seen.resize(std::max<std::size_t>(packet + 1U, lab_.universe_size()));
    }
    if (seen[packet]) {
      return;
    }
    seen[packet] = true;
  }
  queue_.push_back({in, packet});
}

void Search::deliver(Place place, InterfaceId at, SegmentId segment, ProbeId packet) {
  deliveries_.insert({place, at, segment, packet});
}

// `unknown` reaches every segment that is not complete.
void Search::to_unknown(ProbeId packet) {
  if (!lab_.setting().world.is_union() || !in_unknown_.insert(packet).second) {
    return;
  }
  const Place unknown = lab_.wiring().unknown();
  deliver(unknown, {}, {}, packet);
  if (lab_.wiring().stays_on_segment(lab_.probe(packet).destination)) {
    return;
  }
  for (const SegmentId segment : lab_.wiring().segments_of(unknown)) {
    inject(unknown, segment, packet);
  }
}

// Several owners are twins: either may be the active one.
void Search::to_owners(NodeId sender, const std::vector<InterfaceId>& owners, ProbeId packet) {
  const auto& wiring = lab_.wiring();
  std::vector<InterfaceId> active = owners;
  if (!lab_.setting().world.is_union()) {
    Choices none;
    active = {owners[lab_.setting().world.settle(none, owners.size(), 77)]};
  }
  for (const InterfaceId owner : active) {
    const NodeId node = wiring.network().interface(owner).node;
    if (node != sender) {
      forwarded_to_.insert(node.index());
      arrive(owner, packet);
    }
  }
}

void Search::emit(NodeId node, const Out& out, ProbeId packet) {
  const auto& wiring = lab_.wiring();
  const SegmentId segment = wiring.network().interface(out.interface).segment;
  const Bits destination = lab_.probe(packet).destination;
  if (wiring.stays_on_segment(destination)) {
    return;
  }
  if (!segment.valid()) {
    to_unknown(packet);
    return;
  }
  if (powers_.cut.contains(segment)) {
    return;
  }
  if (!out.gateway) {
    landed_.insert(segment);
  }
  const Bits target = out.gateway.value_or(destination);
  if (const auto owners = wiring.owners_on(segment, target); !owners.empty()) {
    to_owners(node, owners, packet);
    return;
  }
  const Place unlisted = wiring.unlisted_on(segment);
  if (wiring.is_external(unlisted) || !out.gateway) {
    if (wiring.unlisted_owns(segment, destination)) {
      landed_.insert(segment);
      deliver(unlisted, {}, segment, packet);
    }
  }
  if (!out.gateway && wiring.is_broadcast_of(segment, destination) && lab_.setting().world.is_union()) {
    // "a directed broadcast may reach every host of its segment"
    for (const InterfaceId id : wiring.interfaces_on(segment)) {
      if (wiring.network().interface(id).node != node) {
        arrive(id, packet);
      }
    }
    if (wiring.exists(unlisted)) {
      deliver(unlisted, {}, segment, packet);
    }
  }
  if (out.gateway &&
      (lab_.setting().readings.unlisted_gateway_is_unknown ? !wiring.is_external(unlisted)
                                                           : !wiring.unlisted_owns(segment, target)) &&
      !wiring.owner(target).valid()) {
    to_unknown(packet);
  }
}

void Search::add_entry(EntryId id) {
  if (single_ || has_entry(id)) {
    return;
  }
  if (id >= entries_.size()) {
    entries_.resize(id + 1U);
  }
  entries_[id] = true;
  new_entries_.push_back(id);
}

void Search::settle() {
  while (!queue_.empty() || !new_entries_.empty()) {
    if (!queue_.empty()) {
      const Arrival next = queue_.back();
      queue_.pop_back();
      handle(next);
      continue;
    }
    // A new entry answers for packets that came before it was made.
    const EntryId id = new_entries_.back();
    new_entries_.pop_back();
    const Entry entry = lab_.entry(id);
    const auto again = [&](const Probe& tuple, Answer answer) {
      for (const ProbeId packet : lab_.with_tuple(tuple)) {
        for (const InterfaceId in : lab_.wiring().interfaces_of(entry.node)) {
          if (came_to(in, packet)) {
            handle_with({in, packet}, answer, id);
          }
        }
      }
    };
    if (expect(id)) {
      for (const InterfaceId in : lab_.wiring().interfaces_of(entry.node)) {
        for (const ProbeId packet : all_at(in)) {
          if (is_expected(entry.node, lab_.probe(packet))) {
            queue_.push_back({in, packet});
          }
        }
      }
    }
    if (lab_.setting().readings.same_direction_is_established) {
      again(entry.entered, Answer::same_direction);
    }
    if (const auto reply = inverse(entry.left, lab_.family())) {
      again(*reply, Answer::reply);
    }
  }
}

// A node that has fallen, or whose configuration is missing.
void Search::handle_open_node(const Arrival& arrival, NodeId node) {
  const auto& wiring = lab_.wiring();
  const Place place = wiring.place_of(node);
  const Bits destination = lab_.probe(arrival.packet).destination;
  if (lab_.pass().is_for(node, destination)) {
    deliver(place, arrival.in, wiring.network().interface(arrival.in).segment, arrival.packet);
    return;
  }
  const bool is_fallen = powers_.fallen.contains(place);
  if (!is_fallen && (!lab_.setting().world.is_union() || !lab_.pass().forwards(node))) {
    return;
  }
  for (const SegmentId segment : wiring.segments_of(place)) {
    inject(place, segment, arrival.packet);
  }
  if (!is_fallen && lab_.rewrites(node) && !single_ && flooded_.insert(place).second) {
    for (ProbeId id = 0; id < lab_.universe_size(); ++id) {
      if (!wiring.stays_on_segment(lab_.probe(id).destination)) {
        for (const SegmentId segment : wiring.segments_of(place)) {
          inject(place, segment, id);
        }
      }
    }
  }
}

void Search::handle(const Arrival& arrival) {
  const auto& wiring = lab_.wiring();
  const NodeId node = wiring.network().interface(arrival.in).node;
  if (powers_.fallen.contains(wiring.place_of(node)) || lab_.is_missing(node)) {
    handle_open_node(arrival, node);
    return;
  }
  handle_with(arrival, Answer::none, std::nullopt);
  if (!lab_.pass().tracks(node)) {
    return;
  }
  const Probe packet = lab_.probe(arrival.packet);
  const std::vector<Lab::Match> matches = lab_.matches(node, tuple_of(packet));
  for (const auto& match : matches) {
    const bool counts = match.answer == Answer::reply || lab_.setting().readings.same_direction_is_established;
    if (counts && has_entry(match.entry)) {
      handle_with(arrival, match.answer, match.entry);
    }
  }
  const bool is_error = is_icmp_error(packet, lab_.family());
  if (!is_error && lab_.any_helper() && lab_.setting().world.is_union() && is_expected(node, packet)) {
    handle_with(arrival, Answer::expected, std::nullopt);
  }
  if (is_error && powers_.related != nullptr) {
    const std::vector<Lab::Match> about = lab_.error_matches(node, packet.destination);
    for (const auto& match : about) {
      if (match.entry < powers_.related->size() && (*powers_.related)[match.entry]) {
        handle_with(arrival, match.answer, match.entry);
      }
    }
  }
  if ((is_error ? powers_.related != nullptr : powers_.own_flows) && lab_.may_be_own_flow(node, packet)) {
    handle_with(arrival, Answer::own_flow, std::nullopt);
  }
}

// "Helpers add every port between the two parties to New, as may"
bool Search::is_expected(NodeId node, const Probe& packet) const {
  return expected_.contains(
      {node.index(), std::min(packet.source, packet.destination), std::max(packet.source, packet.destination)});
}

// True when the pair of parties is new.
bool Search::expect(EntryId id) {
  const Entry& entry = lab_.entry(id);
  const bool translated =
      entry.entered.destination != entry.left.destination || entry.entered.source != entry.left.source;
  return entry.helped && !translated &&
         expected_
             .insert({entry.node.index(), std::min(entry.entered.source, entry.entered.destination),
                      std::max(entry.entered.source, entry.entered.destination)})
             .second;
}

void Search::handle_with(const Arrival& arrival, Answer answer, std::optional<EntryId> entry) {
  const NodeId node = lab_.wiring().network().interface(arrival.in).node;
  for (const auto& fate : lab_.fates(arrival.in, arrival.packet, answer, entry)) {
    if (fate.delivered) {
      deliver(lab_.wiring().place_of(node), arrival.in, lab_.wiring().network().interface(arrival.in).segment,
              fate.packet);
    } else {
      emit(node, fate.out, fate.packet);
    }
    if (fate.creates) {
      add_entry(*fate.creates);
    }
  }
}

}  // namespace segproof::naive
