// SPDX-License-Identifier: Apache-2.0
// The values that a node's packet or connection marks can take, numbered so that they fit into one digit of a diagram.
// Index 0 is the mark 0 that every packet starts with.
#pragma once

#include <cstdint>
#include <vector>

#include "model/rule.h"

namespace segproof::reach {

class MarkValues {
 public:
  // All values of this kind that setting and copying can make out of 0. Beyond `limit` values of either kind, or when
  // an action may do anything, the set is not exact: then every mark is "some value" and tests on it are undecided.
  MarkValues(const model::RuleSet& rules, model::MarkKind kind, std::size_t limit = 1024);

  [[nodiscard]] bool exact() const { return exact_; }
  [[nodiscard]] const std::vector<std::uint32_t>& values() const { return values_; }
  // For each index the index of (value & keep) ^ flip. Precondition: exact(), and the action is one of the rule set.
  [[nodiscard]] std::vector<std::uint16_t> table(std::uint32_t keep, std::uint32_t flip) const;

 private:
  std::vector<std::uint32_t> values_{0};
  bool exact_ = true;
};

// True when some rule copies the one kind of mark to the other and connection marks can be other than 0.
[[nodiscard]] bool connection_marks_matter(const model::RuleSet& rules);

}  // namespace segproof::reach
