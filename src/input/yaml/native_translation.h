// SPDX-License-Identifier: Apache-2.0
// The `nat` list of a native rule set.
#pragma once

#include "input/yaml/native_rules.h"

namespace segproof::input::yaml {

// Adds a chain and a stage for the translation of destinations (before routing) and one for sources (after routing),
// each if the list has entries of that sort.
void read_translations(Faults& faults, const View& list, const NameTable& names, NativeRules& result);

}  // namespace segproof::input::yaml
