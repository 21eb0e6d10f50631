// SPDX-License-Identifier: Apache-2.0
// Comma-separated values as RFC 4180 writes them: cells in quotes may hold delimiters, doubled quotes and line breaks.
// Also taken: LF or CR alone as line end, a byte order mark, `;` or tab as delimiter, Excel's first line `sep=;`, blank
// lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "input/inventory/reporter.h"

namespace segproof::input::inventory {

// Reads one row after the other, so that a file is never in memory as cells. Not thread-safe.
class CsvRows {
 public:
  // The delimiter that is not given is found from the first row: the commonest of `,`, `;` and tab outside of quotes.
  CsvRows(Reporter& reporter, std::optional<char> delimiter);

  [[nodiscard]] char delimiter() const { return delimiter_; }

  // The cells of the next row that is not blank, white space around unquoted cells removed; nothing at the end. Cells
  // above the limit of a row are an error and dropped. Faults of quoting are reported; the row is then read on as well
  // as possible.
  [[nodiscard]] std::optional<std::vector<Value>> next();

 private:
  [[nodiscard]] Value read_cell();
  [[nodiscard]] Value read_quoted();
  [[nodiscard]] Value read_plain();
  void skip_line_end();
  [[nodiscard]] bool at_cell_end() const;
  [[nodiscard]] std::size_t column() const { return at_ - line_start_ + 1; }
  void find_delimiter();

  Reporter& reporter_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::size_t line_ = 1;
  char delimiter_ = ',';
};

}  // namespace segproof::input::inventory
