// SPDX-License-Identifier: Apache-2.0
// Who may talk to whom: one cell for each ordered pair of zones (or hosts).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "claim/verdict.h"

namespace segproof::claim {

enum class MatrixBetween : std::uint8_t { zones, hosts };

enum class CellState : std::uint8_t {
  same,        // the diagonal
  no_route,    // no path even if every rule permitted
  denied,      // no new session, though a path exists
  restricted,  // some new sessions
  open,        // every valid new session
  unknown,     // over- and under-approximation differ; the rows are the over-approximation
};

// "no-route".
[[nodiscard]] constexpr std::string_view cell_state_name(CellState state) {
  switch (state) {
    case CellState::same:
      return "same";
    case CellState::no_route:
      return "no-route";
    case CellState::denied:
      return "denied";
    case CellState::restricted:
      return "restricted";
    case CellState::open:
      return "open";
    case CellState::unknown:
      return "unknown";
  }
  SEGPROOF_UNREACHABLE();
}

struct MatrixCell {
  std::string from;
  std::string to;
  CellState state = CellState::unknown;
  std::vector<std::string> new_rows;  // readable rectangles of New: "tcp dport 443"
  bool replies = false;               // Ret is not empty
};

struct Matrix {
  std::string epoch;
  MatrixBetween between = MatrixBetween::zones;
  std::vector<MatrixCell> cells;          // every ordered pair, by from, then to
  std::vector<UndecidedInput> undecided;  // why cells are unknown, by place
};

}  // namespace segproof::claim
