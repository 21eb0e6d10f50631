// SPDX-License-Identifier: Apache-2.0
// The network file: a network, what it was read from, and the claims about it, flat, for people and checkers
// (docs/certificate.md sections 1 to 3). It says what the readers understood; nothing of the engine is in it.
#pragma once

#include <string>
#include <vector>

#include "base/source.h"
#include "model/claim.h"
#include "model/network.h"

namespace segproof::proof {

// A file that was read.
struct Input {
  std::string path;
  std::string sha256;  // of its bytes
};

// Same network, same bytes; the order of `inputs` does not matter. O(size of the network).
// Precondition: rule sets are without flaw, names of nodes and segments are unique.
[[nodiscard]] std::string network_text(const model::Network& network, const std::vector<claim::Claim>& claims,
                                       const std::vector<Input>& inputs, const SourceStore& sources);

}  // namespace segproof::proof
