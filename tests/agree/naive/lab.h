// SPDX-License-Identifier: Apache-2.0
// What all searches over one network and family share: the packets met so far, the entries that devices can make, and
// what each node does with each packet, asked once.
#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "agree/naive/node_pass.h"
#include "model/claim.h"

namespace segproof::naive {

using ProbeId = std::uint32_t;
using EntryId = std::uint32_t;

// What becomes of a packet in a node, with packets and entries by number.
struct Fate {
  bool delivered = false;
  ProbeId packet = 0;
  Out out;
  std::optional<EntryId> creates;
};

struct Setting {
  World world;
  Readings readings;
  claim::Spoofing spoofing = claim::Spoofing::any;
  bool trust_source_host = false;
};

class Lab {
 public:
  // `universe`: the packets that may be sent. The network must outlive the lab.
  Lab(const model::Network& network, Family family, const std::vector<Probe>& universe, const Setting& setting);
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  [[nodiscard]] const Wiring& wiring() const { return wiring_; }
  [[nodiscard]] const NodePass& pass() const { return pass_; }
  [[nodiscard]] const Setting& setting() const { return setting_; }
  [[nodiscard]] Family family() const { return wiring_.family(); }
  [[nodiscard]] std::size_t universe_size() const { return universe_size_; }  // packets 0 .. size-1 may be sent

  [[nodiscard]] const Probe& probe(ProbeId id) const { return probes_[id]; }
  [[nodiscard]] ProbeId intern(const Probe& probe);
  [[nodiscard]] std::vector<ProbeId> with_tuple(const Probe& tuple) const;

  [[nodiscard]] const Entry& entry(EntryId id) const { return entries_[id]; }
  [[nodiscard]] std::size_t entry_count() const { return entries_.size(); }
  // The entries of another lab over the same nodes, as entries of this one.
  [[nodiscard]] std::vector<bool> adopt(const Lab& other, const std::vector<bool>& entries);
  struct Match {
    EntryId entry;
    Answer answer;
  };
  // Entries of the node that answer for this packet.
  [[nodiscard]] const std::vector<Match>& matches(model::NodeId node, const Probe& tuple) const;
  [[nodiscard]] const std::vector<Match>& error_matches(model::NodeId node, Bits destination) const;

  // Copies: the tables may grow while they are walked.
  [[nodiscard]] std::vector<Fate> fates(model::InterfaceId in, ProbeId packet, Answer answer,
                                        std::optional<EntryId> entry);
  // May the node have sent the packet to which this one is the reply?
  [[nodiscard]] bool may_be_own_flow(model::NodeId node, const Probe& reply) const;
  // May the place send a packet with this source at the segment, at the level of the setting?
  [[nodiscard]] bool may_send_from(Place place, Bits source) const;
  [[nodiscard]] bool is_missing(model::NodeId node) const;       // no filter given: passes anything
  [[nodiscard]] bool rewrites(model::NodeId node) const;         // no configuration at all: to anything
  [[nodiscard]] bool is_off(model::NodeId node) const;           // the family is switched off
  [[nodiscard]] bool any_helper() const { return any_helper_; }  // some rule attaches a protocol helper

 private:
  EntryId intern_entry(const Entry& entry);

  Wiring wiring_;
  Setting setting_;
  NodePass pass_;
  std::size_t universe_size_ = 0;
  bool any_helper_ = false;
  std::vector<Probe> probes_;
  std::unordered_map<Probe, ProbeId, ProbeHash> ids_;
  std::unordered_map<Probe, std::vector<ProbeId>, ProbeHash> by_tuple_;
  std::vector<Entry> entries_;
  std::vector<Match> none_;
  std::vector<std::unordered_map<Probe, std::vector<Match>, ProbeHash>> by_node_;
  std::vector<std::map<Bits, std::vector<Match>>> errors_;
  std::unordered_map<std::uint64_t, std::vector<Fate>> fresh_;
  std::map<std::array<std::uint32_t, 4>, std::vector<Fate>> answered_;
};

}  // namespace segproof::naive
