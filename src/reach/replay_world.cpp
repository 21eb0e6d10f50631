// SPDX-License-Identifier: Apache-2.0
#include "reach/replay_world.h"

#include "base/assert.h"
#include "reach/node_facts.h"

namespace segproof::reach {

std::optional<model::AddressType> ReplayWorld::type_of(const Address& address, const std::string& limit) const {
  const NodeFacts& facts = ground_->facts(node_);
  if (!limit.empty()) {
    for (const model::InterfaceId id : facts.node().interfaces) {
      if (ground_->network().interface(id).name == limit && facts.addresses_on(id).contains(address.bits)) {
        return model::AddressType::local;
      }
    }
  }
  using model::AddressType;
  for (const AddressType type :
       {AddressType::local, AddressType::broadcast, AddressType::multicast, AddressType::unspecified,
        AddressType::blackhole, AddressType::unreachable, AddressType::prohibit}) {
    if (type == AddressType::local && !limit.empty()) {
      continue;
    }
    if (facts.of_type(type, nullptr).contains(address.bits)) {
      return type;
    }
  }
  return AddressType::unicast;
}

IntervalSet ReplayWorld::addresses_of(const std::string& interface, Family family) const {
  SEGPROOF_ASSERT(family == ground_->family());
  const NodeFacts& facts = ground_->facts(node_);
  for (const model::InterfaceId id : facts.node().interfaces) {
    if (ground_->network().interface(id).name == interface) {
      return facts.addresses_on(id);
    }
  }
  return {};
}

}  // namespace segproof::reach
