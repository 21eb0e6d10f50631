// SPDX-License-Identifier: Apache-2.0
// The certificates of a whole run.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "claim/verdict.h"
#include "proof/certify.h"

namespace segproof::proof {

// For each verdict its certificate, or why there is none. `network` is the text of the network file that holds the
// claims. Up to `jobs` threads (0: as many as the machine has); the result does not depend on them. `progress` is
// called from one thread at a time, after each verdict.
[[nodiscard]] std::vector<Certified> certify_all(std::string_view network, std::span<const claim::Verdict> verdicts,
                                                 unsigned jobs,
                                                 const std::function<void(std::size_t, std::size_t)>& progress = {});

}  // namespace segproof::proof
