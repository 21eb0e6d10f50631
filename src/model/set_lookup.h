// SPDX-License-Identifier: Apache-2.0
// Named sets that stand outside the rules which ask for them (ipset): the question of a rule, and the answer of whoever
// holds the sets. It lets a reader of rules use sets without knowing in which format they are written.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/condition.h"
#include "packet/field.h"

namespace segproof::model {

struct SetQuestion {
  std::string_view name;
  Family family = Family::ipv4;
  std::vector<Endpoint> directions;  // which end of the packet gives each dimension, in order
  bool return_nomatch = false;       // exceptions of the set match, and its elements do not
};

struct SetAnswer {
  AnyTest content;        // holds for the packets that the set matches, not negated
  std::string undecided;  // not empty: why nothing is known of them; `content` is not used then
};

// Empty where no sets were given: every question is undecided.
using SetLookup = std::function<SetAnswer(const SetQuestion&)>;

}  // namespace segproof::model
