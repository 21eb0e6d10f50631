// SPDX-License-Identifier: Apache-2.0
#include "markdown_table.h"

#include "base/text.h"

namespace segproof::test {
namespace {

std::string_view without_backticks(std::string_view cell) {
  if (cell.size() >= 2 && cell.front() == '`' && cell.back() == '`') {
    cell.remove_prefix(1);
    cell.remove_suffix(1);
  }
  return cell;
}

TableRow cells(std::string_view line) {
  TableRow row;
  std::vector<std::string_view> parts = split(line, '|');
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    row.emplace_back(without_backticks(trim(parts[i])));
  }
  return row;
}

bool is_dashes(std::string_view line) {
  return line.find_first_not_of("|-: ") == std::string_view::npos;
}

}  // namespace

std::vector<TableRow> markdown_table(std::string_view text, std::string_view first_column) {
  std::vector<TableRow> table;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trim(raw);
    const bool in_table = line.starts_with("|");
    if (table.empty()) {
      if (in_table && !is_dashes(line) && cells(line).front() == first_column) {
        table.push_back(cells(line));
      }
    } else if (!in_table) {
      break;
    } else if (!is_dashes(line)) {
      table.push_back(cells(line));
    }
  }
  return table;
}

std::vector<std::string> cell_items(std::string_view cell) {
  std::vector<std::string> items;
  for (const std::string_view item : split(cell, ',')) {
    if (!trim(item).empty()) {
      items.emplace_back(without_backticks(trim(item)));
    }
  }
  return items;
}

}  // namespace segproof::test
