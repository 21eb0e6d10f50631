// SPDX-License-Identifier: Apache-2.0
#include "packet/space.h"

#include "base/assert.h"
#include "packet/diagram.h"

namespace segproof {
namespace {

NodeId root_of(PacketSet set, const Space& space) {
  SEGPROOF_ASSERT(&set.space() == &space);
  return set.root();
}

std::vector<NodeId> roots_of(std::span<const PacketSet> sets, const Space& space) {
  std::vector<NodeId> roots;
  roots.reserve(sets.size());
  for (const PacketSet& set : sets)
    roots.push_back(root_of(set, space));
  return roots;
}

}  // namespace

Space::Space(Family family) : Space(family, Budget{}) {}
Space::Space(Family family, Budget budget) : diagram_(std::make_unique<Diagram>(family, budget.edges)) {}
Space::~Space() = default;

Family Space::family() const {
  return diagram_->levels().family();
}
PacketSet Space::none() {
  return wrap(Diagram::none);
}
PacketSet Space::all() {
  return wrap(Diagram::all);
}
PacketSet Space::where(Field field, const IntervalSet& values) {
  return wrap(diagram_->where(field, values));
}
PacketSet Space::where(Field field, Bits value) {
  return where(field, IntervalSet::single(value));
}
PacketSet Space::where_masked(Field field, Bits value, Bits mask) {
  return wrap(diagram_->where_masked(field, value, mask));
}
PacketSet Space::valid() {
  return wrap(diagram_->valid());
}
PacketSet Space::only(const Packet& packet) {
  SEGPROOF_ASSERT(packet.family == family());
  return wrap(diagram_->only(packet));
}
PacketSet Space::any_of(std::span<const PacketSet> sets) {
  return wrap(diagram_->unite_all(roots_of(sets, *this)));
}
PacketSet Space::all_of(std::span<const PacketSet> sets) {
  return wrap(diagram_->intersect_all(roots_of(sets, *this)));
}
PacketSet Space::import(PacketSet other) {
  if (&other.space() == this)
    return other;
  return wrap(diagram_->import(other.space().diagram(), other.root()));
}
Space::Size Space::size() const {
  return {diagram_->store().node_count(), diagram_->store().edge_total()};
}
Space::Size Space::size(PacketSet set) const {
  return diagram_->size(root_of(set, *this));
}

PacketSet operator|(PacketSet a, PacketSet b) {
  return a.space().wrap(a.space().diagram().unite(a.root(), root_of(b, a.space())));
}
PacketSet operator&(PacketSet a, PacketSet b) {
  return a.space().wrap(a.space().diagram().intersect(a.root(), root_of(b, a.space())));
}
PacketSet operator-(PacketSet a, PacketSet b) {
  return a.space().wrap(a.space().diagram().subtract(a.root(), root_of(b, a.space())));
}
PacketSet PacketSet::complement() const {
  return space_->all() - *this;
}
bool PacketSet::subset_of(PacketSet other) const {
  return space_->diagram().is_subset(root_, root_of(other, *space_));
}
bool PacketSet::intersects(PacketSet other) const {
  return space_->diagram().intersects(root_, root_of(other, *space_));
}
bool PacketSet::contains(const Packet& packet) const {
  return space_->diagram().contains(root_, packet);
}

PacketSet PacketSet::forget(FieldSet fields) const {
  return space_->wrap(space_->diagram().forget(fields, root_));
}
PacketSet PacketSet::assign(Field field, const IntervalSet& values) const {
  return forget(field) & space_->where(field, values);
}
PacketSet PacketSet::assign_bits(Field field, Bits value, Bits mask) const {
  return space_->wrap(space_->diagram().assign_bits(field, value, mask, root_));
}
PacketSet PacketSet::relabel(Field field, std::span<const std::uint16_t> table) const {
  return space_->wrap(space_->diagram().relabel(field, table, root_));
}
PacketSet PacketSet::swap_endpoints() const {
  std::vector<Interval> numbers;
  for (unsigned number = 0; number < 256; ++number) {
    if (has_ports(static_cast<std::uint8_t>(number)))
      numbers.push_back({number, number});
  }
  Space::Diagram& diagram = space_->diagram();
  const NodeId swapped = diagram.exchange(Field::destination, Field::source, root_);
  const NodeId with_ports = diagram.where(Field::protocol, IntervalSet::of(std::move(numbers)));
  const NodeId ports_swapped =
      diagram.exchange(Field::destination_port, Field::source_port, diagram.intersect(swapped, with_ports));
  return space_->wrap(diagram.unite(ports_swapped, diagram.subtract(swapped, with_ports)));
}
PacketSet PacketSet::cofactor(Field field, Bits value) const {
  return space_->wrap(space_->diagram().cofactor(field, value, root_));
}
IntervalSet PacketSet::values(Field field) const {
  return space_->diagram().to_intervals(field, space_->diagram().support(field, root_));
}
std::optional<Packet> PacketSet::pick(std::span<const Preference> preferences) const {
  return space_->diagram().pick(root_, preferences);
}

}  // namespace segproof
