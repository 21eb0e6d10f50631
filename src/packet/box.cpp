// SPDX-License-Identifier: Apache-2.0
#include "packet/box.h"

#include <utility>

#include "packet/apply.h"
#include "packet/field_chain.h"
#include "packet/operation_codes.h"

namespace segproof {
namespace {

struct Smaller {
  static constexpr std::uint32_t code = operation_code::smaller;
  static constexpr bool commutative = true;
  NodeId nothing;
  static bool known(const NodeStore& store, NodeId f, NodeId g, NodeId& result) {
    if (f == g || store.largest(f) <= store.smallest(g)) {
      result = f;
      return true;
    }
    result = g;
    return store.largest(g) <= store.smallest(f);
  }
  static NodeId absorbed() { return 0; }
  static bool left_absorbs(NodeId c) { return c == 0; }
  static bool right_absorbs(NodeId c) { return c == 0; }
  [[nodiscard]] bool left_copies(NodeId c) const { return c == nothing; }
  [[nodiscard]] bool right_copies(NodeId c) const { return c == nothing; }
};

// The conjunction of two conditions that both lead to the same priority or to nothing.
struct Larger {
  static constexpr std::uint32_t code = operation_code::larger;
  static constexpr bool commutative = true;
  NodeId nothing;
  static bool known(const NodeStore& store, NodeId f, NodeId g, NodeId& result) {
    if (f == g || store.smallest(f) >= store.largest(g)) {
      result = f;
      return true;
    }
    result = g;
    return store.smallest(g) >= store.largest(f);
  }
  [[nodiscard]] NodeId absorbed() const { return nothing; }
  [[nodiscard]] bool left_absorbs(NodeId c) const { return c == nothing; }
  [[nodiscard]] bool right_absorbs(NodeId c) const { return c == nothing; }
  static bool left_copies(NodeId) { return false; }
  static bool right_copies(NodeId) { return false; }
};

// The ends of a box in one field.
struct Ends {
  Bits low;
  Bits high;
};

Ends ends_of(const Box& box, Field field, Family family) {
  const Bits max = field_max(field, family);
  Ends ends{0, max};
  for (const Box::Within& within : box.within()) {
    if (within.field != field || within.values->is_empty())
      continue;
    ends = {within.values->min(), std::min(max, within.values->intervals().back().high)};
  }
  for (const Box::Masked& masked : box.masked()) {
    if (masked.field == field)
      ends = {masked.value & masked.mask & max, (masked.value | ~masked.mask) & max};
  }
  return ends;
}

// The upper 64 bits of an address, which is enough for an order.
std::uint64_t address_key(Bits value, Family family) {
  return static_cast<std::uint64_t>(family == Family::ipv4 ? value : value >> 64U);
}

template <class EndsOf>
BoxKey make_key(Family family, const EndsOf& ends) {
  const auto low = [&](Field field) { return static_cast<std::uint64_t>(ends(field).low); };
  const Ends protocol = ends(Field::protocol);
  const Ends destination = ends(Field::destination);
  const Ends source = ends(Field::source);
  const Ends port = ends(Field::destination_port);
  return {low(Field::ingress) << 48U | low(Field::egress) << 32U | low(Field::state) << 24U | low(Field::fragment),
          static_cast<std::uint64_t>(protocol.low << 8U | (255U - protocol.high)),
          address_key(destination.low, family),
          ~address_key(destination.high, family),
          address_key(source.low, family),
          ~address_key(source.high, family),
          static_cast<std::uint64_t>(port.low << 32U | (65535U - port.high) << 16U) | low(Field::source_port)};
}

NodeId draw_field(NodeStore& store, OperationCache& cache, const Box& box, Field field, NodeId inside) {
  const NodeId nothing = store.terminals() - 1;
  NodeId node = inside;
  bool first = true;
  const auto add = [&](NodeId chain) {
    node = std::exchange(first, false) ? chain : Apply(store, cache, Larger{nothing})(node, chain);
  };
  for (const Box::Within& within : box.within()) {
    if (within.field == field)
      add(interval_chain(store, field, *within.values, inside, nothing));
  }
  for (const Box::Masked& masked : box.masked()) {
    if (masked.field == field)
      add(masked_chain(store, field, masked.value, masked.mask, inside, nothing));
  }
  return node;
}

}  // namespace

BoxKey key_of(const Box& box, Family family) {
  return make_key(family, [&](Field field) { return ends_of(box, field, family); });
}

BoxKey key_of(const Packet& lowest) {
  return make_key(lowest.family, [&](Field field) { return Ends{lowest[field], lowest[field]}; });
}

NodeId draw_box(NodeStore& store, OperationCache& cache, const Box& box, NodeId inside) {
  std::uint32_t fields = 0;
  for (const Box::Within& within : box.within())
    fields |= 1U << static_cast<unsigned>(within.field);
  for (const Box::Masked& masked : box.masked())
    fields |= 1U << static_cast<unsigned>(masked.field);
  NodeId node = inside;
  for (unsigned index = field_count; index-- > 0;) {
    if ((fields >> index & 1U) != 0)
      node = draw_field(store, cache, box, static_cast<Field>(index), node);
  }
  return node;
}

NodeId merge_priorities(NodeStore& store, OperationCache& cache, NodeId a, NodeId b) {
  return Apply(store, cache, Smaller{store.terminals() - 1})(a, b);
}

NodeId merge_priorities(NodeStore& store, OperationCache& cache, std::span<const NodeId> roots) {
  return Apply(store, cache, Smaller{store.terminals() - 1}).all(roots.data(), roots.data() + roots.size());
}

}  // namespace segproof
