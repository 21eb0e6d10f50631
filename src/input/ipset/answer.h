// SPDX-License-Identifier: Apache-2.0
// The packets that a set matches, as the kernel's ipset modules look for them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "input/ipset/element.h"
#include "model/set_lookup.h"

namespace segproof::ipset {

// A set that is not a list. `directions` has at least as many entries as the type has dimensions, and the family fits.
// Sets of one field become one test; of several, as few alternatives as equal parts allow.
[[nodiscard]] model::SetAnswer answer_of(const SetShape& shape, const std::vector<Element>& elements,
                                         const model::SetQuestion& question);

}  // namespace segproof::ipset
