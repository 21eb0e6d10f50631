// SPDX-License-Identifier: Apache-2.0
#include "report/csv.h"

#include "base/display.h"

namespace segproof::report {

std::string csv_cell(std::string_view text) {
  std::string cell = escape_controls(text);
  const std::size_t first = cell.find_first_not_of(' ');
  // The full-width forms count as well: some spreadsheets read them as the plain ones.
  bool formula = false;
  for (const std::string_view start : {"=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"}) {
    formula = formula || (first != std::string::npos && std::string_view(cell).substr(first).starts_with(start));
  }
  if (formula) {
    cell.insert(0, 1, '\'');
  }
  if (!formula && cell.find_first_of(",\";") == std::string::npos && first == 0 && cell.back() != ' ') {
    return cell;
  }
  if (cell.empty()) {
    return cell;
  }
  std::string quoted = "\"";
  for (const char c : cell) {
    quoted += c;
    quoted.append(c == '"' ? 1 : 0, '"');
  }
  return quoted + '"';
}

}  // namespace segproof::report
