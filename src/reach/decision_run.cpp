// SPDX-License-Identifier: Apache-2.0
#include "reach/decision_run.h"

#include <algorithm>

#include "packet/destination_slices.h"

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
  for (std::size_t i = first; i < entries_.size(); ++i) {
    entries_[i].takes = false;
  }
  entries_.push_back({std::nullopt, true, nullptr, taken});
}

void DecisionRun::add(const Entry& entry, Number number, PriorityMap& into) const {
  const PriorityMap::Layer layer = layer_of(entry);
  if (entry.box != nullptr) {
    conditions_->with_box(*entry.box, *effect_, [&](const Box& box) { into.add(box, number, layer); });
  } else {
    into.add(*entry.packets, number, layer);
  }
}

// What takes packets stands in the list, whatever its end. What may send packets somewhere and takes none concerns only
// its own end: it is asked together with the list, in a layer of that end.
PriorityMap::Layer DecisionRun::layer_of(const Entry& entry) const {
  if (entry.takes) {
    return PriorityMap::list;
  }
  return 1 + static_cast<PriorityMap::Layer>(std::find(ends_.begin(), ends_.end(), *entry.end) - ends_.begin());
}

Interval DecisionRun::destinations_of(const Entry& entry) const {
  Interval result{0, field_max(Field::destination, space_->family())};
  if (entry.box != nullptr) {
    for (const model::Test& test : entry.box->tests) {
      const auto* field = std::get_if<model::FieldTest>(&test);
      if (field != nullptr && field->field == Field::destination && !field->values.is_empty()) {
        result = {field->values.min(), std::min(result.high, field->values.intervals().back().high)};
      }
    }
  }
  return result;
}

DecisionRun::Result DecisionRun::merged() const {
  std::vector<Interval> destinations;
  for (const Entry& entry : entries_) {
    destinations.push_back(destinations_of(entry));
  }
  const std::vector<Interval> slices = destination_slices(space_->family(), destinations);
  Slices sets(ends_.size() + 1);
  for (const Interval& slice : slices) {
    merge_slice(slices.size() > 1 ? std::optional<Interval>(slice) : std::nullopt, sets);
  }
  Result result{{}, space_->any_of(sets.back())};
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    result.parts.push_back({ends_[i], space_->any_of(sets[i])});
  }
  return result;
}

// A packet may reach an end exactly when the smallest number among all that takes it and all that may send it there is
// of that end. Neighbours of one kind share their number.
void DecisionRun::merge_slice(std::optional<Interval> destinations, Slices& into) const {
  std::vector<const Entry*> kinds;  // by number
  std::vector<Number> numbers;
  for (const Entry& entry : entries_) {
    if (kinds.empty() || kinds.back()->end != entry.end || kinds.back()->takes != entry.takes) {
      kinds.push_back(&entry);
    }
    numbers.push_back(static_cast<Number>(kinds.size() - 1));
  }
  PriorityMap map(space_->family(), static_cast<Number>(kinds.size()), {}, destinations);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Interval named = destinations_of(entries_[i]);
    if (!destinations || (named.low <= destinations->high && named.high >= destinations->low)) {
      add(entries_[i], numbers[i], map);
    }
  }
  into.back().push_back(map.collapse(*space_, [](Number number) { return number == PriorityMap::unmatched; }));
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    const End end = ends_[i];
    const auto with_layer = std::find_if(entries_.begin(), entries_.end(),
                                         [&](const Entry& entry) { return !entry.takes && entry.end == end; });
    into[i].push_back(map.collapse(
        *space_, [&](Number number) { return number != PriorityMap::unmatched && kinds[number]->end == end; },
        with_layer == entries_.end() ? PriorityMap::list : layer_of(*with_layer)));
  }
}

}  // namespace segproof::reach
