// SPDX-License-Identifier: Apache-2.0
#include "report/verdict_table.h"

#include <algorithm>
#include <array>

#include "report/cite.h"
#include "report/outcome_look.h"

namespace segproof::report {
namespace {

constexpr std::size_t gap = 2;
// Longer ids and directions are folded; a wide page allows more.
constexpr std::size_t widest_id = 24;
constexpr std::size_t widest_direction = 44;
constexpr std::size_t least_reason = 36;
constexpr std::size_t least_direction = 16;

using Row = std::array<Pieces, 5>;

Row cells_of(const claim::Verdict& verdict) {
  const std::string note = verdict.advisory ? "advisory: " : "";
  return {Pieces{outcome_piece(verdict.outcome)}, Pieces{{.text = verdict.id, .ink = Ink::strong}},
          Pieces{{.text = std::string(claim::kind_name(verdict.kind)), .ink = Ink::plain}},
          Pieces{{.text = direction(verdict.from, verdict.to), .ink = Ink::plain}},
          Pieces{{.text = note + verdict.reason, .ink = Ink::plain}}};
}

struct Layout {
  std::array<std::size_t, 4> widths{};
  enum class Shape { wide, reason_below, stacked } shape = Shape::wide;
};

Layout layout_of(std::span<const Row> rows, std::size_t page_width) {
  Layout layout;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < layout.widths.size(); ++i) {
      layout.widths[i] = std::max(layout.widths[i], width_of(row[i]));
    }
  }
  layout.widths[1] = std::min(layout.widths[1], std::max(widest_id, page_width / 6));
  layout.widths[3] = std::min(layout.widths[3], std::max(widest_direction, page_width / 4));
  const std::size_t left = layout.widths[0] + layout.widths[1] + layout.widths[2] + 3 * gap;
  if (left + layout.widths[3] + gap + least_reason <= page_width) {
    layout.shape = Layout::Shape::wide;
  } else if (left + least_direction <= page_width) {
    layout.shape = Layout::Shape::reason_below;
  } else {
    layout.shape = Layout::Shape::stacked;
  }
  return layout;
}

void add_row(Page& page, const Row& row, const Layout& layout) {
  const auto& w = layout.widths;
  switch (layout.shape) {
    case Layout::Shape::wide:
      page.row(row, std::array<Column, 5>{{{w[0]}, {w[1]}, {w[2]}, {w[3]}, {0}}});
      return;
    case Layout::Shape::reason_below:
      page.row(std::span(row).first(4), std::array<Column, 4>{{{w[0]}, {w[1]}, {w[2]}, {0}}});
      break;
    case Layout::Shape::stacked:
      page.row(std::span(row).first(2), std::array<Column, 2>{{{w[0]}, {0}}});
      page.paragraph(row[2], gap);
      page.paragraph(row[3], gap);
      break;
  }
  if (width_of(row[4]) > 0) {
    page.paragraph(row[4], 2 * gap);
  }
}

}  // namespace

void add_verdict_table(Page& page, std::span<const claim::Verdict> verdicts) {
  std::vector<Row> rows{{Pieces{{.text = "VERDICT", .ink = Ink::quiet}}, Pieces{{.text = "CLAIM", .ink = Ink::quiet}},
                         Pieces{{.text = "KIND", .ink = Ink::quiet}}, Pieces{{.text = "FROM -> TO", .ink = Ink::quiet}},
                         Pieces{{.text = "REASON", .ink = Ink::quiet}}}};
  for (const claim::Verdict& verdict : verdicts) {
    rows.push_back(cells_of(verdict));
  }
  const Layout layout = layout_of(rows, page.width());
  if (layout.shape == Layout::Shape::reason_below) {
    rows.front()[4].clear();
  }
  const std::size_t header = layout.shape == Layout::Shape::stacked ? 1 : 0;
  for (std::size_t i = header; i < rows.size(); ++i) {
    add_row(page, rows[i], layout);
  }
}

}  // namespace segproof::report
