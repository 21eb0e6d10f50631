// SPDX-License-Identifier: Apache-2.0
// How an outcome looks: a symbol, a word and, where there is colour, an ink.
#pragma once

#include <string_view>

#include "claim/verdict.h"
#include "report/page.h"

namespace segproof::report {

[[nodiscard]] std::string_view outcome_symbol(claim::Outcome outcome);
[[nodiscard]] Ink outcome_ink(claim::Outcome outcome);
// "✗ refuted".
[[nodiscard]] Piece outcome_piece(claim::Outcome outcome);

}  // namespace segproof::report
