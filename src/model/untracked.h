// SPDX-License-Identifier: Apache-2.0
// What Linux leaves undone while nothing tracks connections.
#pragma once

#include "model/rule.h"

namespace segproof::model {

// Linux asks chains of translations only while something tracks connections of the family. Where no rule of `rules`
// does, something else on the host may, or nothing: where it matters, each such stage becomes one that perhaps is not
// there. To be called once, when the stages of tracking are in place.
void doubt_translations_without_tracking(RuleSet& rules);

}  // namespace segproof::model
