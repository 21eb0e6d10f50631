// SPDX-License-Identifier: Apache-2.0
#include "base/line_account.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"

namespace segproof {

std::string_view line_use_name(LineUse use) {
  switch (use) {
    case LineUse::blank:
      return "blank";
    case LineUse::modelled:
      return "modelled";
    case LineUse::irrelevant:
      return "irrelevant";
    case LineUse::undecided:
      return "undecided";
    case LineUse::unmodelled:
      return "unmodelled";
  }
  SEGPROOF_UNREACHABLE();
}

std::size_t LineAccount::count(LineUse use) const {
  return static_cast<std::size_t>(std::ranges::count(uses, use));
}

std::vector<LineRun> LineAccount::runs(LineUse use) const {
  std::vector<LineRun> found;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const auto line = static_cast<std::uint32_t>(i + 1);
    if (uses[i] == use && !found.empty() && found.back().last + 1 == line) {
      found.back().last = line;
    } else if (uses[i] == use) {
      found.push_back({line, line});
    }
  }
  return found;
}

bool is_blank_or_comment(std::string_view line) {
  const std::string_view text = trim(line);
  return text.empty() || text.front() == '#' || text.front() == ';';
}

}  // namespace segproof
