// SPDX-License-Identifier: Apache-2.0
// The networks on which planted bugs are tried: numbered, the same in every process.
#pragma once

#include "agree/naive/random_network.h"

namespace segproof::mutants {

[[nodiscard]] inline naive::RandomCase network_of(std::uint64_t number) {
  return naive::random_case(number, number % 2 == 0 ? naive::Flavour::decided : naive::Flavour::undecided);
}

}  // namespace segproof::mutants
