// SPDX-License-Identifier: Apache-2.0
// Certificates of inconclusive verdicts: packets that break the claim if what nothing decides comes out in one way. The
// ways are tried, those first that the checker's replay objects to.
#pragma once

#include <string_view>

#include "claim/verdict.h"
#include "proof/certified.h"

namespace segproof::proof {

// `verdict` is inconclusive. Work is bounded.
[[nodiscard]] Certified certify_inconclusive(std::string_view network, std::string_view sha256,
                                             const claim::Verdict& verdict);

}  // namespace segproof::proof
