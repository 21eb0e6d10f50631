// SPDX-License-Identifier: Apache-2.0
// The pointwise combination of two diagrams. An Operation is a small object:
//   code            its key in the operation cache, above 0
//   commutative     op(a, b) == op(b, a)
//   known(f, g, r)  true, and r set, when the result is known without looking below
//   left_absorbs(c), right_absorbs(c)   op(c, anything) == absorbed(), op(anything, c) == absorbed()
//   left_copies(c), right_copies(c)     op(c, x) == x, op(x, c) == x
// The last four let whole runs of edges be skipped or copied. Recursion is as deep as there are levels.
#pragma once

#include <algorithm>

#include "packet/node_store.h"
#include "packet/operation_cache.h"

namespace segproof {

// The first index >= from with uppers[index] >= value, by galloping. Precondition: there is one.
[[nodiscard]] inline std::uint32_t gallop(const Digit* uppers, std::uint32_t from, std::uint32_t count,
                                          std::uint32_t value) {
  if (uppers[from] >= value)
    return from;
  std::uint32_t step = 1;
  while (from + step < count && uppers[from + step] < value)
    step *= 2;
  const Digit* begin = uppers + from + step / 2 + 1;
  const Digit* end = uppers + std::min(count - 1, from + step);
  return static_cast<std::uint32_t>(std::lower_bound(begin, end, value) - uppers);
}

template <class Operation>
class Apply {
 public:
  Apply(NodeStore& store, OperationCache& cache, Operation operation)
      : store_(store), cache_(cache), operation_(operation) {}

  NodeId operator()(NodeId f, NodeId g) {
    NodeId result = 0;
    return operation_.known(store_, f, g, result) ? result : look_below(f, g);
  }
  // The combination of all, balanced. Precondition: not empty, the operation is associative.
  NodeId all(const NodeId* begin, const NodeId* end) {
    if (end - begin == 1)
      return *begin;
    const NodeId* middle = begin + (end - begin) / 2;
    const NodeId left = all(begin, middle);
    return (*this)(left, all(middle, end));
  }

 private:
  NodeId look_below(NodeId f, NodeId g) {
    if (Operation::commutative && f > g)
      std::swap(f, g);
    if (const NodeId* found = cache_.find(f, g, Operation::code))
      return *found;
    NodeId result = 0;
    const unsigned f_level = store_.level(f);
    const unsigned g_level = store_.level(g);
    const bool is_high = std::min(f_level, g_level) <= OperationCache::last_high_level(store_.levels());
    if (is_high) {
      if (const NodeId* found = cache_.find_high(f, g, Operation::code))
        return *found;
    }
    if (f_level == g_level) {
      result = merge(f, g);
    } else {
      result = f_level < g_level ? push_right(f, g) : push_left(f, g);
    }
    if (is_high) {
      cache_.store_high(f, g, Operation::code, result);
    } else {
      cache_.store(f, g, Operation::code, result);
    }
    return result;
  }

  // g does not depend on f's top digit.
  NodeId push_right(NodeId f, NodeId g) {
    const NodeStore::Frame frame = store_.open();
    const Digit* uppers = store_.uppers(f);
    const NodeId* children = store_.children(f);
    const std::uint32_t count = store_.edge_count(f);
    bool is_f = true;
    for (std::uint32_t i = 0; i < count; ++i) {
      const NodeId child = (*this)(children[i], g);
      is_f = is_f && child == children[i];
      store_.push(frame, uppers[i], child);
    }
    return is_f ? store_.close_as(frame, f) : store_.close(frame, store_.level(f));
  }

  NodeId push_left(NodeId f, NodeId g) {
    const NodeStore::Frame frame = store_.open();
    const Digit* uppers = store_.uppers(g);
    const NodeId* children = store_.children(g);
    const std::uint32_t count = store_.edge_count(g);
    bool is_g = true;
    for (std::uint32_t i = 0; i < count; ++i) {
      const NodeId child = (*this)(f, children[i]);
      is_g = is_g && child == children[i];
      store_.push(frame, uppers[i], child);
    }
    return is_g ? store_.close_as(frame, g) : store_.close(frame, store_.level(g));
  }

  struct Side {
    const Digit* uppers;
    const NodeId* children;
    std::uint32_t count;
    std::uint32_t at = 0;
    [[nodiscard]] std::uint32_t upper() const { return uppers[at]; }
    [[nodiscard]] NodeId child() const { return children[at]; }
    // Past everything up to `value`, which is below the last upper.
    void skip(std::uint32_t value) {
      at = gallop(uppers, at, count, value);
      if (uppers[at] == value)
        ++at;
    }
  };
  [[nodiscard]] Side side(NodeId id) const { return {store_.uppers(id), store_.children(id), store_.edge_count(id)}; }

  // Appends the edges of `side` up to `value`, without going past it.
  void copy(NodeStore::Frame frame, Side& side, std::uint32_t value) {
    const std::uint32_t end = gallop(side.uppers, side.at, side.count, value);
    store_.push_run(frame, side.uppers + side.at, side.children + side.at, end - side.at);
    store_.push(frame, value, side.children[end]);
  }

  NodeId merge(NodeId f, NodeId g) {
    const unsigned level = store_.level(f);
    const std::uint32_t max = store_.levels()[level].max;
    const NodeStore::Frame frame = store_.open();
    Side a = side(f);
    Side b = side(g);
    // Very often the result is one of the two, and need not be looked up.
    bool is_f = true;
    bool is_g = true;
    for (;;) {
      const std::uint32_t a_upper = a.upper();
      const std::uint32_t b_upper = b.upper();
      const NodeId a_child = a.child();
      const NodeId b_child = b.child();
      std::uint32_t done = std::min(a_upper, b_upper);
      if (operation_.left_absorbs(a_child)) {
        done = a_upper;
        store_.push(frame, done, operation_.absorbed());
        is_f = is_f && a_child == operation_.absorbed();
        is_g = is_g && b_child == operation_.absorbed() && b_upper >= done;
      } else if (operation_.right_absorbs(b_child)) {
        done = b_upper;
        store_.push(frame, done, operation_.absorbed());
        is_f = is_f && a_child == operation_.absorbed() && a_upper >= done;
        is_g = is_g && b_child == operation_.absorbed();
      } else if (operation_.left_copies(a_child)) {
        done = a_upper;
        copy(frame, b, done);
        is_f = is_f && a_child == b_child && b_upper >= done;
      } else if (operation_.right_copies(b_child)) {
        done = b_upper;
        copy(frame, a, done);
        is_g = is_g && a_child == b_child && a_upper >= done;
      } else {
        const NodeId child = (*this)(a_child, b_child);
        store_.push(frame, done, child);
        is_f = is_f && child == a_child;
        is_g = is_g && child == b_child;
      }
      if (done == max)
        return is_f ? store_.close_as(frame, f) : is_g ? store_.close_as(frame, g) : store_.close(frame, level);
      a.skip(done);
      b.skip(done);
    }
  }

  NodeStore& store_;
  OperationCache& cache_;
  Operation operation_;
};

}  // namespace segproof
