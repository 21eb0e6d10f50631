// SPDX-License-Identifier: Apache-2.0
// Whether one packet meets a condition, in Kleene's three values.
#include <algorithm>

#include "base/assert.h"
#include "model/walk.h"

namespace segproof::model {
namespace {

constexpr Bits most_values_tried = 4096;

Truth truth(bool value) {
  return value ? Truth::yes : Truth::no;
}

const std::optional<IntervalSet>& open_field(const Flight& flight, Field field) {
  return flight.open[static_cast<std::size_t>(field)];
}

// The truth of a property over all values that an open field may have.
template <class Property>
Truth over_values(const IntervalSet& values, Property property) {
  if (values.size() > most_values_tried)
    return Truth::unknown;
  bool any_yes = false;
  bool any_no = false;
  for (const Interval& interval : values.intervals()) {
    for (Bits value = interval.low;; ++value) {
      (property(value) ? any_yes : any_no) = true;
      if (value == interval.high)
        break;
    }
  }
  return any_yes && any_no ? Truth::unknown : truth(any_yes);
}

class Evaluator {
 public:
  Evaluator(const Flight& flight, const Surroundings& world) : flight_(flight), world_(world) {}

  Truth operator()(const FieldTest& test) const {
    if (test.family && *test.family != flight_.packet.family)
      return Truth::no;
    const std::optional<IntervalSet>& open = open_field(flight_, test.field);
    if (!open)
      return truth(test.values.contains(flight_.packet[test.field]));
    if (test.values.contains(*open))
      return Truth::yes;
    return test.values.intersects(*open) ? Truth::unknown : Truth::no;
  }

  Truth operator()(const MaskTest& test) const {
    if (test.family && *test.family != flight_.packet.family)
      return Truth::no;
    const auto holds = [&](Bits value) { return ((value & test.mask) == test.value) != test.negated; };
    const std::optional<IntervalSet>& open = open_field(flight_, test.field);
    return open ? over_values(*open, holds) : truth(holds(flight_.packet[test.field]));
  }

  Truth operator()(const InterfaceTest& test) const {
    const std::string& name = test.direction == Direction::ingress ? flight_.ingress : flight_.egress;
    // An absent interface equals no name, but begins with nothing.
    const bool same = test.is_prefix ? name.starts_with(test.name) : !name.empty() && name == test.name;
    return truth(same != test.negated);
  }

  Truth operator()(const TrackTest& test) const {
    const auto state_in = [&](Bits state) { return (Bits{test.states} >> static_cast<unsigned>(state) & 1U) != 0; };
    const auto translated_in = [&](Bits bits) { return (Bits{test.translated} & bits) != 0; };
    const Truth found = over_field(Field::state, state_in) || over_field(Field::translated, translated_in);
    return test.negated ? !found : found;
  }

  Truth operator()(const MarkTest& test) const {
    if (!flight_.marks_certain)
      return Truth::unknown;
    const std::uint32_t mark = test.kind == MarkKind::packet ? flight_.mark : flight_.connection_mark;
    return truth(((mark & test.mask) == test.value) != test.negated);
  }

  Truth operator()(const AddressTypeTest& test) const {
    const bool of_source = test.endpoint == Endpoint::source;
    if (open_field(flight_, of_source ? Field::source : Field::destination))
      return Truth::unknown;
    std::string limit;
    if (test.interface_limit) {
      limit = *test.interface_limit == Direction::ingress ? flight_.ingress : flight_.egress;
    }
    const Address address = of_source ? flight_.packet.source() : flight_.packet.destination();
    const std::optional<AddressType> type = world_.type_of(address, limit);
    if (!type)
      return Truth::unknown;
    return truth(((test.types >> static_cast<unsigned>(*type) & 1U) != 0) != test.negated);
  }

  Truth operator()(const MeasureTest& test) const {
    const std::optional<Bits> value = world_.measure(test.measure, flight_);
    return value ? truth(test.values.contains(*value)) : Truth::unknown;
  }

  Truth operator()(const UnknownTest& test) const {
    const Truth found = world_.holds(test);
    return test.negated ? !found : found;
  }

  Truth operator()(const AnyTest& test) const {
    Truth found = Truth::no;
    for (const Condition& alternative : test.alternatives) {
      found = found || evaluate(alternative, flight_, world_);
      if (found == Truth::yes)
        break;
    }
    return test.negated ? !found : found;
  }

 private:
  template <class Property>
  Truth over_field(Field field, Property property) const {
    const std::optional<IntervalSet>& open = open_field(flight_, field);
    return open ? over_values(*open, property) : truth(property(flight_.packet[field]));
  }

  const Flight& flight_;
  const Surroundings& world_;
};

}  // namespace

Truth evaluate(const Condition& condition, const Flight& flight, const Surroundings& world) {
  const Evaluator evaluator(flight, world);
  Truth result = Truth::yes;
  for (const Test& test : condition.tests) {
    result = result && std::visit(evaluator, test);
    if (result == Truth::no)
      break;
  }
  return result;
}

}  // namespace segproof::model
