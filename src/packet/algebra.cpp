// SPDX-License-Identifier: Apache-2.0
// Union, intersection and difference, and the questions that need no new nodes.
#include <array>

#include "base/assert.h"
#include "packet/apply.h"
#include "packet/diagram.h"
#include "packet/operation_codes.h"

namespace segproof {
namespace {

struct Unite {
  static constexpr std::uint32_t code = operation_code::unite;
  static constexpr bool commutative = true;
  static bool known(const NodeStore&, NodeId f, NodeId g, NodeId& result) {
    if (f == g || g == 0 || f == 1) {
      result = f;
      return true;
    }
    result = g;
    return f == 0 || g == 1;
  }
  static NodeId absorbed() { return 1; }
  static bool left_absorbs(NodeId c) { return c == 1; }
  static bool right_absorbs(NodeId c) { return c == 1; }
  static bool left_copies(NodeId c) { return c == 0; }
  static bool right_copies(NodeId c) { return c == 0; }
};

struct Intersect {
  static constexpr std::uint32_t code = operation_code::intersect;
  static constexpr bool commutative = true;
  static bool known(const NodeStore&, NodeId f, NodeId g, NodeId& result) {
    if (f == g || g == 1 || f == 0) {
      result = f;
      return true;
    }
    result = g;
    return f == 1 || g == 0;
  }
  static NodeId absorbed() { return 0; }
  static bool left_absorbs(NodeId c) { return c == 0; }
  static bool right_absorbs(NodeId c) { return c == 0; }
  static bool left_copies(NodeId c) { return c == 1; }
  static bool right_copies(NodeId c) { return c == 1; }
};

struct Subtract {
  static constexpr std::uint32_t code = operation_code::subtract;
  static constexpr bool commutative = false;
  static bool known(const NodeStore&, NodeId f, NodeId g, NodeId& result) {
    if (f == g || f == 0 || g == 1) {
      result = 0;
      return true;
    }
    result = f;
    return g == 0;
  }
  static NodeId absorbed() { return 0; }
  static bool left_absorbs(NodeId c) { return c == 0; }
  static bool right_absorbs(NodeId c) { return c == 1; }
  static bool left_copies(NodeId) { return false; }
  static bool right_copies(NodeId c) { return c == 0; }
};

// Decides "f and g have a packet in common" or, with `Complement`, "f has a packet outside g".
template <bool Complement>
class Overlap {
 public:
  Overlap(NodeStore& store, OperationCache& cache) : store_(store), cache_(cache) {}

  bool operator()(NodeId f, NodeId g) {
    const NodeId empty_right = Complement ? 1 : 0;
    if (f == 0 || g == empty_right || (Complement && f == g))
      return false;
    if (g == 1 - empty_right || f == 1 || (!Complement && f == g))
      return true;  // the other one is not empty
    if (!Complement && f > g)
      std::swap(f, g);
    constexpr std::uint32_t code = Complement ? operation_code::exceeds : operation_code::overlaps;
    if (const NodeId* found = cache_.find(f, g, code))
      return *found != 0;
    const unsigned level = std::min(store_.level(f), store_.level(g));
    if (level > OperationCache::last_high_level(store_.levels())) {
      const bool result = look_below(f, g);
      cache_.store(f, g, code, result ? 1 : 0);
      return result;
    }
    if (const NodeId* found = cache_.find_high(f, g, code))
      return *found != 0;
    const bool result = look_below(f, g);
    cache_.store_high(f, g, code, result ? 1 : 0);
    return result;
  }

 private:
  bool look_below(NodeId f, NodeId g) {
    const unsigned f_level = store_.level(f);
    const unsigned g_level = store_.level(g);
    const NodeId* f_children = store_.children(f);
    const NodeId* g_children = store_.children(g);
    if (f_level < g_level) {
      return std::any_of(f_children, f_children + store_.edge_count(f), [&](NodeId c) { return (*this)(c, g); });
    }
    if (f_level > g_level) {
      return std::any_of(g_children, g_children + store_.edge_count(g), [&](NodeId c) { return (*this)(f, c); });
    }
    const Digit* f_uppers = store_.uppers(f);
    const Digit* g_uppers = store_.uppers(g);
    const std::uint32_t max = store_.levels()[f_level].max;
    for (std::uint32_t i = 0, j = 0;;) {
      if ((*this)(f_children[i], g_children[j]))
        return true;
      const std::uint32_t upper = std::min(f_uppers[i], g_uppers[j]);
      if (upper == max)
        return false;
      if (f_uppers[i] == upper)
        ++i;
      if (g_uppers[j] == upper)
        ++j;
    }
  }

  NodeStore& store_;
  OperationCache& cache_;
};

}  // namespace

NodeId Space::Diagram::unite(NodeId a, NodeId b) {
  return Apply(store_, cache_, Unite{})(a, b);
}
NodeId Space::Diagram::intersect(NodeId a, NodeId b) {
  return Apply(store_, cache_, Intersect{})(a, b);
}
NodeId Space::Diagram::subtract(NodeId a, NodeId b) {
  return Apply(store_, cache_, Subtract{})(a, b);
}

NodeId Space::Diagram::unite_all(std::span<const NodeId> roots) {
  if (roots.empty())
    return none;
  return Apply(store_, cache_, Unite{}).all(roots.data(), roots.data() + roots.size());
}

NodeId Space::Diagram::intersect_all(std::span<const NodeId> roots) {
  if (roots.empty())
    return all;
  return Apply(store_, cache_, Intersect{}).all(roots.data(), roots.data() + roots.size());
}

bool Space::Diagram::is_subset(NodeId a, NodeId b) {
  return !Overlap<true>(store_, cache_)(a, b);
}
bool Space::Diagram::intersects(NodeId a, NodeId b) {
  return Overlap<false>(store_, cache_)(a, b);
}

}  // namespace segproof
