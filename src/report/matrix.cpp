// SPDX-License-Identifier: Apache-2.0
#include "report/matrix.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/display.h"
#include "base/json_writer.h"
#include "report/cite.h"
#include "report/csv.h"
#include "report/json_parts.h"
#include "report/verdict_details.h"

namespace segproof::report {
namespace {

constexpr std::size_t longest_list = 12;
constexpr std::array all_states = {claim::CellState::same,       claim::CellState::no_route, claim::CellState::denied,
                                   claim::CellState::restricted, claim::CellState::open,     claim::CellState::unknown};

Piece mark_of(claim::CellState state) {
  switch (state) {
    case claim::CellState::same:
      return {.text = "=", .ink = Ink::quiet};
    case claim::CellState::no_route:
      return {.text = "/", .ink = Ink::good};
    case claim::CellState::denied:
      return {.text = "x", .ink = Ink::good};
    case claim::CellState::restricted:
      return {.text = "r", .ink = Ink::plain};
    case claim::CellState::open:
      return {.text = "O", .ink = Ink::bad};
    case claim::CellState::unknown:
      return {.text = "?", .ink = Ink::doubtful};
  }
  SEGPROOF_UNREACHABLE();
}

using States = std::map<std::pair<std::string, std::string>, claim::CellState>;

struct Grid {
  std::vector<std::string> names;  // sorted, each once
  States states;
};

Grid grid_of(const claim::Matrix& matrix) {
  Grid grid;
  for (const claim::MatrixCell& cell : matrix.cells) {
    grid.names.push_back(cell.from);
    grid.names.push_back(cell.to);
    grid.states.emplace(std::pair(cell.from, cell.to), cell.state);
  }
  std::ranges::sort(grid.names);
  grid.names.erase(std::unique(grid.names.begin(), grid.names.end()), grid.names.end());
  return grid;
}

// Columns carry numbers, rows the number and the name.
void add_grid(Page& page, const Grid& grid) {
  const std::size_t digits = fmt::format("{}", grid.names.size()).size();
  std::size_t name_width = 7;
  for (const std::string& name : grid.names) {
    name_width = std::max(name_width, display_width(escape_controls(name)));
  }
  if (digits + 1 + name_width + grid.names.size() * (digits + 1) > page.width()) {
    page.line(fmt::format("(a grid of {} columns needs a wider page)", grid.names.size()));
    return;
  }
  Pieces header{{.text = fmt::format("{:{}}", "from \\ to", digits + 1 + name_width), .ink = Ink::quiet}};
  for (std::size_t i = 1; i <= grid.names.size(); ++i) {
    header.push_back({.text = fmt::format(" {:>{}}", i, digits), .ink = Ink::quiet});
  }
  page.paragraph(header);
  for (std::size_t i = 0; i < grid.names.size(); ++i) {
    const std::string name = escape_controls(grid.names[i]);
    const std::string padding(name_width - display_width(name), ' ');
    Pieces line{{.text = fmt::format("{:>{}} ", i + 1, digits), .ink = Ink::quiet},
                {.text = name, .ink = Ink::strong},
                {.text = padding, .ink = Ink::plain}};
    for (const std::string& to : grid.names) {
      const auto found = grid.states.find({grid.names[i], to});
      line.push_back({.text = std::string(digits, ' '), .ink = Ink::plain});
      line.push_back(found == grid.states.end() ? Piece{.text = " ", .ink = Ink::plain} : mark_of(found->second));
    }
    page.paragraph(line);
  }
}

void add_legend(Page& page) {
  Pieces legend;
  for (const claim::CellState state : all_states) {
    legend.push_back(mark_of(state));
    legend.push_back({.text = fmt::format(" {}   ", claim::cell_state_name(state)), .ink = Ink::quiet});
  }
  page.paragraph(legend);
}

bool has_rows(const claim::MatrixCell& cell) {
  return cell.state == claim::CellState::restricted || cell.state == claim::CellState::open ||
         cell.state == claim::CellState::unknown;
}

void add_cell(Page& page, const claim::MatrixCell& cell) {
  page.paragraph({{.text = direction(cell.from, cell.to), .ink = Ink::strong},
                  {.text = "  ", .ink = Ink::plain},
                  {.text = std::string(claim::cell_state_name(cell.state)), .ink = mark_of(cell.state).ink},
                  {.text = cell.replies ? "  (and replies)" : "", .ink = Ink::quiet}},
                 0, 4);
  for (std::size_t i = 0; i < std::min(longest_list, cell.new_rows.size()); ++i) {
    page.paragraph({{.text = cell.new_rows[i], .ink = Ink::plain}}, 4, 2);
  }
  if (cell.new_rows.size() > longest_list) {
    page.paragraph(
        {{.text = fmt::format("... and {} more (all of them in --format json)", cell.new_rows.size() - longest_list),
          .ink = Ink::quiet}},
        4);
  }
}

}  // namespace

std::string matrix_text(const claim::Matrix& matrix, const SourceStore& sources, const TextStyle& style) {
  Page page(style);
  const Grid grid = grid_of(matrix);
  const bool zones = matrix.between == claim::MatrixBetween::zones;
  page.paragraph({{.text = fmt::format("New sessions between {}{}", count(grid.names.size(), zones ? "zone" : "host"),
                                       matrix.epoch.empty() ? "" : ", epoch " + matrix.epoch),
                   .ink = Ink::strong}});
  page.blank();
  add_grid(page, grid);
  page.blank();
  add_legend(page);
  bool first = true;
  for (const claim::MatrixCell& cell : matrix.cells) {
    if (has_rows(cell)) {
      if (first) {
        page.blank();
        first = false;
      }
      add_cell(page, cell);
    }
  }
  if (!matrix.undecided.empty()) {
    page.blank();
    page.line("not decided:");
    add_undecided(page, matrix.undecided, sources, longest_list, 2);
  }
  return std::move(page).take();
}

std::string matrix_json(const claim::Matrix& matrix, const SourceStore& sources) {
  JsonWriter json(JsonLayout::indented);
  json.begin_object();
  json.key("schema").string("segproof/matrix/1");
  json.key("tool");
  write_tool(json);
  json.key("epoch").string_or_null(matrix.epoch);
  json.key("between").string(matrix.between == claim::MatrixBetween::zones ? "zones" : "hosts");
  json.key("cells").begin_array();
  for (const claim::MatrixCell& cell : matrix.cells) {
    json.begin_object();
    json.key("from").string(cell.from);
    json.key("to").string(cell.to);
    json.key("state").string(claim::cell_state_name(cell.state));
    json.key("new");
    write_strings(json, cell.new_rows);
    json.key("replies").boolean(cell.replies);
    json.end_object();
  }
  json.end_array();
  json.key("undecided");
  write_undecided(json, matrix.undecided, sources);
  json.end_object();
  return std::move(json).take();
}

std::string matrix_csv(const claim::Matrix& matrix) {
  std::string csv = "from,to,state,new,replies\n";
  for (const claim::MatrixCell& cell : matrix.cells) {
    csv += fmt::format("{},{},{},{},{}\n", csv_cell(cell.from), csv_cell(cell.to), claim::cell_state_name(cell.state),
                       csv_cell(fmt::format("{}", fmt::join(cell.new_rows, "; "))), cell.replies ? "yes" : "no");
  }
  return csv;
}

}  // namespace segproof::report
