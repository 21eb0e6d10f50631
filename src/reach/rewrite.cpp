// SPDX-License-Identifier: Apache-2.0
#include "reach/rewrite.h"

namespace segproof::reach {
namespace {

Bits network_mask(const Prefix& network) {
  const unsigned width = address_width(network.address.family);
  return low_ones(width) ^ low_ones(width - network.length);
}

std::optional<IntervalSet> new_ports(const Rewrite& rewrite, Approximation approximation) {
  if (rewrite.ports) {
    return IntervalSet::range(rewrite.ports->low, rewrite.ports->high);
  }
  if (rewrite.port_is_free && approximation == Approximation::over) {
    return IntervalSet::range(0, 65535);
  }
  return std::nullopt;
}

// The translation leaves their ports alone on some kernels.
PacketSet perhaps_same_ports(PacketSet packets, const HeaderSets& headers, Approximation approximation) {
  return approximation == Approximation::over ? packets & headers.perhaps_portless() : headers.space().none();
}

}  // namespace

PacketSet image(const Rewrite& rewrite, PacketSet packets, const HeaderSets& headers, Approximation approximation) {
  PacketSet result = packets;
  if (rewrite.network) {
    result = result.assign_bits(rewrite.address_field(), rewrite.network->first(), network_mask(*rewrite.network));
  } else if (!rewrite.addresses.is_empty()) {
    result = result.assign(rewrite.address_field(), rewrite.addresses);
  }
  if (const auto ports = new_ports(rewrite, approximation)) {
    const PacketSet ported = result & headers.with_ports();
    const PacketSet same_ports = perhaps_same_ports(result, headers, approximation);
    result = (result - ported) | same_ports | ported.assign(rewrite.port_field(), *ports);
  }
  return result;
}

PacketSet unchanged(const Rewrite& rewrite, PacketSet packets, const HeaderSets& headers, Approximation approximation) {
  PacketSet result = packets;
  if (rewrite.network) {
    result &=
        headers.space().where_masked(rewrite.address_field(), rewrite.network->first(), network_mask(*rewrite.network));
  } else if (!rewrite.addresses.is_empty()) {
    result &= headers.space().where(rewrite.address_field(), rewrite.addresses);
  }
  if (rewrite.ports) {
    const PacketSet kept = headers.space().where(rewrite.port_field(), IntervalSet{*rewrite.ports});
    result = (result - headers.with_ports()) | perhaps_same_ports(result, headers, approximation) |
             (result & headers.with_ports() & kept);
  }
  return result;
}

PacketSet preimage(const Rewrite& rewrite, PacketSet packets, PacketSet guard, const HeaderSets& headers,
                   Approximation approximation) {
  PacketSet result = packets;
  if (const auto ports = new_ports(rewrite, approximation)) {
    const PacketSet ported = result & headers.with_ports();
    result = (result - ported) | perhaps_same_ports(result, headers, approximation) |
             (ported & headers.space().where(rewrite.port_field(), *ports)).forget(rewrite.port_field());
  }
  const Field field = rewrite.address_field();
  if (rewrite.network) {
    const Bits mask = network_mask(*rewrite.network);
    result &= headers.space().where_masked(field, rewrite.network->first(), mask);
    const IntervalSet old = guard.values(field);
    const Bits base = old.is_empty() ? Bits{0} : old.min() & mask;
    const bool one_network =
        !old.is_empty() && IntervalSet::range(base, base | low_ones(address_width(rewrite.network->address.family) -
                                                                    rewrite.network->length))
                               .contains(old);
    result = one_network ? result.assign_bits(field, base, mask) : result.forget(field);
  } else if (!rewrite.addresses.is_empty()) {
    result = (result & headers.space().where(field, rewrite.addresses)).forget(field);
  }
  return result & guard;
}

}  // namespace segproof::reach
