// SPDX-License-Identifier: Apache-2.0
#include "reach/mark_values.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/assert.h"

namespace segproof::reach {
namespace {

template <class Visit>
void for_each_action(const model::RuleSet& rules, Visit visit) {
  for (const model::Chain& chain : rules.chains) {
    for (const model::Rule& rule : chain.rules) {
      visit(rule.action);
    }
  }
}

}  // namespace

MarkValues::MarkValues(const model::RuleSet& rules, model::MarkKind kind, std::size_t limit) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> operations;
  for_each_action(rules, [&](const model::Action& action) {
    if (const auto* set = std::get_if<model::SetMark>(&action); set != nullptr && set->kind == kind) {
      operations.emplace(set->keep, set->flip);
    } else if (const auto* copy = std::get_if<model::CopyMark>(&action); copy != nullptr && copy->to == kind) {
      operations.emplace(~copy->to_mask, 0U);  // copying from a mark that is 0
    }
  });
  std::set<std::uint32_t> known{0};
  for (std::size_t next = 0; next < values_.size() && exact_; ++next) {
    for (const auto& [keep, flip] : operations) {
      const std::uint32_t value = (values_[next] & keep) ^ flip;
      if (known.insert(value).second) {
        values_.push_back(value);
      }
    }
    exact_ = values_.size() <= limit;
  }
}

std::vector<std::uint16_t> MarkValues::table(std::uint32_t keep, std::uint32_t flip) const {
  SEGPROOF_ASSERT(exact_);
  std::vector<std::uint16_t> result;
  result.reserve(values_.size());
  for (const std::uint32_t value : values_) {
    const auto found = std::find(values_.begin(), values_.end(), (value & keep) ^ flip);
    SEGPROOF_ASSERT(found != values_.end());
    result.push_back(static_cast<std::uint16_t>(found - values_.begin()));
  }
  return result;
}

bool connection_marks_matter(const model::RuleSet& rules) {
  bool set = false;
  for_each_action(rules, [&](const model::Action& action) {
    if (const auto* mark = std::get_if<model::SetMark>(&action)) {
      set = set || mark->kind == model::MarkKind::connection;
    } else if (const auto* copy = std::get_if<model::CopyMark>(&action)) {
      set = set || copy->to == model::MarkKind::connection;
    }
  });
  return set;
}

}  // namespace segproof::reach
