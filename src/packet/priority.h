// SPDX-License-Identifier: Apache-2.0
// Compiles first-match lists: which of many rules decides a packet. The diagrams are those of a Space with rule numbers
// ("priorities", small wins) as leaves; rules are merged by pointwise minimum, which may be done in any order, so it is
// done in the order of the fields, balanced, and parts that lose everywhere are cut off without being looked at. This
// is many times faster than unions and differences in rule order (docs/decisions/0001).
//
// Use: give every rule (or every run of rules with the same effect) its number, add its boxes, then ask. A map belongs
// to one thread and one list; throw it away once the sets are in their Space.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "packet/box.h"
#include "packet/node_map.h"
#include "packet/node_store.h"
#include "packet/operation_cache.h"
#include "packet/space.h"

namespace segproof {

class PriorityMap {
 public:
  using Priority = std::uint32_t;
  static constexpr Priority unmatched = 0xffffffffU;

  // What is added to the list counts for every question, what is added to another layer only for those that name it.
  using Layer = std::size_t;
  static constexpr Layer list = 0;

  // For priorities 0..count-1. Only packets to `destinations` are looked at, if they are given: the sets that come out
  // lie within them. Throws SpaceExhausted, here and later, when the budget does not do.
  PriorityMap(Family family, Priority count, Space::Budget budget = {}, std::optional<Interval> destinations = {});

  // The packets of the box have at most this priority. A rule that is a union of boxes is added box by box.
  // Precondition: priority < count.
  void add(const Box& box, Priority priority, Layer layer = list);
  // The same for any set of a Space of this family.
  void add(PacketSet set, Priority priority, Layer layer = list);

  // What follows answers for all that was added so far; the first question after an add merges.

  // The smallest priority of the packet, or unmatched.
  [[nodiscard]] Priority at(const Packet& packet);
  // The priorities that decide some packet, ascending, without unmatched: the others are shadowed.
  [[nodiscard]] std::vector<Priority> occurring();
  // The same among the packets of a set: who decides what rule r would match, that is, who shadows it.
  [[nodiscard]] std::vector<Priority> occurring_in(PacketSet set);
  [[nodiscard]] bool is_total();  // no packet is unmatched
  // The packets whose smallest priority is chosen, as a set of `space`. `chosen` is asked once per priority and once
  // for unmatched.
  [[nodiscard]] PacketSet collapse(Space& space, const std::function<bool(Priority)>& chosen, Layer layer = list);

  [[nodiscard]] Space::Size size() const { return {store_.node_count(), store_.edge_total()}; }  // built so far

 private:
  struct Entry {
    BoxKey key;
    NodeId root;
  };
  [[nodiscard]] NodeId nothing() const { return store_.terminals() - 1; }  // the leaf of unmatched packets
  [[nodiscard]] Priority priority_of(NodeId terminal) const { return terminal == nothing() ? unmatched : terminal; }
  void draw(const Box& box, Priority priority, Layer layer);
  [[nodiscard]] NodeId copy(const NodeStore& from, NodeId node, NodeId inside, NodeMap& done);
  struct Merging {
    std::vector<Entry> entries;  // not yet merged into root
    NodeId root;
    NodeId with_list;  // valid when `of` is the list's root
    NodeId of;
  };
  [[nodiscard]] Merging& at_layer(Layer layer);
  NodeId merged(Layer layer = list);

  NodeStore store_;
  OperationCache cache_;
  std::optional<IntervalSet> destinations_;
  std::vector<Merging> layers_;
};

}  // namespace segproof
