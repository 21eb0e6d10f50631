// SPDX-License-Identifier: Apache-2.0
#include "reach/effect.h"

namespace segproof::reach {
namespace {

std::vector<std::uint16_t> compose(const std::vector<std::uint16_t>& first, const std::vector<std::uint16_t>& second) {
  if (first.empty() || second.empty()) {
    return first.empty() ? second : first;
  }
  std::vector<std::uint16_t> result;
  bool identity = true;
  for (std::size_t i = 0; i < first.size(); ++i) {
    result.push_back(second[first[i]]);
    identity = identity && result.back() == i;
  }
  return identity ? std::vector<std::uint16_t>{} : result;
}

// True when every value becomes the same one, whatever it was.
bool is_constant(const std::vector<std::uint16_t>& table) {
  for (const std::uint16_t value : table) {
    if (value != table.front()) {
      return false;
    }
  }
  return !table.empty();
}

}  // namespace

Effect operator*(const Effect& first, const Effect& second) {
  Effect result;
  result.mark_unsure = second.mark_unsure || (first.mark_unsure && !is_constant(second.mark));
  result.connection_mark_unsure =
      second.connection_mark_unsure || (first.connection_mark_unsure && !is_constant(second.connection_mark));
  if (!result.mark_unsure) {
    result.mark = first.mark_unsure ? second.mark : compose(first.mark, second.mark);
  }
  if (!result.connection_mark_unsure) {
    result.connection_mark =
        first.connection_mark_unsure ? second.connection_mark : compose(first.connection_mark, second.connection_mark);
  }
  result.untracked = first.untracked || second.untracked;
  result.helped = first.helped || second.helped;
  return result;
}

}  // namespace segproof::reach
