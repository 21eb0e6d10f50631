// SPDX-License-Identifier: Apache-2.0
// The direction in which a set of packets may err. `over` holds every packet that might pass; `under` holds packets for
// which some course of events that nothing undecided can prevent was found, and each of them is replayed before anyone
// is told (docs/semantics.md).
#pragma once

#include <cstdint>

namespace segproof::reach {

enum class Approximation : std::uint8_t {
  over,
  under,
  certain,  // as under, but without any choice of the network (equal-cost routes): what passes whatever is chosen
};

}  // namespace segproof::reach
