// SPDX-License-Identifier: Apache-2.0
#include "claim/unplaced.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace segproof::claim {

std::vector<UndecidedInput> unplaced_hosts(const Resolved& places, const model::Network& network) {
  std::vector<UndecidedInput> result;
  for (const PlacePart& part : places.parts) {
    const Place& place = part.place;
    if (place.kind == PlaceKind::interface && !place.segment.valid() && network.interface(place.interface).is_up) {
      result.push_back({network.interface(place.interface).origin, DiagnosticCode::address_without_segment,
                        fmt::format("host {} is on no segment that is known and may be anywhere",
                                    quote(network.node(place.node).name))});
    }
  }
  return result;
}

std::vector<UndecidedInput> unplaced_parties(const Claim& claim, const model::Network& network) {
  std::vector<UndecidedInput> result;
  const auto hangs_loose = [&](const model::Interface& interface) {
    return !interface.segment.valid() && interface.is_up;
  };
  if (std::none_of(network.interfaces.begin(), network.interfaces.end(), hangs_loose)) {
    return result;
  }
  for (const std::vector<Name>* names : {&claim.from, &claim.to, &claim.hosts}) {
    for (UndecidedInput& host : unplaced_hosts(resolve(*names, network), network)) {
      result.push_back(std::move(host));
    }
  }
  return result;
}

std::vector<UndecidedInput> doubts_everywhere(const model::Network& network) {
  std::vector<UndecidedInput> result;
  for (const model::Gap& gap : network.gaps) {
    if (!gap.node.valid()) {
      result.push_back({gap.span, gap.code, gap.why});
    }
  }
  return result;
}

}  // namespace segproof::claim
