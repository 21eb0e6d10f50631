// SPDX-License-Identifier: Apache-2.0
#include "agree/naive/lab.h"

#include <algorithm>

namespace segproof::naive {

using model::InterfaceId;
using model::Known;
using model::NodeId;

Lab::Lab(const model::Network& network, Family family, const std::vector<Probe>& universe, const Setting& setting)
    : wiring_(network, family),
      setting_(setting),
      pass_(wiring_, setting.world, setting.readings),
      by_node_(network.nodes.size()),
      errors_(network.nodes.size()) {
  for (const auto& probe : universe) {
    (void)intern(probe);
  }
  universe_size_ = probes_.size();
  for (const auto& node : network.nodes) {
    for (const auto& chain : node.rules.chains) {
      for (const auto& rule : chain.rules) {
        any_helper_ = any_helper_ || std::holds_alternative<model::AttachHelper>(rule.action);
      }
    }
  }
}

ProbeId Lab::intern(const Probe& probe) {
  const auto [at, is_new] = ids_.try_emplace(probe, static_cast<ProbeId>(probes_.size()));
  if (is_new) {
    probes_.push_back(probe);
    by_tuple_[tuple_of(probe)].push_back(at->second);
  }
  return at->second;
}

std::vector<ProbeId> Lab::with_tuple(const Probe& tuple) const {
  const auto at = by_tuple_.find(tuple);
  return at == by_tuple_.end() ? std::vector<ProbeId>{} : at->second;
}

const std::vector<Lab::Match>& Lab::matches(NodeId node, const Probe& tuple) const {
  const auto& table = by_node_[node.index()];
  const auto at = table.find(tuple);
  return at == table.end() ? none_ : at->second;
}

const std::vector<Lab::Match>& Lab::error_matches(NodeId node, Bits destination) const {
  const auto& table = errors_[node.index()];
  const auto at = table.find(destination);
  return at == table.end() ? none_ : at->second;
}

EntryId Lab::intern_entry(const Entry& entry) {
  const auto reply = inverse(entry.left, family());
  auto& table = by_node_[entry.node.index()];
  for (const auto& match : table[entry.entered]) {
    if (match.answer == Answer::same_direction && entries_[match.entry] == entry) {
      return match.entry;
    }
  }
  const auto id = static_cast<EntryId>(entries_.size());
  entries_.push_back(entry);
  table[entry.entered].push_back({id, Answer::same_direction});
  if (reply) {
    table[*reply].push_back({id, Answer::reply});
  }
  // Errors only see the addresses: one entry for each four of them is enough.
  const auto add_error = [&](Bits destination, Answer answer) {
    auto& list = errors_[entry.node.index()][destination];
    const bool known = std::any_of(list.begin(), list.end(), [&](const Match& m) {
      const auto& other = entries_[m.entry];
      return m.answer == answer && other.entered.source == entry.entered.source &&
             other.entered.destination == entry.entered.destination && other.left.source == entry.left.source &&
             other.left.destination == entry.left.destination && other.connection_mark == entry.connection_mark;
    });
    if (!known) {
      list.push_back({id, answer});
    }
  };
  add_error(entry.left.source, Answer::error_back);
  add_error(entry.entered.destination, Answer::error_forth);
  return id;
}

std::vector<bool> Lab::adopt(const Lab& other, const std::vector<bool>& entries) {
  std::vector<bool> adopted;
  for (EntryId id = 0; id < entries.size(); ++id) {
    if (entries[id]) {
      const EntryId here = intern_entry(other.entry(id));
      if (here >= adopted.size()) {
        adopted.resize(here + 1U);
      }
      adopted[here] = true;
    }
  }
  return adopted;
}

std::vector<Fate> Lab::fates(InterfaceId in, ProbeId packet, Answer answer, std::optional<EntryId> entry) {
  const std::uint64_t key = (std::uint64_t{in.index()} << 32U) | packet;
  const std::array<std::uint32_t, 4> long_key{static_cast<std::uint32_t>(in.index()), packet,
                                              static_cast<std::uint32_t>(answer), entry.value_or(0)};
  if (answer == Answer::none) {
    if (const auto at = fresh_.find(key); at != fresh_.end()) {
      return at->second;
    }
  } else if (const auto at = answered_.find(long_key); at != answered_.end()) {
    return at->second;
  }
  std::optional<Entry> copy;
  if (entry) {
    copy = entries_[*entry];
  }
  std::vector<Fate> all;
  for (const auto& passed : pass_.arrive(in, probes_[packet], answer, copy ? &*copy : nullptr)) {
    Fate fate{passed.delivered, intern(passed.packet), passed.out, std::nullopt};
    if (passed.creates) {
      fate.creates = intern_entry(*passed.creates);
    }
    all.push_back(fate);
  }
  if (answer == Answer::none) {
    fresh_[key] = all;
  } else {
    answered_[long_key] = all;
  }
  return all;
}

bool Lab::may_be_own_flow(NodeId node, const Probe& reply) const {
  if (!wiring_.is_own(node, reply.destination) || !pass_.tracks(node)) {
    return false;
  }
  if (is_icmp_error(reply, family())) {
    return true;
  }
  auto sent = inverse(tuple_of(reply), family());
  if (!sent || first_state(*sent, family()) == TrackState::untracked) {
    return false;
  }
  if (sent->protocol == protocol_number::tcp) {
    sent->flags = tcp_flag::syn;
  }
  if (first_state(*sent, family()) != TrackState::fresh) {
    return false;
  }
  return !setting_.trust_source_host || pass_.may_originate(node, *sent);
}

bool Lab::may_send_from(Place place, Bits source) const {
  switch (setting_.spoofing) {
    case claim::Spoofing::any:
    case claim::Spoofing::segment:  // only if proved; this engine proves nothing, so it is read as `any`
      return true;
    case claim::Spoofing::own:
      break;
  }
  return wiring_.is_external(place) || place == wiring_.unknown() || wiring_.owns(place, source);
}

bool Lab::is_missing(NodeId node) const {
  return wiring_.network().node(node).filter[model::index_of(family())] == Known::missing;
}

bool Lab::rewrites(NodeId node) const {
  const auto& filter = wiring_.network().node(node).filter;
  return filter[0] == Known::missing && filter[1] == Known::missing;
}

bool Lab::is_off(NodeId node) const {
  return wiring_.network().node(node).filter[model::index_of(family())] == Known::off;
}

}  // namespace segproof::naive
