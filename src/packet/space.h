// SPDX-License-Identifier: Apache-2.0
// A Space owns the diagrams of one address family: hash-consed, ordered multi-digit interval decision diagrams
// (docs/decisions/0001). A PacketSet is a value that points into its Space: canonical, so equality is one comparison.
// A Space only grows; it lives for one phase of work. It must outlive its PacketSets, and belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "base/assert.h"
#include "packet/field.h"
#include "packet/interval_set.h"
#include "packet/packet.h"

namespace segproof {

class Space;

// Thrown when a Space would grow beyond its budget. Whoever asked the question answers "resource limit".
struct SpaceExhausted : std::runtime_error {
  SpaceExhausted() : std::runtime_error("packet set budget exhausted") {}
};

class PacketSet {
 public:
  [[nodiscard]] Space& space() const { return *space_; }
  [[nodiscard]] std::uint32_t root() const { return root_; }
  [[nodiscard]] bool is_empty() const { return root_ == 0; }
  [[nodiscard]] bool is_all() const { return root_ == 1; }

  // All operands of an operation belong to one Space.
  friend PacketSet operator|(PacketSet a, PacketSet b);
  friend PacketSet operator&(PacketSet a, PacketSet b);
  friend PacketSet operator-(PacketSet a, PacketSet b);
  PacketSet& operator|=(PacketSet b) { return *this = *this | b; }
  PacketSet& operator&=(PacketSet b) { return *this = *this & b; }
  PacketSet& operator-=(PacketSet b) { return *this = *this - b; }
  [[nodiscard]] PacketSet complement() const;
  friend bool operator==(PacketSet a, PacketSet b) {
    SEGPROOF_ASSERT(a.space_ == b.space_);  // roots of different spaces say nothing about each other
    return a.root_ == b.root_;
  }
  // Without building the difference or the intersection.
  [[nodiscard]] bool subset_of(PacketSet other) const;
  [[nodiscard]] bool intersects(PacketSet other) const;
  [[nodiscard]] bool contains(const Packet& packet) const;

  // All packets that agree with one of this set in every field but `field`.
  [[nodiscard]] PacketSet forget(Field field) const { return forget(FieldSet{field}); }
  // In every field of these: one walk for all of them.
  [[nodiscard]] PacketSet forget(FieldSet fields) const;
  // Rewrites: `field` becomes each of `values` in every packet of this set (forget, then restrict).
  [[nodiscard]] PacketSet assign(Field field, const IntervalSet& values) const;
  // Rewrites `field` to (field & ~mask) | (value & mask). `mask` is any; prefix masks are fast.
  // Precondition: every result is a value of the field.
  [[nodiscard]] PacketSet assign_bits(Field field, Bits value, Bits mask) const;
  // Rewrites a field of at most 16 bits: value v becomes table[v]; values beyond the table stay.
  [[nodiscard]] PacketSet relabel(Field field, std::span<const std::uint16_t> table) const;
  // Source and destination address change places, and for protocols with ports the ports too.
  [[nodiscard]] PacketSet swap_endpoints() const;
  // The packets with field = value, as a set in which `field` is free.
  [[nodiscard]] PacketSet cofactor(Field field, Bits value) const;
  // Which values of `field` occur.
  [[nodiscard]] IntervalSet values(Field field) const;

  // One packet of the set, the same for equal sets. Fields are decided one after the other in the order of
  // `preferences` and then of the enumerators; each takes the first preferred value that is possible, else the
  // smallest possible one. Nothing when the set is empty.
  struct Preference {
    Field field;
    std::vector<Interval> wanted;  // best first
  };
  [[nodiscard]] std::optional<Packet> pick(std::span<const Preference> preferences = {}) const;

 private:
  friend class Space;
  PacketSet(Space* space, std::uint32_t root) : space_(space), root_(root) {}
  Space* space_;
  std::uint32_t root_;
};

class Space {
 public:
  struct Budget {
    std::size_t edges = std::size_t{1} << 28;
  };
  explicit Space(Family family);
  Space(Family family, Budget budget);
  ~Space();
  Space(const Space&) = delete;
  Space& operator=(const Space&) = delete;

  [[nodiscard]] Family family() const;
  [[nodiscard]] PacketSet none();
  [[nodiscard]] PacketSet all();
  // The packets whose `field` lies in `values` (values above the field's largest are cut off).
  [[nodiscard]] PacketSet where(Field field, const IntervalSet& values);
  [[nodiscard]] PacketSet where(Field field, Bits value);
  // (field & mask) == (value & mask); the mask need not be contiguous.
  [[nodiscard]] PacketSet where_masked(Field field, Bits value, Bits mask);
  // Packets that can exist: ports and ICMP overlay only where the protocol has them and the packet is no later
  // fragment, TCP flags only in TCP, source port 0 for ICMP. Every set that leaves the engine is within it.
  [[nodiscard]] PacketSet valid();
  [[nodiscard]] PacketSet only(const Packet& packet);
  // Union or intersection of many, balanced: much faster than one by one. Empty spans give none() and all().
  [[nodiscard]] PacketSet any_of(std::span<const PacketSet> sets);
  [[nodiscard]] PacketSet all_of(std::span<const PacketSet> sets);
  // Copies a set of another Space of the same family into this one.
  [[nodiscard]] PacketSet import(PacketSet other);

  struct Size {
    std::size_t nodes = 0;
    std::size_t edges = 0;
  };
  [[nodiscard]] Size size() const;               // of everything built so far
  [[nodiscard]] Size size(PacketSet set) const;  // of one set

  class Diagram;  // the implementation (packet/diagram.h); other files of the room may use it
  [[nodiscard]] Diagram& diagram() { return *diagram_; }
  [[nodiscard]] const Diagram& diagram() const { return *diagram_; }
  [[nodiscard]] PacketSet wrap(std::uint32_t root) { return PacketSet(this, root); }

 private:
  std::unique_ptr<Diagram> diagram_;
};

}  // namespace segproof
