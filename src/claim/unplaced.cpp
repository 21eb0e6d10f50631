// SPDX-License-Identifier: Apache-2.0
#include "claim/unplaced.h"

#include <fmt/format.h>

#include "base/text.h"
#include "claim/places.h"

namespace segproof::claim {

std::vector<UndecidedInput> unplaced_parties(const Claim& claim, const model::Network& network) {
  std::vector<UndecidedInput> result;
  for (const std::vector<Name>* names : {&claim.from, &claim.to, &claim.hosts}) {
    for (const PlacePart& part : resolve(*names, network).parts) {
      const Place& place = part.place;
      if (place.kind != PlaceKind::interface || place.segment.valid() || !network.interface(place.interface).is_up) {
        continue;
      }
      result.push_back({network.interface(place.interface).origin, DiagnosticCode::address_without_segment,
                        fmt::format("host {} is on no segment that is known and may be anywhere",
                                    quote(network.node(place.node).name))});
    }
  }
  return result;
}

}  // namespace segproof::claim
