// SPDX-License-Identifier: Apache-2.0
#include "packet/node_store.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "packet/space.h"

namespace segproof {
namespace {

constexpr std::size_t first_table_size = 256;
constexpr std::size_t edges_per_level = 65536;
constexpr std::size_t smallest_budget = std::size_t{1} << 17U;
constexpr std::size_t largest_budget = (std::size_t{1} << 32U) - edges_per_level;  // edges are counted in 32 bits

std::uint64_t multiply_fold(std::uint64_t a, std::uint64_t b) {
  const Bits product = Bits{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

// Four edges at a time, targets and ends in two independent lanes. Most nodes have few edges: no call, no padding.
std::uint64_t hash_edges(const Digit* uppers, const NodeId* children, std::size_t count, unsigned level) {
  constexpr std::uint64_t k0 = 0x9E3779B97F4A7C15ULL;
  constexpr std::uint64_t k1 = 0xD6E8FEB86659FD93ULL;
  std::uint64_t a = (std::uint64_t{count} << 8U | level) ^ k0;
  std::uint64_t b = k1;
  for (; count >= 4; count -= 4) {
    std::uint64_t words[3];
    std::memcpy(words, children, 16);
    std::memcpy(words + 2, uppers, 8);
    a = multiply_fold(words[0] ^ k0, words[1] ^ a);
    b = multiply_fold(words[2] ^ k1, b);
    children += 4;
    uppers += 4;
  }
  for (std::size_t i = 0; i < count; ++i)
    b = multiply_fold((std::uint64_t{uppers[i]} << 32U | children[i]) ^ k1, b ^ k0);
  return multiply_fold(a ^ k1, b ^ k0);
}

}  // namespace

NodeStore::NodeStore(Family family, std::uint32_t terminals, std::size_t edge_budget, Ranges ranges)
    : levels_(family), terminals_(terminals), ranges_(ranges), table_(first_table_size) {
  if (!table_.ok())
    throw SpaceExhausted();
  reserve(std::clamp(edge_budget, smallest_budget, largest_budget));
  for (node_count_ = 0; node_count_ < terminals; ++node_count_) {
    const auto id = static_cast<NodeId>(node_count_);
    nodes_[id] = {0, 0, static_cast<std::uint8_t>(terminal_level), id, id};
  }
}

void NodeStore::reserve(std::size_t edge_budget) {
  // Where address space is scarce a smaller budget is better than none.
  for (std::size_t edges = edge_budget; edges >= smallest_budget; edges /= 2) {
    const std::size_t nodes = edges / 2 + terminals_;  // a node has at least two edges
    nodes_ = Arena<Node>(nodes);
    uppers_ = Arena<Digit>(edges);
    children_ = Arena<NodeId>(edges);
    if (nodes_.ok() && uppers_.ok() && children_.ok())
      break;
  }
  staged_uppers_ = Arena<Digit>((levels_.size() + 1) * edges_per_level);
  staged_children_ = Arena<NodeId>((levels_.size() + 1) * edges_per_level);
  if (!nodes_.ok() || !uppers_.ok() || !children_.ok() || !staged_uppers_.ok() || !staged_children_.ok()) {
    throw SpaceExhausted();
  }
}

NodeId NodeStore::child_at(NodeId id, std::uint32_t digit) const {
  const Digit* begin = uppers(id);
  const Digit* found = std::lower_bound(begin, begin + edge_count(id), digit);
  return children(id)[found - begin];
}

void NodeStore::push_run(Frame frame, const Digit* uppers, const NodeId* children, std::size_t count) {
  if (count == 0)
    return;
  push(frame, uppers[0], children[0]);
  std::copy_n(uppers + 1, count - 1, staged_uppers_.data() + staged_);
  std::copy_n(children + 1, count - 1, staged_children_.data() + staged_);
  staged_ += count - 1;
}

NodeId NodeStore::close(Frame frame, unsigned level) {
  const std::size_t count = staged_ - frame.base;
  staged_ = frame.base;
  const Digit* uppers = staged_uppers_.data() + frame.base;
  const NodeId* children = staged_children_.data() + frame.base;
  SEGPROOF_ASSERT(count > 0 && uppers[count - 1] == levels_[level].max);
  if (count == 1)
    return children[0];

  const std::uint64_t hash = hash_edges(uppers, children, count, level);
  const std::uint64_t tag = hash >> 32U;
  const std::size_t mask = table_.capacity() - 1;
  std::size_t slot = tag & mask;
  for (; table_[slot] != 0; slot = (slot + 1) & mask) {
    if (table_[slot] >> 32U != tag)
      continue;
    const auto id = static_cast<NodeId>(table_[slot]);
    const Node& node = nodes_[id];
    if (node.level == level && node.last_edge + 1U == count &&
        std::memcmp(this->uppers(id), uppers, count * sizeof(Digit)) == 0 &&
        std::memcmp(this->children(id), children, count * sizeof(NodeId)) == 0) {
      return id;
    }
  }
  const NodeId id = add(frame, level, static_cast<std::uint32_t>(count));
  table_[slot] = tag << 32U | id;
  if (node_count() > table_.capacity() / 8 * 5)
    grow_table();
  return id;
}

NodeId NodeStore::add(Frame frame, unsigned level, std::uint32_t count) {
  if (edge_count_ + count > children_.capacity() || node_count_ >= nodes_.capacity())
    exhausted();
  const Digit* uppers = staged_uppers_.data() + frame.base;
  const NodeId* children = staged_children_.data() + frame.base;
  std::copy_n(uppers, count, uppers_.data() + edge_count_);
  std::copy_n(children, count, children_.data() + edge_count_);
  const auto id = static_cast<NodeId>(node_count_++);
  Node node{static_cast<std::uint32_t>(edge_count_), static_cast<std::uint16_t>(count - 1),
            static_cast<std::uint8_t>(level)};
  if (ranges_ == Ranges::tracked) {
    node.smallest = ~NodeId{0};
    for (std::uint32_t i = 0; i < count; ++i) {
      node.smallest = std::min(node.smallest, nodes_[children[i]].smallest);
      node.largest = std::max(node.largest, nodes_[children[i]].largest);
    }
  }
  nodes_[id] = node;
  edge_count_ += count;
  return id;
}

void NodeStore::grow_table() {
  // Small tables grow faster: they are copied often and cost little.
  Arena<std::uint64_t> larger(table_.capacity() * (table_.capacity() < 65536 ? 4 : 2), 0);
  if (!larger.ok())
    exhausted();
  const std::size_t mask = larger.capacity() - 1;
  for (std::size_t i = 0; i < table_.capacity(); ++i) {
    const std::uint64_t entry = table_[i];
    if (entry == 0)
      continue;
    std::size_t slot = entry >> 32U & mask;
    while (larger[slot] != 0)
      slot = (slot + 1) & mask;
    larger[slot] = entry;
  }
  table_ = std::move(larger);
}

void NodeStore::exhausted() {
  staged_ = 0;
  throw SpaceExhausted();
}

}  // namespace segproof
