// SPDX-License-Identifier: Apache-2.0
#include "check/core/sets.h"

#include <algorithm>

namespace check {

Sets::Sets(Family family) : family_(family), sets_{{{0, ~Value{0}}}, {}} {
  known_.emplace(sets_[any_value], any_value);
  known_.emplace(sets_[no_value], no_value);
}

Value Sets::last(Field field) const {
  switch (field) {
    case source:
    case destination:
      return family_ == Family::ipv4 ? 0xffffffffU : ~Value{0};
    case sport:
    case dport:
      return 65535;
    case protocol:
    case flags:
      return 255;
    case fragment:
      return 1;
    case role:
      return 2;
  }
  return 0;
}

SetId Sets::keep(Ranges ranges) {
  const auto [place, is_new] = known_.emplace(ranges, static_cast<SetId>(sets_.size()));
  if (is_new) {
    sets_.push_back(std::move(ranges));
  }
  return place->second;
}

SetId Sets::of(Field field, Ranges ranges) {
  const Value end = last(field);
  std::sort(ranges.begin(), ranges.end());
  Ranges result;
  for (const Range& range : ranges) {
    if (range.low > end || range.low > range.high) {
      continue;
    }
    const Value high = std::min(range.high, end);
    if (!result.empty() && (result.back().high == end || range.low <= result.back().high + 1)) {
      result.back().high = std::max(result.back().high, high);
    } else {
      result.push_back({range.low, high});
    }
  }
  const bool is_all = result.size() == 1 && result[0].low == 0 && result[0].high == end;
  return is_all ? any_value : keep(std::move(result));
}

SetId Sets::single(Field field, Value value) {
  const auto [known, is_new] = singles_[field].try_emplace(value, no_value);
  if (is_new) {
    known->second = of(field, {{value, value}});
  }
  return known->second;
}

SetId Sets::meet(SetId a, SetId b) {
  if (a == b || b == any_value || a == no_value) {
    return a;
  }
  if (a == any_value || b == no_value) {
    return b;
  }
  const std::uint64_t key = std::uint64_t{std::min(a, b)} << 32U | std::max(a, b);
  if (const auto found = meets_.find(key); found != meets_.end()) {
    return found->second;
  }
  Ranges result;
  auto left = sets_[a].begin();
  auto right = sets_[b].begin();
  while (left != sets_[a].end() && right != sets_[b].end()) {
    const Value low = std::max(left->low, right->low);
    const Value high = std::min(left->high, right->high);
    if (low <= high) {
      result.push_back({low, high});
    }
    if (left->high < right->high) {
      ++left;
    } else {
      ++right;
    }
  }
  const SetId id = keep(std::move(result));
  meets_.emplace(key, id);
  return id;
}

SetId Sets::join(Field field, SetId a, SetId b) {
  if (a == b || b == no_value || a == any_value) {
    return a;
  }
  const auto [known, is_new] = joins_[field].try_emplace(std::uint64_t{a} << 32U | b, no_value);
  if (is_new) {
    Ranges all = ranges(field, a);
    const Ranges more = ranges(field, b);
    all.insert(all.end(), more.begin(), more.end());
    known->second = of(field, std::move(all));
  }
  return known->second;
}

SetId Sets::without(Field field, SetId a, SetId b) {
  const std::uint64_t key = std::uint64_t{field} << 32U | b;
  if (const auto found = complements_.find(key); found != complements_.end()) {
    return meet(a, found->second);
  }
  Ranges gaps;
  Value next = 0;
  bool open = true;
  for (const Range& range : ranges(field, b)) {
    if (range.low > next) {
      gaps.push_back({next, range.low - 1});
    }
    open = range.high < last(field);
    next = open ? range.high + 1 : 0;
  }
  if (open) {
    gaps.push_back({next, last(field)});
  }
  return meet(a, complements_.emplace(key, of(field, std::move(gaps))).first->second);
}

Ranges Sets::ranges(Field field, SetId set) const {
  return set == any_value ? Ranges{{0, last(field)}} : sets_[set];
}

Value Sets::least(SetId set) const {
  return sets_[set].empty() ? 0 : sets_[set].front().low;
}

Box Sets::meet(const Box& a, const Box& b) {
  Box result{};
  for (std::size_t f = 0; f < field_count; ++f) {
    result[f] = meet(a[f], b[f]);
  }
  return result;
}

bool Sets::within(const Box& a, const Box& b) {
  for (std::size_t f = 0; f < field_count; ++f) {
    if (!within(a[f], b[f])) {
      return false;
    }
  }
  return true;
}

bool Sets::is_empty(const Box& box) {
  return std::find(box.begin(), box.end(), no_value) != box.end();
}

void Sets::cut(const Box& box, const Box& hole, std::vector<Box>& pieces) {
  Box rest = box;
  if (is_empty(meet(box, hole))) {
    pieces.push_back(box);
    return;
  }
  for (std::size_t f = 0; f < field_count; ++f) {
    const SetId outside = without(static_cast<Field>(f), rest[f], hole[f]);
    if (outside != no_value) {
      pieces.push_back(rest);
      pieces.back()[f] = outside;
    }
    rest[f] = meet(rest[f], hole[f]);
  }
}

}  // namespace check
