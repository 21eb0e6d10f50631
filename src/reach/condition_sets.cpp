// SPDX-License-Identifier: Apache-2.0
#include "reach/condition_sets.h"

#include <algorithm>
#include <deque>

#include "base/assert.h"

namespace segproof::reach {
namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

bool name_matches(const model::InterfaceTest& test, std::string_view name) {
  return test.is_prefix ? name.substr(0, test.name.size()) == test.name : name == test.name;
}

}  // namespace

MayMust ConditionSets::known(PacketSet packets, bool negated) const {
  const PacketSet result = negated ? packets.complement() : packets;
  return {result, result};
}

MayMust ConditionSets::unknown() const {
  return {space().all(), space().none()};
}
MayMust ConditionSets::nothing() const {
  return {space().none(), space().none()};
}

MayMust ConditionSets::of(const model::Condition& condition, const Effect& effect) const {
  MayMust result{space().all(), space().all()};
  for (const model::Test& test : condition.tests) {
    result = result & of(test, effect);
    if (result.may.is_empty()) {
      break;
    }
  }
  return result;
}

bool ConditionSets::sees_effects(const model::Condition& condition) {
  return std::any_of(condition.tests.begin(), condition.tests.end(), [](const model::Test& test) {
    if (const auto* any = std::get_if<model::AnyTest>(&test)) {
      return std::any_of(any->alternatives.begin(), any->alternatives.end(), sees_effects);
    }
    return std::holds_alternative<model::MarkTest>(test) || std::holds_alternative<model::TrackTest>(test);
  });
}

MayMust ConditionSets::of(const model::Test& test, const Effect& effect) const {
  const Family family = facts_->family;
  return std::visit(
      Overload{
          [&](const model::FieldTest& t) {
            return t.family && *t.family != family ? nothing() : known(space().where(t.field, t.values), false);
          },
          [&](const model::MaskTest& t) {
            if (t.family && *t.family != family) {
              return nothing();
            }
            // A value with bits beside the mask is never met.
            const bool possible = (t.value & ~t.mask) == 0;
            return known(possible ? space().where_masked(t.field, t.value, t.mask) : space().none(), t.negated);
          },
          [&](const model::InterfaceTest& t) { return interface_test(t); },
          [&](const model::TrackTest& t) { return track_test(t, effect); },
          [&](const model::MarkTest& t) { return mark_test(t, effect); },
          [&](const model::AddressTypeTest& t) { return address_type_test(t); },
          [&](const model::MeasureTest&) { return unknown(); },
          [&](const model::UnknownTest&) { return unknown(); },
          [&](const model::AnyTest& t) { return any_test(t, effect); },
      },
      test);
}

bool ConditionSets::is_box(const model::Condition& condition, const Effect& effect) const {
  return std::all_of(condition.tests.begin(), condition.tests.end(), [&](const model::Test& test) {
    if (std::holds_alternative<model::FieldTest>(test)) {
      return true;
    }
    if (const auto* masked = std::get_if<model::MaskTest>(&test)) {
      return !masked->negated && (masked->value & ~masked->mask) == 0;
    }
    if (const auto* interface = std::get_if<model::InterfaceTest>(&test)) {
      return interfaces_of(*interface).perhaps.is_empty();
    }
    const auto* track = std::get_if<model::TrackTest>(&test);
    return track != nullptr && !track->negated && (track->translated & 3U) == 0 && !effect.untracked;
  });
}

void ConditionSets::with_box(const model::Condition& condition, const Effect& effect,
                             const std::function<void(const Box&)>& use) const {
  SEGPROOF_ASSERT(is_box(condition, effect));
  const auto is_of_other_family = [&](const auto& test) { return test.family && *test.family != facts_->family; };
  std::deque<IntervalSet> kept;  // a box refers to its intervals
  Box box;
  for (const model::Test& test : condition.tests) {
    if (const auto* field = std::get_if<model::FieldTest>(&test)) {
      if (is_of_other_family(*field)) {
        return;  // matches nothing
      }
      box.where(field->field, field->values);
    } else if (const auto* masked = std::get_if<model::MaskTest>(&test)) {
      if (is_of_other_family(*masked)) {
        return;
      }
      box.where_masked(masked->field, masked->value, masked->mask);
    } else if (const auto* interface = std::get_if<model::InterfaceTest>(&test)) {
      const Interfaces interfaces = interfaces_of(*interface);
      const Bits max = field_max(interfaces.field, facts_->family);
      box.where(interfaces.field,
                kept.emplace_back(interface->negated ? interfaces.matching.complement(max) : interfaces.matching));
    } else if (const auto* track = std::get_if<model::TrackTest>(&test)) {
      std::vector<Interval> states;
      for (std::size_t role = 0; role < role_count; ++role) {
        for (std::size_t state = 0; state < track_state_count; ++state) {
          if ((track->states >> state & 1U) != 0) {
            const Bits value = HeaderSets::encode(static_cast<Role>(role), static_cast<TrackState>(state));
            states.push_back({value, value});
          }
        }
      }
      box.where(Field::state, kept.emplace_back(IntervalSet::of(std::move(states))));
    }
  }
  use(box);
}

ConditionSets::Interfaces ConditionSets::interfaces_of(const model::InterfaceTest& test) const {
  const bool inward = test.direction == model::Direction::ingress;
  std::vector<Interval> yes;
  std::vector<Interval> perhaps;
  const auto sort = [&](Bits value, std::string_view name, bool nameless) {
    if (nameless) {
      perhaps.push_back({value, value});
    } else if (name_matches(test, name)) {
      yes.push_back({value, value});
    }
  };
  sort(0, "", false);
  if (inward) {
    for (const model::InterfaceId id : facts_->node().interfaces) {
      const std::string& name = facts_->network->interface(id).name;
      sort(facts_->ingress_of(id), name, name.empty());
    }
  } else {
    for (std::size_t hop = 0; hop < facts_->hops.size(); ++hop) {
      const model::InterfaceId id = facts_->hops[hop].interface;
      const std::string_view name = id.valid() ? std::string_view(facts_->network->interface(id).name) : "";
      sort(hop + 1, name, name.empty());
    }
  }
  return {inward ? Field::ingress : Field::egress, IntervalSet::of(std::move(yes)),
          IntervalSet::of(std::move(perhaps))};
}

MayMust ConditionSets::interface_test(const model::InterfaceTest& test) const {
  const Interfaces interfaces = interfaces_of(test);
  const PacketSet surely = space().where(interfaces.field, interfaces.matching);
  const MayMust result{surely | space().where(interfaces.field, interfaces.perhaps), surely};
  return test.negated ? !result : result;
}

MayMust ConditionSets::track_test(const model::TrackTest& test, const Effect& effect) const {
  PacketSet packets = space().none();
  for (std::size_t state = 0; state < track_state_count; ++state) {
    if ((test.states >> state & 1U) == 0) {
      continue;
    }
    if (effect.untracked) {
      packets = state == static_cast<std::size_t>(TrackState::untracked) ? space().all() : packets;
    } else {
      packets |= headers_->with_state(static_cast<TrackState>(state));
    }
  }
  if (!effect.untracked) {
    std::vector<Interval> translations;
    for (Bits bits = 1; bits < 4; ++bits) {
      if ((bits & test.translated) != 0) {
        translations.push_back({bits, bits});
      }
    }
    packets |= space().where(Field::translated, IntervalSet::of(translations));
  }
  return known(packets, test.negated);
}

MayMust ConditionSets::mark_test(const model::MarkTest& test, const Effect& effect) const {
  const bool on_packet = test.kind == model::MarkKind::packet;
  const MarkValues& values = on_packet ? facts_->marks : facts_->connection_marks;
  const bool unsure = on_packet ? effect.mark_unsure : effect.connection_mark_unsure;
  if (unsure || !values.exact()) {
    return unknown();
  }
  const std::vector<std::uint16_t>& table = on_packet ? effect.mark : effect.connection_mark;
  std::vector<Interval> matching;
  for (std::size_t index = 0; index < values.values().size(); ++index) {
    const std::uint32_t value = values.values()[table.empty() ? index : table[index]];
    if ((value & test.mask) == test.value) {  // a value with bits beside the mask is never met
      matching.push_back({index, index});
    }
  }
  const Field field = on_packet ? Field::mark : Field::connection_mark;
  return known(space().where(field, IntervalSet::of(matching)), test.negated);
}

MayMust ConditionSets::address_type_test(const model::AddressTypeTest& test) const {
  const Field field = test.endpoint == model::Endpoint::source ? Field::source : Field::destination;
  PacketSet packets = space().none();
  for (unsigned type = 0; type <= static_cast<unsigned>(model::AddressType::prohibit); ++type) {
    if ((test.types >> type & 1U) == 0) {
      continue;
    }
    const auto wanted = static_cast<model::AddressType>(type);
    if (!test.interface_limit || wanted != model::AddressType::local) {
      packets |= space().where(field, facts_->of_type(wanted, nullptr));
      continue;
    }
    for (const model::InterfaceId id : facts_->node().interfaces) {
      const std::vector<model::InterfaceId> only{id};
      const PacketSet there = space().where(field, facts_->of_type(wanted, &only));
      if (*test.interface_limit == model::Direction::ingress) {
        packets |= there & space().where(Field::ingress, facts_->ingress_of(id));
        continue;
      }
      for (std::size_t hop = 0; hop < facts_->hops.size(); ++hop) {
        if (facts_->hops[hop].interface == id) {
          packets |= there & space().where(Field::egress, hop + 1);
        }
      }
    }
  }
  return known(packets, test.negated);
}

MayMust ConditionSets::any_test(const model::AnyTest& test, const Effect& effect) const {
  MayMust result = nothing();
  for (const model::Condition& alternative : test.alternatives) {
    result = result | of(alternative, effect);
  }
  return test.negated ? !result : result;
}

}  // namespace segproof::reach
