// SPDX-License-Identifier: Apache-2.0
// The native rules of one device (docs/files.md), as a model::RuleSet. Rules are asked in order; the first match
// decides.
#pragma once

#include <cstdint>
#include <vector>

#include "input/yaml/names.h"
#include "model/network.h"
#include "model/rule.h"

namespace segproof::input::yaml {

struct NativeRules {
  model::RuleSet rules;
  std::vector<model::Gap> gaps;  // rules with unresolved names; without a node
};

enum class NativeHome : std::uint8_t { policy, own_file };

// `map` is what stands below `native`, or a whole file `segproof: rules/1`, whose `names` are added to a copy of the
// table.
[[nodiscard]] NativeRules read_native_rules(Faults& faults, const View& map, NativeHome home, const NameTable& names);

}  // namespace segproof::input::yaml
