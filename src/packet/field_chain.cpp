// SPDX-License-Identifier: Apache-2.0
#include "packet/field_chain.h"

#include <algorithm>
#include <span>

namespace segproof {
namespace {

// Number: wide enough for the field; most fields do without 128 bits.
template <class Number>
class IntervalChain {
 public:
  IntervalChain(NodeStore& store, NodeId inside, NodeId outside) : store_(store), inside_(inside), outside_(outside) {}

  // The block of values base + [0, all digits from `level` on]. `list`: the intervals that meet the block.
  NodeId block(unsigned level, Number base, std::span<const Interval> list) {
    const Level& digit = store_.levels()[level];
    const Number rest = static_cast<Number>(low_ones(digit.shift));
    const Number last = base + (Number{digit.max} << digit.shift | rest);
    const NodeStore::Frame frame = store_.open();
    std::uint32_t at = 0;  // the next digit
    auto next = list.begin();
    while (at <= digit.max) {
      if (next == list.end()) {
        store_.push(frame, digit.max, outside_);
        break;
      }
      const Number low = std::max(static_cast<Number>(next->low), base);
      const Number high = next->high < last ? static_cast<Number>(next->high) : last;
      const auto low_digit = static_cast<std::uint32_t>((low - base) >> digit.shift);
      if (low_digit > at) {
        store_.push(frame, low_digit - 1, outside_);
        at = low_digit;
      }
      const Number first_of_digit = base + (Number{at} << digit.shift);
      const Number last_of_digit = first_of_digit + rest;
      if (low <= first_of_digit && high >= last_of_digit) {
        const bool to_the_end = ((high - base) & rest) == rest;
        const auto high_digit = static_cast<std::uint32_t>((high - base) >> digit.shift);
        const std::uint32_t upper = to_the_end ? high_digit : high_digit - 1;
        store_.push(frame, upper, inside_);
        at = upper + 1;
        if (to_the_end)
          ++next;
        continue;
      }
      auto end = next;
      while (end != list.end() && end->low <= last_of_digit)
        ++end;
      const NodeId child = block(level + 1, first_of_digit, {next, end});
      store_.push(frame, at, child);
      ++at;
      while (next != list.end() && next->high <= last_of_digit)
        ++next;
    }
    return store_.close(frame, level);
  }

 private:
  NodeStore& store_;
  NodeId inside_;
  NodeId outside_;
};

// One digit; `inside` may be a chain of lower digits already.
NodeId masked_digit(NodeStore& store, unsigned level, std::uint32_t value, std::uint32_t mask, NodeId inside,
                    NodeId outside) {
  if (mask == 0)
    return inside;
  const std::uint32_t max = store.levels()[level].max;
  const std::uint32_t run = (mask & (~mask + 1U)) - 1U;  // the free bits below the mask's lowest
  const std::uint32_t fixed = mask | run;                // the other free bits are counted through
  const NodeStore::Frame frame = store.open();
  std::uint32_t next = 0;
  std::uint32_t first = value & mask;
  for (;;) {
    if (first > max)
      break;
    if (first > next)
      store.push(frame, first - 1, outside);
    const std::uint32_t last = std::min(first | run, max);
    store.push(frame, last, inside);
    next = last + 1;
    const std::uint32_t following = ((first | fixed) + 1U) & ~fixed;
    if (following == 0 || following > low_ones(store.levels()[level].width))
      break;
    first = following | (value & mask);
  }
  if (next <= max)
    store.push(frame, max, outside);
  return store.close(frame, level);
}

}  // namespace

NodeId interval_chain(NodeStore& store, Field field, const IntervalSet& values, NodeId inside, NodeId outside) {
  if (inside == outside)
    return inside;
  const Bits max = field_max(field, store.levels().family());
  std::span<const Interval> list = values.intervals();
  while (!list.empty() && list.back().low > max)
    list = list.first(list.size() - 1);
  if (list.empty())
    return outside;
  const unsigned first = store.levels().first(field);
  if (field_width(field, store.levels().family()) < 64)
    return IntervalChain<std::uint64_t>(store, inside, outside).block(first, 0, list);
  return IntervalChain<Bits>(store, inside, outside).block(first, 0, list);
}

NodeId masked_chain(NodeStore& store, Field field, Bits value, Bits mask, NodeId inside, NodeId outside) {
  if (inside == outside)
    return inside;
  const LevelPlan& levels = store.levels();
  // Bits above the field: the field has zeros there.
  const Bits beyond = ~low_ones(field_width(field, levels.family()));
  if ((value & mask & beyond) != 0)
    return outside;
  NodeId node = inside;
  for (unsigned level = levels.last(field) + 1; level-- > levels.first(field);) {
    const Level& digit = levels[level];
    const auto digit_mask = static_cast<std::uint32_t>(mask >> digit.shift & low_ones(digit.width));
    const auto digit_value = static_cast<std::uint32_t>(value >> digit.shift & low_ones(digit.width));
    node = masked_digit(store, level, digit_value, digit_mask, node, outside);
    if (node == outside)
      return outside;
  }
  return node;
}

}  // namespace segproof
