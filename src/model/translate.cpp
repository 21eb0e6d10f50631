// SPDX-License-Identifier: Apache-2.0
#include "model/translate.h"

namespace segproof::model {
namespace {

// What is known of a rewritten value: did it stay, did it change, or may it be either?
struct Rewriter {
  Flight& flight;

  [[nodiscard]] IntervalSet current(Field field) const {
    const std::optional<IntervalSet>& open = flight.open[static_cast<std::size_t>(field)];
    return open ? *open : IntervalSet::single(flight.packet[field]);
  }

  // Gives the field one of `values`; returns whether that changed it.
  Truth assign(Field field, const IntervalSet& values) {
    const IntervalSet before = current(field);
    std::optional<IntervalSet>& open = flight.open[static_cast<std::size_t>(field)];
    if (values.size() == 1) {
      flight.packet[field] = values.min();
      open.reset();
    } else {
      open = values;
    }
    if (!before.intersects(values))
      return Truth::yes;
    return before == values && values.size() == 1 ? Truth::no : Truth::unknown;
  }

  // Sets the bit of Field::translated, or leaves it open.
  void mark_translated(Bits bit, Truth changed) {
    std::optional<IntervalSet>& open = flight.open[static_cast<std::size_t>(Field::translated)];
    Bits& value = flight.packet[Field::translated];
    if (changed == Truth::no)
      return;
    if (changed == Truth::unknown && (value & bit) == 0) {
      open = IntervalSet{{value, value}, {value | bit, value | bit}};
      return;
    }
    value |= bit;
    if (open)
      open.reset();
  }
};

IntervalSet new_addresses(const Translate& action, const Flight& flight, const Surroundings& world,
                          const IntervalSet& before) {
  const Family family = flight.packet.family;
  const Bits everything = field_max(Field::source, family);
  switch (action.to) {
    case Translate::To::ranges:
      return action.addresses.empty() ? before : IntervalSet::of(action.addresses);
    case Translate::To::interface_address: {
      const bool at_source = action.endpoint == Endpoint::source;
      if (!at_source && flight.ingress.empty()) {  // generated here: redirected to the loopback address
        return IntervalSet::single(family == Family::ipv4 ? Bits{0x7f000001U} : Bits{1});
      }
      const IntervalSet own = world.addresses_of(at_source ? flight.egress : flight.ingress, family);
      return own.is_empty() ? IntervalSet::range(0, everything) : own;
    }
    case Translate::To::network: {
      if (!action.network)
        return before;
      if (before.size() != 1)
        return IntervalSet{action.network->interval()};
      const Bits host = low_ones(address_width(family) - action.network->length);
      return IntervalSet::single(action.network->first() | (before.min() & host));
    }
  }
  return before;
}

// The ports that the kernel chooses from when it must change one that nothing restricts.
IntervalSet free_ports(Bits port) {
  if (port < 512)
    return IntervalSet::range(1, 511);
  return port < 1024 ? IntervalSet::range(600, 1023) : IntervalSet::range(1024, 65535);
}

IntervalSet new_ports(const Translate& action, const IntervalSet& before) {
  if (action.ports) {
    const IntervalSet allowed{*action.ports};
    return action.keeps_port && allowed.contains(before) ? before : allowed;
  }
  const bool stays = action.keeps_port || action.endpoint == Endpoint::destination || before.size() != 1;
  return stays ? before : free_ports(before.min());
}

}  // namespace

void translate(const Translate& action, Flight& flight, const Surroundings& world) {
  const bool has_addresses = action.to == Translate::To::network || !action.addresses.empty();
  if (has_addresses && action.family != flight.packet.family)
    return;
  const bool at_source = action.endpoint == Endpoint::source;
  Rewriter rewriter{flight};

  const Field address = at_source ? Field::source : Field::destination;
  Truth changed = rewriter.assign(address, new_addresses(action, flight, world, rewriter.current(address)));
  if (has_ports(flight.packet.protocol()) && flight.packet[Field::fragment] == 0) {
    const Field port = at_source ? Field::source_port : Field::destination_port;
    IntervalSet ports = new_ports(action, rewriter.current(port));
    // Since Linux 6.16 the ports of DCCP stay.
    if (flight.packet.protocol() == protocol_number::dccp)
      ports = ports | rewriter.current(port);
    changed = changed || rewriter.assign(port, ports);
  }
  rewriter.mark_translated(at_source ? 2 : 1, changed);
}

}  // namespace segproof::model
