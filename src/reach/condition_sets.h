// SPDX-License-Identifier: Apache-2.0
// Conditions as sets of packets. Tests on marks and tracking are seen through the effects that earlier rules of the
// same walk had (reach/effect.h), because a set speaks of the packet as it entered the stage.
#pragma once

#include <functional>

#include "model/condition.h"
#include "packet/priority.h"
#include "packet/space.h"
#include "reach/effect.h"
#include "reach/header_sets.h"
#include "reach/may_must.h"
#include "reach/node_facts.h"

namespace segproof::reach {

class ConditionSets {
 public:
  ConditionSets(const NodeFacts& facts, const HeaderSets& headers) : facts_(&facts), headers_(&headers) {}

  [[nodiscard]] MayMust of(const model::Condition& condition, const Effect& effect = {}) const;
  // True when the answer depends on the effect.
  [[nodiscard]] static bool sees_effects(const model::Condition& condition);
  // True when the condition is decided and a conjunction of tests of single fields, so that with_box may be asked.
  [[nodiscard]] bool is_box(const model::Condition& condition, const Effect& effect) const;
  // Calls `use` with the condition as a box, which lives for the call only. Builds no set. Precondition: is_box.
  void with_box(const model::Condition& condition, const Effect& effect,
                const std::function<void(const Box&)>& use) const;

 private:
  [[nodiscard]] MayMust of(const model::Test& test, const Effect& effect) const;
  [[nodiscard]] MayMust known(PacketSet packets, bool negated) const;
  [[nodiscard]] MayMust unknown() const;
  [[nodiscard]] MayMust nothing() const;
  struct Interfaces {
    Field field;
    IntervalSet matching;
    IntervalSet perhaps;  // those whose name is not recorded
  };
  [[nodiscard]] Interfaces interfaces_of(const model::InterfaceTest& test) const;
  [[nodiscard]] MayMust interface_test(const model::InterfaceTest& test) const;
  [[nodiscard]] MayMust track_test(const model::TrackTest& test, const Effect& effect) const;
  [[nodiscard]] MayMust mark_test(const model::MarkTest& test, const Effect& effect) const;
  [[nodiscard]] MayMust address_type_test(const model::AddressTypeTest& test) const;
  [[nodiscard]] MayMust any_test(const model::AnyTest& test, const Effect& effect) const;
  [[nodiscard]] Space& space() const { return headers_->space(); }

  const NodeFacts* facts_;
  const HeaderSets* headers_;
};

}  // namespace segproof::reach
