// SPDX-License-Identifier: Apache-2.0
#include "reach/flow_table.h"

namespace segproof::reach {
namespace {

PacketSet forward(const Rewrite* rewrite, PacketSet packets, const HeaderSets& headers, Approximation approximation) {
  return rewrite == nullptr ? packets : image(*rewrite, packets, headers, approximation);
}

// A reply goes back through a translation: it is turned round, un-translated within `guard`, and turned round again.
PacketSet backward(const Rewrite* rewrite, PacketSet replies, PacketSet guard, const HeaderSets& headers,
                   Approximation approximation) {
  if (rewrite == nullptr || replies.is_empty()) {
    return replies;
  }
  return headers.inverse(preimage(*rewrite, headers.inverse(replies), guard, headers, approximation));
}

}  // namespace

PacketSet FlowTable::Kept::turned(std::optional<Turned>& known, PacketSet packets, const HeaderSets& headers) {
  if (!known) {
    known = Turned{packets, headers.inverse(packets)};
  } else if (!(known->from == packets)) {
    known = Turned{packets, known->answer | headers.inverse(packets - known->from)};
  }
  return known->answer;
}

PacketSet FlowTable::Kept::answer(const HeaderSets& headers) const {
  return turned(answer_, left, headers);
}

PacketSet FlowTable::Kept::middle_answer(const HeaderSets& headers) const {
  return second == nullptr ? answer(headers) : turned(middle_answer_, middle, headers);
}

void FlowTable::Kept::grow(const Flow& flow) {
  entered |= flow.entered;
  middle |= flow.middle;
  left |= flow.left;
}

void FlowTable::Kept::follow(const Kept& other, const std::function<PacketSet(PacketSet)>& change,
                             const HeaderSets& headers) {
  answer_ = Turned{left, change(other.answer(headers))};
  if (second != nullptr) {
    middle_answer_ = Turned{middle, change(other.middle_answer(headers))};
  }
}

bool FlowTable::add(const Key& key, const Flow& flow) {
  if (flow.entered.is_empty() || flow.left.is_empty()) {
    return false;
  }
  std::map<Key, Kept>& flows = room().flows;
  const auto known = flows.find(key);
  if (known == flows.end()) {
    flows.emplace(key, Kept(flow));
    kept_->arriving.reset();
    return true;
  }
  Kept& old = known->second;
  if (flow.entered.subset_of(old.entered) && flow.middle.subset_of(old.middle) && flow.left.subset_of(old.left)) {
    return false;
  }
  old.grow(flow);
  kept_->arriving.reset();
  return true;
}

bool FlowTable::add_helped(PacketSet tuples) {
  const std::optional<PacketSet>& known = helped();
  const PacketSet grown = known ? *known | tuples : tuples;
  const bool changed = !tuples.is_empty() && !(known && grown == *known);
  if (changed) {
    room().helped = grown;
  }
  return changed;
}

void FlowTable::share_what_was_opened_here() {
  if (!kept_) {
    return;
  }
  for (auto& [key, flow] : kept_->flows) {
    flow.opened_here = false;
  }
  kept_->arriving.reset();
}

FlowTable FlowTable::of_anyone() const {
  FlowTable result;
  for (const auto& [key, flow] : flows()) {
    result.add(key, {flow.first, flow.second, flow.entered.forget(Field::origin), flow.middle.forget(Field::origin),
                     flow.left.forget(Field::origin), flow.opened_here, flow.mark});
  }
  if (helped()) {
    result.add_helped(helped()->forget(Field::origin));
  }
  return result;
}

FlowTable FlowTable::with_origins(const std::function<PacketSet(PacketSet)>& change, const HeaderSets& headers) const {
  FlowTable result;
  for (const auto& [key, flow] : flows()) {
    const bool is_new = result.add(
        key, {flow.first, flow.second, change(flow.entered), change(flow.middle), change(flow.left), false, flow.mark});
    if (is_new) {
      result.kept_->flows.at(key).follow(flow, change, headers);
    }
  }
  return result;
}

void FlowTable::add_all(const FlowTable& other, std::size_t generation) {
  constexpr std::size_t keys_of_a_generation = std::size_t{1} << 32U;
  for (const auto& [key, flow] : other.flows()) {
    add({key.first + generation * keys_of_a_generation, key.second}, flow);
  }
  if (other.helped()) {
    add_helped(*other.helped());
  }
}

PacketSet FlowTable::arriving(const HeaderSets& headers) const {
  if (flows().empty()) {
    return headers.space().none();
  }
  if (kept_->arriving) {
    return *kept_->arriving;
  }
  std::vector<PacketSet> parts;
  for (const auto& [key, flow] : flows()) {
    if (!flow.opened_here) {
      parts.push_back(flow.entered);
    }
    parts.push_back(flow.answer(headers));
  }
  kept_->arriving = headers.space().any_of(parts);
  return *kept_->arriving;
}

PacketSet FlowTable::after_first(PacketSet packets, const HeaderSets& headers, Approximation approximation) const {
  std::vector<PacketSet> parts;
  for (const auto& [key, flow] : flows()) {
    if (!flow.opened_here) {
      parts.push_back(forward(flow.first, packets & flow.entered, headers, approximation));
    }
    parts.push_back(backward(flow.second, packets & flow.answer(headers), flow.middle, headers, approximation));
  }
  return headers.space().any_of(parts);
}

PacketSet FlowTable::after_second(PacketSet packets, const HeaderSets& headers, Approximation approximation) const {
  std::vector<PacketSet> parts;
  for (const auto& [key, flow] : flows()) {
    if (!flow.opened_here) {
      parts.push_back(forward(flow.second, packets & flow.middle, headers, approximation));
    }
    parts.push_back(backward(flow.first, packets & flow.middle_answer(headers), flow.entered, headers, approximation));
  }
  return headers.space().any_of(parts);
}

PacketSet FlowTable::as_entered(PacketSet delivered, const HeaderSets& headers, Approximation approximation) const {
  PacketSet result = headers.space().none();
  for (const auto& [key, flow] : flows()) {
    const PacketSet here = delivered & flow.left;
    const PacketSet middle =
        flow.second == nullptr ? here : preimage(*flow.second, here, flow.middle, headers, approximation);
    result |= flow.first == nullptr ? middle : preimage(*flow.first, middle, flow.entered, headers, approximation);
  }
  return result;
}

}  // namespace segproof::reach
