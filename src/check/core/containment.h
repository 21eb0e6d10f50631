// SPDX-License-Identifier: Apache-2.0
// The questions of claims about compromise.
#pragma once

#include "check/core/question.h"

namespace check {

// As questions_of, for the kinds `contained` and `no-exfiltration`.
[[nodiscard]] std::vector<Question> containment(const Claim& claim, const Surroundings& world, const Places& fallen);

}  // namespace check
