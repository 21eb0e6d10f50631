// SPDX-License-Identifier: Apache-2.0
#include "input/inventory/csv_table.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "base/text.h"

namespace segproof::input::inventory {
namespace {

constexpr std::size_t largest_row = 1000;

}  // namespace

CsvRows::CsvRows(Reporter& reporter, std::optional<char> delimiter) : reporter_(reporter), text_(reporter.text()) {
  if (text_.starts_with("\xef\xbb\xbf")) {
    at_ = 3;
  }
  const std::string_view first = reporter_.line(1);
  if (first.size() == at_ + 5 && first.substr(at_).starts_with("sep=")) {
    delimiter_ = first.back();
    at_ = std::min(first.size() + (text_.substr(first.size()).starts_with("\r\n") ? 2U : 1U), text_.size());
    line_ = 2;
    line_start_ = at_;
  } else {
    find_delimiter();
  }
  delimiter_ = delimiter.value_or(delimiter_);
}

void CsvRows::find_delimiter() {
  constexpr std::array<char, 3> known{',', ';', '\t'};
  std::array<std::size_t, 3> counts{};
  bool quoted = false;
  for (const char c : reporter_.line(1)) {
    quoted = quoted != (c == '"');
    for (std::size_t i = 0; i < known.size(); ++i) {
      counts[i] += !quoted && c == known[i] ? 1U : 0U;
    }
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < known.size(); ++i) {
    best = counts[i] > counts[best] ? i : best;
  }
  delimiter_ = known[best];
}

bool CsvRows::at_cell_end() const {
  return at_ == text_.size() || text_[at_] == delimiter_ || text_[at_] == '\n' || text_[at_] == '\r';
}

void CsvRows::skip_line_end() {
  if (at_ < text_.size() && text_[at_] == '\r') {
    ++at_;
  }
  if (at_ < text_.size() && text_[at_] == '\n') {
    ++at_;
    ++line_;
    line_start_ = at_;
  }
}

Value CsvRows::read_plain() {
  const std::size_t begin = at_;
  const std::size_t start_column = column();
  std::optional<std::size_t> quote_at;
  while (!at_cell_end()) {
    if (text_[at_] == '"' && !quote_at) {
      quote_at = column();
    }
    ++at_;
  }
  const std::string_view written = text_.substr(begin, at_ - begin);
  const std::string_view cell = trim(written);
  if (quote_at) {
    reporter_.error(DiagnosticCode::csv_quote_misplaced, reporter_.span(line_, *quote_at, 1),
                    "a quote within a cell that does not begin with one",
                    "put the whole cell in quotes and write its quotes twice");
  }
  const std::size_t indent = cell.empty() ? 0 : static_cast<std::size_t>(cell.data() - written.data());
  return {.text = std::string(cell), .span = reporter_.span(line_, start_column + indent, cell.size())};
}

Value CsvRows::read_quoted() {
  Value cell{.text = {}, .span = reporter_.span(line_, column(), 1)};
  const std::size_t open_line = line_;
  const std::size_t open_column = column();
  ++at_;
  while (true) {
    if (at_ == text_.size()) {
      reporter_.error(DiagnosticCode::csv_quote_unterminated, cell.span, "the quote is not closed");
      return cell;
    }
    if (text_[at_] == '"') {
      if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        ++at_;
      } else {
        break;
      }
    }
    const bool line_end = text_[at_] == '\n';
    cell.text += text_[at_++];
    if (line_end) {
      ++line_;
      line_start_ = at_;
    }
  }
  ++at_;
  if (line_ == open_line) {
    cell.span = reporter_.span(line_, open_column, column() - open_column);
  }
  const std::size_t behind = at_;
  while (!at_cell_end()) {
    ++at_;
  }
  if (!trim(text_.substr(behind, at_ - behind)).empty()) {
    reporter_.error(DiagnosticCode::csv_quote_misplaced, reporter_.span(line_, behind - line_start_ + 1, at_ - behind),
                    "text behind the closing quote of a cell", "quotes in a quoted cell are written twice");
  }
  return cell;
}

Value CsvRows::read_cell() {
  std::size_t first = at_;
  while (first < text_.size() && text_[first] == ' ') {
    ++first;
  }
  if (first < text_.size() && text_[first] == '"') {
    at_ = first;
    return read_quoted();
  }
  return read_plain();
}

std::optional<std::vector<Value>> CsvRows::next() {
  while (at_ < text_.size()) {
    std::vector<Value> cells;
    bool too_long = false;
    while (true) {
      Value cell = read_cell();
      if (cells.size() < largest_row) {
        cells.push_back(std::move(cell));
      } else if (!std::exchange(too_long, true)) {
        reporter_.error(DiagnosticCode::inventory_too_large, cell.span,
                        fmt::format("the row has more than {} cells", largest_row));
      }
      if (at_ == text_.size() || text_[at_] != delimiter_) {
        break;
      }
      ++at_;
    }
    skip_line_end();
    if (cells.size() > 1 || !cells.front().text.empty()) {
      return cells;
    }
  }
  return std::nullopt;
}

}  // namespace segproof::input::inventory
