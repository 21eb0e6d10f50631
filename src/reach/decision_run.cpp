// SPDX-License-Identifier: Apache-2.0
#include "reach/decision_run.h"

#include <algorithm>

namespace segproof::reach {

void DecisionRun::note(End end) {
  if (std::find(ends_.begin(), ends_.end(), end) == ends_.end()) {
    ends_.push_back(end);
  }
}

void DecisionRun::decide(const model::Condition& condition, End end) {
  note(end);
  if (conditions_->is_box(condition, *effect_)) {
    entries_.push_back({end, true, &condition});
    return;
  }
  const MayMust match = conditions_->of(condition, *effect_);
  if (match.may == match.must) {
    entries_.push_back({end, true, nullptr, match.may});
    return;
  }
  is_exact_ = false;
  entries_.push_back({end, false, nullptr, match.may});
  entries_.push_back({std::nullopt, true, nullptr, match.must});
}

void DecisionRun::call(const MayMust& match, const std::vector<Part>& parts, PacketSet back) {
  const PacketSet taken = match.must - back;
  PacketSet together = space_->none();
  bool disjoint = true;
  const std::size_t first = entries_.size();
  for (const Part& part : parts) {
    const PacketSet may = match.may & part.packets;
    if (may.is_empty()) {
      continue;
    }
    note(part.end);
    disjoint = disjoint && !together.intersects(may);
    together |= may;
    entries_.push_back({part.end, true, nullptr, may});
  }
  if (disjoint && together == taken) {
    return;
  }
  is_exact_ = false;
  for (std::size_t i = first; i < entries_.size(); ++i) {
    entries_[i].takes = false;
  }
  entries_.push_back({std::nullopt, true, nullptr, taken});
}

void DecisionRun::add(const Entry& entry, Number number, PriorityMap& into) const {
  if (entry.box != nullptr) {
    conditions_->with_box(*entry.box, *effect_, [&](const Box& box) { into.add(box, number); });
  } else {
    into.add(*entry.packets, number);
  }
}

DecisionRun::Result DecisionRun::merged() const {
  if (is_exact_) {
    return merged_exactly();
  }
  Result result{{}, not_taken()};
  for (const End end : ends_) {
    result.parts.push_back({end, may_end(end)});
  }
  return result;
}

// Every packet has one end: that of the first rule that has it. Neighbours of one end share their number.
DecisionRun::Result DecisionRun::merged_exactly() const {
  std::vector<End> end_of;  // by number
  std::vector<Number> numbers;
  for (const Entry& entry : entries_) {
    if (end_of.empty() || end_of.back() != *entry.end) {
      end_of.push_back(*entry.end);
    }
    numbers.push_back(static_cast<Number>(end_of.size() - 1));
  }
  PriorityMap map(space_->family(), static_cast<Number>(end_of.size()));
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    add(entries_[i], numbers[i], map);
  }
  Result result{{}, map.collapse(*space_, [](Number number) { return number == PriorityMap::unmatched; })};
  for (const End end : ends_) {
    result.parts.push_back({end, map.collapse(*space_, [&](Number number) {
                              return number != PriorityMap::unmatched && end_of[number] == end;
                            })});
  }
  return result;
}

// Even numbers: parts of `end`; odd ones: packets that are taken to wherever. Neighbours of one kind share a number.
PacketSet DecisionRun::may_end(End end) const {
  std::vector<std::pair<const Entry*, Number>> numbered;
  Number number = 0;
  for (const Entry& entry : entries_) {
    const bool wanted = entry.end == end;
    if (!wanted && !entry.takes) {
      continue;
    }
    number += (number % 2 == 0) == wanted ? 0U : 1U;
    numbered.emplace_back(&entry, number);
  }
  PriorityMap map(space_->family(), number + 1);
  for (const auto& [entry, its_number] : numbered) {
    add(*entry, its_number, map);
  }
  return map.collapse(*space_, [](Number decider) { return decider != PriorityMap::unmatched && decider % 2 == 0; });
}

PacketSet DecisionRun::not_taken() const {
  PriorityMap map(space_->family(), 1);
  for (const Entry& entry : entries_) {
    if (entry.takes) {
      add(entry, 0, map);
    }
  }
  return map.collapse(*space_, [](Number number) { return number == PriorityMap::unmatched; });
}

}  // namespace segproof::reach
