// SPDX-License-Identifier: Apache-2.0
#include "claim/row_texts.h"

#include <algorithm>

#include "packet/rows.h"

namespace segproof::claim {

std::vector<std::string> row_texts(PacketSet packets, RowStyle style) {
  constexpr std::size_t most_rows = 1000;
  PacketSet headers = packets;
  for (const Field field : {Field::origin, Field::ingress, Field::egress, Field::state, Field::translated, Field::mark,
                            Field::connection_mark}) {
    headers = headers.forget(field);
  }
  if (style == RowStyle::services_only) {
    headers = headers.forget(Field::source).forget(Field::destination);
  }
  // Headers that cannot exist may be added freely: they make the rows fewer.
  const auto rows = cover(headers, headers | headers.space().valid().complement(), most_rows);
  if (!rows) {
    return {"..."};
  }
  std::vector<std::string> result;
  for (const Row& row : *rows) {
    std::string text = style == RowStyle::services_only ? service_text(row) : to_string(row);
    if (std::find(result.begin(), result.end(), text) == result.end()) {
      result.push_back(std::move(text));
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace segproof::claim
