// SPDX-License-Identifier: Apache-2.0
// Certificates of refutations: the steps of a witness, told as the checker takes them. Which wire a packet leaves by,
// and who takes it there, is tried; what becomes of it is the checker's own replay.
#pragma once

#include <string_view>

#include "claim/verdict.h"
#include "proof/certified.h"

namespace segproof::proof {

// `verdict` is refuted. Work is bounded.
[[nodiscard]] Certified certify_refuted(std::string_view network, std::string_view sha256,
                                        const claim::Verdict& verdict);

}  // namespace segproof::proof
