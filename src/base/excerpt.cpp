// SPDX-License-Identifier: Apache-2.0
#include "base/excerpt.h"

namespace segproof {

std::string_view front_of(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    return text;
  }
  const auto is_inner = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U; };
  std::size_t end = limit;
  while (end > 0 && limit - end < 3 && is_inner(end)) {
    --end;
  }
  return text.substr(0, is_inner(end) ? limit : end);
}

}  // namespace segproof
