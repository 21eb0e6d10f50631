// SPDX-License-Identifier: Apache-2.0
#include "packet/changing_list.h"

#include <algorithm>

#include "base/assert.h"
#include "packet/diagram.h"

namespace segproof {
namespace {

constexpr std::size_t block_size = 16;    // of a new leaf
constexpr std::size_t largest_leaf = 32;  // then it is cut in two
constexpr std::uint32_t gap = 16;         // numbers for each rule: one for it, the others for rules to come
constexpr std::size_t worthwhile_growth = std::size_t{1} << 20U;  // edges

}  // namespace

ChangingList::ChangingList(Space& space, std::span<const Rule> rules, Space::Budget budget)
    : space_(&space), budget_(budget) {
  const auto count = static_cast<Number>(rules.size());
  store_ = std::make_unique<Store>(space.family(), (count + 2) * gap, budget_.edges);
  std::vector<Part> parts;
  for (Number i = 0; i < count; ++i) {
    const Number number = (i + 1) * gap;
    order_.push_back(number);
    add_parts(rules[i], number);
    const std::vector<Part>& own = parts_of_[number];
    parts.insert(parts.end(), own.begin(), own.end());
  }
  build(std::move(parts));
}

void ChangingList::add_parts(const Rule& rule, Number number) {
  store_->effects[number] = rule.effect;
  std::vector<Part>& parts = parts_of_[number];
  for (const Box& box : rule.boxes) {
    const NodeId root = draw_box(store_->nodes, store_->cache, box, number);
    if (root != nothing()) {
      parts.push_back({key_of(box, space_->family()), root, number});
    }
  }
}

void ChangingList::build(std::vector<Part> parts) {
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.key < b.key; });
  store_->tree.clear();
  plant(parts);
  store_->edges_when_new = store_->nodes.edge_total();
}

// A tree over the parts; its place.
std::size_t ChangingList::plant(std::span<const Part> parts) {
  const std::size_t place = store_->tree.size();
  store_->tree.push_back({});
  if (parts.size() <= block_size) {
    store_->tree[place].parts.assign(parts.begin(), parts.end());
    merge_leaf(store_->tree[place]);
    return place;
  }
  const std::size_t half = parts.size() / 2;
  const std::size_t left = plant(parts.first(half));
  const std::size_t right = plant(parts.subspan(half));
  Branch& branch = store_->tree[place];
  branch.left = left;
  branch.right = right;
  branch.last = parts[half - 1].key;
  branch.merged = merge_priorities(store_->nodes, store_->cache, store_->tree[left].merged, store_->tree[right].merged);
  return place;
}

void ChangingList::merge_leaf(Branch& leaf) {
  std::vector<NodeId> roots;
  for (const Part& part : leaf.parts) {
    roots.push_back(part.root);
  }
  leaf.merged = roots.empty() ? nothing() : merge_priorities(store_->nodes, store_->cache, roots);
}

void ChangingList::split(std::size_t at) {
  std::vector<Part> parts = std::move(store_->tree[at].parts);
  const std::size_t half = parts.size() / 2;
  const std::size_t left = plant(std::span<const Part>(parts).first(half));
  const std::size_t right = plant(std::span<const Part>(parts).subspan(half));
  Branch& branch = store_->tree[at];
  branch.parts.clear();
  branch.left = left;
  branch.right = right;
  branch.last = parts[half - 1].key;
}

void ChangingList::change_below(std::size_t at, const Part& part, bool add) {
  if (store_->tree[at].left == 0) {
    std::vector<Part>& parts = store_->tree[at].parts;
    const auto place = std::lower_bound(parts.begin(), parts.end(), part.key,
                                        [](const Part& a, const BoxKey& key) { return a.key < key; });
    if (add) {
      parts.insert(place, part);
    } else {
      // Equal keys may lie on both sides of a cut: then it is on the other one.
      const auto same = std::find_if(place, parts.end(), [&](const Part& other) {
        return other.number == part.number && other.root == part.root;
      });
      if (same == parts.end()) {
        return;
      }
      parts.erase(same);
    }
    if (parts.size() <= largest_leaf) {
      merge_leaf(store_->tree[at]);
      return;
    }
    split(at);
  } else {
    const bool goes_left = part.key <= store_->tree[at].last;
    const bool goes_right = part.key > store_->tree[at].last || (!add && part.key == store_->tree[at].last);
    if (goes_left) {
      change_below(store_->tree[at].left, part, add);
    }
    if (goes_right) {
      change_below(store_->tree[at].right, part, add);
    }
  }
  Branch& branch = store_->tree[at];
  branch.merged = merge_priorities(store_->nodes, store_->cache, store_->tree[branch.left].merged,
                                   store_->tree[branch.right].merged);
}

void ChangingList::change(const Part& part, bool add) {
  change_below(0, part, add);
}

// A number that no rule has; one that a rule had before must have had the same effect, which collapsed nodes know.
std::optional<ChangingList::Number> ChangingList::number_between(std::size_t place, Effect effect) const {
  const Number before = place == 0 ? 0 : order_[place - 1];
  const Number after = place == order_.size() ? static_cast<Number>(store_->effects.size()) : order_[place];
  const Number middle = before + (after - before) / 2;
  for (Number distance = 0; distance < after - before; ++distance) {
    for (const Number candidate : {middle + distance, middle - distance}) {
      if (candidate > before && candidate < after && !parts_of_.contains(candidate) &&
          store_->effects[candidate].value_or(effect) == effect) {
        return candidate;
      }
    }
  }
  return std::nullopt;
}

// Moves a part to another store and another number: its only terminals are its own number and the last one.
NodeId ChangingList::moved(const NodeStore& from, NodeId node, Number old_number, Number number, NodeMap& done) {
  if (from.is_terminal(node)) {
    return node == old_number ? number : nothing();
  }
  if (const NodeId* found = done.find(node)) {
    return *found;
  }
  NodeStore& into = store_->nodes;
  const NodeStore::Frame frame = into.open();
  const std::uint32_t count = from.edge_count(node);
  for (std::uint32_t i = 0; i < count; ++i) {
    into.push(frame, from.uppers(node)[i], moved(from, from.children(node)[i], old_number, number, done));
  }
  const NodeId result = into.close(frame, from.level(node));
  done.insert(node, result);
  return result;
}

// Every rule gets a new number, in a new store, with room for others between.
void ChangingList::renumber() {
  const std::unique_ptr<Store> old = std::move(store_);
  const auto count = static_cast<Number>(order_.size());
  store_ = std::make_unique<Store>(space_->family(), (count + 2) * gap, budget_.edges);
  std::map<Number, std::vector<Part>> old_parts = std::move(parts_of_);
  parts_of_.clear();
  std::vector<Part> all;
  for (Number i = 0; i < count; ++i) {
    const Number number = (i + 1) * gap;
    store_->effects[number] = old->effects[order_[i]];
    std::vector<Part>& parts = parts_of_[number];
    for (const Part& part : old_parts[order_[i]]) {
      NodeMap done;
      parts.push_back({part.key, moved(old->nodes, part.root, order_[i], number, done), number});
      all.push_back(parts.back());
    }
    order_[i] = number;
  }
  build(std::move(all));
}

void ChangingList::insert(std::size_t place, const Rule& rule) {
  SEGPROOF_ASSERT(place <= order_.size());
  std::optional<Number> number = number_between(place, rule.effect);
  const bool grown = store_->nodes.edge_total() > 4 * store_->edges_when_new + worthwhile_growth;
  if (!number || grown) {
    renumber();
    number = number_between(place, rule.effect);
  }
  SEGPROOF_ASSERT(number.has_value());
  add_parts(rule, *number);
  order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(place), *number);
  for (const Part& part : parts_of_[*number]) {
    change(part, true);
  }
}

void ChangingList::erase(std::size_t place) {
  SEGPROOF_ASSERT(place < order_.size());
  for (const Part& part : parts_of_[order_[place]]) {
    change(part, false);
  }
  parts_of_.erase(order_[place]);
  order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(place));
}

void ChangingList::replace(std::size_t place, const Rule& rule) {
  erase(place);
  insert(place, rule);
}

NodeId ChangingList::collapse(NodeId node) {
  const NodeStore& from = store_->nodes;
  if (from.is_terminal(node)) {
    return node != nothing() && store_->effects[node] == Effect::take ? Space::Diagram::all : Space::Diagram::none;
  }
  if (const NodeId* found = store_->collapsed.find(node)) {
    return *found;
  }
  NodeStore& into = space_->diagram().store();
  const NodeStore::Frame frame = into.open();
  const std::uint32_t count = from.edge_count(node);
  for (std::uint32_t i = 0; i < count; ++i) {
    into.push(frame, from.uppers(node)[i], collapse(from.children(node)[i]));
  }
  const NodeId result = into.close(frame, from.level(node));
  store_->collapsed.insert(node, result);
  return result;
}

PacketSet ChangingList::taken() {
  return space_->wrap(collapse(store_->tree.front().merged));
}

}  // namespace segproof
