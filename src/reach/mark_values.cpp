// SPDX-License-Identifier: Apache-2.0
#include "reach/mark_values.h"

#include <algorithm>
#include <array>
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
  std::vector<model::SetMark> sets;
  std::vector<model::CopyMark> copies;
  for_each_action(rules, [&](const model::Action& action) {
    if (const auto* set = std::get_if<model::SetMark>(&action)) {
      sets.push_back(*set);
    } else if (const auto* copy = std::get_if<model::CopyMark>(&action)) {
      copies.push_back(*copy);
    } else if (std::holds_alternative<model::Anything>(action)) {
      exact_ = false;  // it may set any mark
    }
  });
  // Both kinds together, since copies lead from one to the other.
  std::array<std::vector<std::uint32_t>, 2> values{{{0}, {0}}};
  std::array<std::set<std::uint32_t>, 2> known{{{0}, {0}}};
  const auto add = [&](std::size_t to, std::uint32_t value) {
    const bool is_new = known[to].insert(value).second;
    if (is_new) {
      values[to].push_back(value);
    }
    exact_ = exact_ && values[to].size() <= limit;
    return is_new;
  };
  bool grew = true;
  while (grew && exact_) {
    grew = false;
    for (const model::SetMark& set : sets) {
      const auto at = static_cast<std::size_t>(set.kind);
      for (std::size_t v = 0; v < values[at].size() && exact_; ++v) {
        grew = add(at, (values[at][v] & set.keep) ^ set.flip) || grew;
      }
    }
    for (const model::CopyMark& copy : copies) {
      const auto at = static_cast<std::size_t>(copy.to);
      const std::vector<std::uint32_t> sources = values[1 - at];
      for (const std::uint32_t from : sources) {
        for (std::size_t v = 0; v < values[at].size() && exact_; ++v) {
          grew = add(at, (values[at][v] & ~copy.to_mask) ^ (from & copy.from_mask)) || grew;
        }
      }
    }
  }
  values_ = std::move(values[static_cast<std::size_t>(kind)]);
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
