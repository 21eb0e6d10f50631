// SPDX-License-Identifier: Apache-2.0
#include "packet/priority.h"

#include <algorithm>
#include <unordered_set>

#include "base/assert.h"
#include "packet/diagram.h"

namespace segproof {

PriorityMap::PriorityMap(Family family, Priority count, Space::Budget budget, std::optional<Interval> destinations)
    : store_(family, count + 1, budget.edges, NodeStore::Ranges::tracked) {
  SEGPROOF_ASSERT(count < unmatched - 1);
  if (destinations) {
    destinations_ = IntervalSet{*destinations};
  }
  static_cast<void>(at_layer(list));
}

PriorityMap::Merging& PriorityMap::at_layer(Layer layer) {
  while (layers_.size() <= layer)
    layers_.push_back({{}, nothing(), nothing(), nothing()});
  return layers_[layer];
}

void PriorityMap::add(const Box& box, Priority priority, Layer layer) {
  SEGPROOF_ASSERT(priority < nothing());
  if (!destinations_) {
    draw(box, priority, layer);
    return;
  }
  Box cut;
  std::optional<IntervalSet> within;
  for (const Box::Within& condition : box.within()) {
    if (condition.field == Field::destination) {
      within = within ? *within & *condition.values : *destinations_ & *condition.values;
    } else {
      cut.where(condition.field, *condition.values);
    }
  }
  for (const Box::Masked& condition : box.masked())
    cut.where_masked(condition.field, condition.value, condition.mask);
  cut.where(Field::destination, within ? *within : *destinations_);
  if (!within || !within->is_empty())
    draw(cut, priority, layer);
}

void PriorityMap::draw(const Box& box, Priority priority, Layer layer) {
  const NodeId root = draw_box(store_, cache_, box, priority);
  if (root != nothing())
    at_layer(layer).entries.push_back({key_of(box, store_.levels().family()), root});
}

void PriorityMap::add(PacketSet set, Priority priority, Layer layer) {
  SEGPROOF_ASSERT(priority < nothing());
  if (destinations_)
    set &= set.space().where(Field::destination, *destinations_);
  const NodeStore& from = set.space().diagram().store();
  SEGPROOF_ASSERT(from.levels().family() == store_.levels().family());
  if (set.is_empty())
    return;
  NodeMap done;
  const NodeId root = copy(from, set.root(), priority, done);
  // The lowest path stands for the set in the order of merging.
  Packet lowest{store_.levels().family(), {}};
  for (NodeId node = root; !store_.is_terminal(node);) {
    const Level& level = store_.levels()[store_.level(node)];
    const bool skip = store_.children(node)[0] == nothing();
    if (skip)
      lowest[level.field] |= Bits{store_.uppers(node)[0] + 1U} << level.shift;
    node = store_.children(node)[skip ? 1 : 0];
  }
  at_layer(layer).entries.push_back({key_of(lowest), root});
}

NodeId PriorityMap::copy(const NodeStore& from, NodeId node, NodeId inside, NodeMap& done) {
  if (from.is_terminal(node))
    return node == Space::Diagram::all ? inside : nothing();
  if (const NodeId* found = done.find(node))
    return *found;
  const NodeStore::Frame frame = store_.open();
  const std::uint32_t count = from.edge_count(node);
  for (std::uint32_t i = 0; i < count; ++i) {
    store_.push(frame, from.uppers(node)[i], copy(from, from.children(node)[i], inside, done));
  }
  const NodeId result = store_.close(frame, from.level(node));
  done.insert(node, result);
  return result;
}

NodeId PriorityMap::merged(Layer layer) {
  Merging& merging = at_layer(layer);
  if (!merging.entries.empty()) {
    std::ranges::sort(merging.entries, {}, &Entry::key);
    std::vector<NodeId> roots;
    roots.reserve(merging.entries.size());
    for (const Entry& entry : merging.entries)
      roots.push_back(entry.root);
    merging.root = merge_priorities(store_, cache_, merging.root, merge_priorities(store_, cache_, roots));
    merging.entries = {};
    merging.of = nothing();
    merging.with_list = merging.root;
  }
  if (layer == list)
    return merging.root;
  const NodeId of = merged();
  if (merging.of != of) {
    merging.of = of;
    merging.with_list = merge_priorities(store_, cache_, of, merging.root);
  }
  return merging.with_list;
}

PriorityMap::Priority PriorityMap::at(const Packet& packet) {
  SEGPROOF_ASSERT(packet.family == store_.levels().family());
  NodeId node = merged();
  while (!store_.is_terminal(node)) {
    const Level& level = store_.levels()[store_.level(node)];
    SEGPROOF_ASSERT(packet[level.field] <= field_max(level.field, packet.family));
    node =
        store_.child_at(node, static_cast<std::uint32_t>(packet[level.field] >> level.shift & low_ones(level.width)));
  }
  return priority_of(node);
}

bool PriorityMap::is_total() {
  return store_.largest(merged()) != nothing();
}

std::vector<PriorityMap::Priority> PriorityMap::occurring() {
  std::vector<bool> found(store_.terminals(), false);
  NodeMap seen;
  std::vector<NodeId> todo{merged()};
  while (!todo.empty()) {
    const NodeId node = todo.back();
    todo.pop_back();
    if (store_.is_terminal(node)) {
      found[node] = true;
      continue;
    }
    if (seen.find(node) != nullptr)
      continue;
    seen.insert(node, node);
    const NodeId* children = store_.children(node);
    for (std::uint32_t i = 0; i < store_.edge_count(node); ++i) {
      if (!store_.is_terminal(children[i]) || !found[children[i]])
        todo.push_back(children[i]);
    }
  }
  std::vector<Priority> result;
  for (NodeId id = 0; id < nothing(); ++id) {
    if (found[id])
      result.push_back(id);
  }
  return result;
}

std::vector<PriorityMap::Priority> PriorityMap::occurring_in(PacketSet set) {
  const NodeStore& sets = set.space().diagram().store();
  SEGPROOF_ASSERT(sets.levels().family() == store_.levels().family());
  std::vector<bool> found(store_.terminals(), false);
  std::unordered_set<std::uint64_t> seen;
  const auto walk = [&](auto&& self, NodeId node, NodeId within) -> void {
    if (within == Space::Diagram::none)
      return;
    if (store_.is_terminal(node)) {
      found[node] = true;
      return;
    }
    if (!seen.insert(std::uint64_t{node} << 32U | within).second)
      return;
    const unsigned a = store_.level(node);
    const unsigned b = sets.level(within);
    const std::uint32_t max = store_.levels()[std::min(a, b)].max;
    std::uint32_t i = 0;
    std::uint32_t j = 0;
    for (;;) {
      const std::uint32_t a_upper = a <= b ? store_.uppers(node)[i] : max;
      const std::uint32_t b_upper = b <= a ? sets.uppers(within)[j] : max;
      self(self, a <= b ? store_.children(node)[i] : node, b <= a ? sets.children(within)[j] : within);
      const std::uint32_t upper = std::min(a_upper, b_upper);
      if (upper == max)
        return;
      if (a_upper == upper)
        ++i;
      if (b_upper == upper)
        ++j;
    }
  };
  walk(walk, merged(), set.root());
  std::vector<Priority> result;
  for (NodeId id = 0; id < nothing(); ++id) {
    if (found[id])
      result.push_back(id);
  }
  return result;
}

PacketSet PriorityMap::collapse(Space& space, const std::function<bool(Priority)>& chosen, Layer layer) {
  NodeStore& target = space.diagram().store();
  SEGPROOF_ASSERT(target.levels().family() == store_.levels().family());
  std::vector<NodeId> leaves(store_.terminals());
  for (NodeId id = 0; id < store_.terminals(); ++id) {
    leaves[id] = chosen(priority_of(id)) ? Space::Diagram::all : Space::Diagram::none;
  }
  NodeMap done;
  const auto walk = [&](auto&& self, NodeId node) -> NodeId {
    if (store_.is_terminal(node))
      return leaves[node];
    if (const NodeId* found = done.find(node))
      return *found;
    const NodeStore::Frame frame = target.open();
    const Digit* uppers = store_.uppers(node);
    const NodeId* children = store_.children(node);
    const std::uint32_t count = store_.edge_count(node);
    for (std::uint32_t i = 0; i < count; ++i)
      target.push(frame, uppers[i], self(self, children[i]));
    const NodeId result = target.close(frame, store_.level(node));
    done.insert(node, result);
    return result;
  };
  const PacketSet result = space.wrap(walk(walk, merged(layer)));
  return destinations_ && leaves[nothing()] == Space::Diagram::all
             ? result & space.where(Field::destination, *destinations_)
             : result;
}

}  // namespace segproof
