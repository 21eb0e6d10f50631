// SPDX-License-Identifier: Apache-2.0
// The networks on which planted bugs are tried: numbered, the same in every process.
#pragma once

#include "agree/naive/random_network.h"

namespace segproof::mutants {

// Random networks; every eighth asks a chain of its own first, which lets some packets come back and drops the others:
// few networks have a RETURN on which something depends by themselves.
[[nodiscard]] naive::RandomCase network_of(std::uint64_t number);

}  // namespace segproof::mutants
