// SPDX-License-Identifier: Apache-2.0
// Where the packets of some senders get to. Senders send every packet of the universe, in any order and as often as
// they like, to every layer-3 node of their segments; devices answer from their tables; until nothing new happens.
#pragma once

#include <set>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "agree/naive/lab.h"

namespace segproof::naive {

// Which entries exist, by number.
using Entries = std::vector<bool>;

struct Delivery {
  Place place;
  model::InterfaceId at;     // where it came in; invalid for an unlisted host and `unknown`
  model::SegmentId segment;  // invalid: came in at an interface that is wired to nothing
  ProbeId packet;            // as delivered
  friend auto operator<=>(const Delivery&, const Delivery&) = default;
};

struct Powers {
  std::vector<Place> senders;
  std::set<Place> fallen;                     // nodes that pass everything and drop nothing
  std::set<Place> removed;                    // nodes that pass nothing (for `via`)
  std::set<model::SegmentId> cut;             // segments on which nothing travels (for `via`)
  std::optional<model::SegmentId> only_from;  // sent there, not on the other segments of the senders
  const Entries* others_state = nullptr;      // beside what the senders make themselves
  const Entries* related = nullptr;           // ICMP errors pass as RELATED to these flows
  bool own_flows = false;                     // replies to packets of the receiving node itself
  bool through_output = false;                // what the senders send passes their own OUTPUT rules
  bool own_sources = false;                   // senders use their own addresses only
  bool devices_spoof = false;                 // devices among them use any address, fallen or not
};

class Search {
 public:
  Search(Lab& lab, Powers powers);

  void run();
  // One packet only, sent by the place in the same way; tables do not grow.
  void run_single(Place sender, ProbeId packet);
  // One packet only, on its way out of the node.
  void run_leaving(model::NodeId node, const std::vector<Out>& outs, ProbeId packet);

  [[nodiscard]] const std::set<Delivery>& deliveries() const { return deliveries_; }
  // The packet came to the interface, whatever became of it.
  [[nodiscard]] bool came_to(model::InterfaceId interface, ProbeId packet) const;
  [[nodiscard]] std::vector<ProbeId> all_at(model::InterfaceId interface) const;
  // Entries that exist at the end: made by the senders themselves, and others' when given.
  [[nodiscard]] const Entries& entries() const { return entries_; }
  // Segments on which a packet was put whose destination is on the link.
  [[nodiscard]] const std::set<model::SegmentId>& landed() const { return landed_; }
  // A packet was handed to the node by a device that forwarded it, or by a sender of its segment.
  [[nodiscard]] bool was_handed_to(Place node, bool by_forwarder) const {
    return (by_forwarder ? forwarded_to_ : handed_to_).contains(node);
  }

 private:
  struct Arrival {
    model::InterfaceId in;
    ProbeId packet;
  };
  void inject(Place sender, model::SegmentId segment, ProbeId packet);
  void inject_universe(Place sender, std::optional<model::SegmentId> only);
  void arrive(model::InterfaceId in, ProbeId packet);
  void deliver(Place place, model::InterfaceId at, model::SegmentId segment, ProbeId packet);
  void to_unknown(ProbeId packet);
  void emit(model::NodeId node, const Out& out, ProbeId packet);
  void to_owners(model::NodeId sender, const std::vector<model::InterfaceId>& owners, ProbeId packet);
  [[nodiscard]] bool is_expected(model::NodeId node, const Probe& packet) const;
  bool expect(EntryId id);
  void settle();
  void handle(const Arrival& arrival);
  void handle_with(const Arrival& arrival, Answer answer, std::optional<EntryId> entry);
  void handle_open_node(const Arrival& arrival, model::NodeId node);
  void add_entry(EntryId id);
  [[nodiscard]] bool has_entry(EntryId id) const { return id < entries_.size() && entries_[id]; }

  Lab& lab_;
  Powers powers_;
  bool single_ = false;
  std::vector<std::vector<bool>> seen_;
  std::unordered_set<std::uint64_t> seen_single_;
  std::vector<Arrival> queue_;
  Entries entries_;
  std::vector<EntryId> new_entries_;
  std::set<Delivery> deliveries_;
  std::set<model::SegmentId> landed_;
  std::set<Place> handed_to_;
  std::set<Place> forwarded_to_;
  std::set<Place> flooded_;
  std::set<ProbeId> in_unknown_;
  std::set<std::tuple<std::size_t, Bits, Bits>> expected_;  // node and the two parties
};

}  // namespace segproof::naive
