// SPDX-License-Identifier: Apache-2.0
// Many rules in a row that end in a decision, compiled at once by the minimum of their numbers (packet/priority.h)
// instead of one after the other. Each rule has parts, the packets that it may send to an end, and takes packets out of
// the run, those that surely do not get past it; what it takes lies within its parts. A packet may reach an end exactly
// when some rule has it in its part of that end and no earlier rule takes it: that is a question of smallest numbers,
// whether the rules decide or leave open.
#pragma once

#include <optional>
#include <vector>

#include "packet/priority.h"
#include "reach/condition_sets.h"
#include "reach/stage_program.h"

namespace segproof::reach {

class DecisionRun {
 public:
  // `effect`: what earlier rules did to the packets at hand. It and the conditions must outlive the run.
  DecisionRun(const ConditionSets& conditions, Space& space, const Effect& effect)
      : conditions_(&conditions), space_(&space), effect_(&effect) {}

  // The next rule decides `end` for what it matches.
  void decide(const model::Condition& condition, End end);
  // The next rule asks a chain: the packets of `match` may end as `parts` say, or go on with the rule after it
  // (`back`).
  struct Part {
    End end;
    PacketSet packets;
  };
  void call(const MayMust& match, const std::vector<Part>& parts, PacketSet back);

  struct Result {
    std::vector<Part> parts;  // one for each end that some rule names
    PacketSet passed;         // what may be left after the last rule
  };
  // Of all packets.
  [[nodiscard]] Result merged() const;

 private:
  struct Entry {
    std::optional<End> end;                 // a part; nothing: only what its rule takes
    bool takes = false;                     // its rule takes these packets
    const model::Condition* box = nullptr;  // as a box, else
    std::optional<PacketSet> packets = {};  // as a set
  };
  using Number = PriorityMap::Priority;
  void note(End end);
  void add(const Entry& entry, Number number, PriorityMap& into) const;
  [[nodiscard]] PriorityMap::Layer layer_of(const Entry& entry) const;
  [[nodiscard]] Interval destinations_of(const Entry& entry) const;
  // Sets of every slice, by end; beyond those, what passed.
  using Slices = std::vector<std::vector<PacketSet>>;
  void merge_slice(std::optional<Interval> destinations, Slices& into) const;

  const ConditionSets* conditions_;
  Space* space_;
  const Effect* effect_;
  std::vector<Entry> entries_;  // in the order of the rules; the parts of a rule before what it takes
  std::vector<End> ends_;       // that occur, in the order of the rules
};

}  // namespace segproof::reach
