// SPDX-License-Identifier: Apache-2.0
// One address translation as a relation between headers: a packet may come out with any of the new values. Image and
// pre-image are exact for sets of values and for 1:1 networks whose old network is fixed by the guard.
#pragma once

#include <optional>

#include "base/source.h"
#include "model/rule.h"
#include "packet/address.h"
#include "packet/space.h"
#include "reach/approximation.h"
#include "reach/header_sets.h"

namespace segproof::reach {

struct Rewrite {
  model::Endpoint endpoint = model::Endpoint::destination;
  IntervalSet addresses;          // empty: the address stays
  std::optional<Prefix> network;  // 1:1 instead of `addresses`
  std::optional<Interval> ports;  // nothing: the port stays, unless port_is_free
  bool port_is_free = false;      // the device picks any port when it must
  SourceSpan origin;

  // The device picks one of several new headers.
  [[nodiscard]] bool has_choice() const {
    const bool one_address =
        addresses.intervals().size() <= 1 &&
        (addresses.is_empty() || addresses.intervals().front().low == addresses.intervals().front().high);
    return !one_address || (ports && ports->low != ports->high);
  }
  // Of Field::translated.
  [[nodiscard]] Bits bit() const { return endpoint == model::Endpoint::destination ? 1 : 2; }
  [[nodiscard]] Field address_field() const {
    return endpoint == model::Endpoint::source ? Field::source : Field::destination;
  }
  [[nodiscard]] Field port_field() const {
    return endpoint == model::Endpoint::source ? Field::source_port : Field::destination_port;
  }
};

// What packets become. `under` keeps a port that the device may keep.
[[nodiscard]] PacketSet image(const Rewrite& rewrite, PacketSet packets, const HeaderSets& headers,
                              Approximation approximation);
// Those of `packets` that may come out as they went in: such a flow does not count as translated.
[[nodiscard]] PacketSet unchanged(const Rewrite& rewrite, PacketSet packets, const HeaderSets& headers,
                                  Approximation approximation);
// The packets of `guard` that may become one of `packets`.
[[nodiscard]] PacketSet preimage(const Rewrite& rewrite, PacketSet packets, PacketSet guard, const HeaderSets& headers,
                                 Approximation approximation);

}  // namespace segproof::reach
