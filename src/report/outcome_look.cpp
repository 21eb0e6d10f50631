// SPDX-License-Identifier: Apache-2.0
#include "report/outcome_look.h"

#include <fmt/format.h>

#include "base/assert.h"

namespace segproof::report {

std::string_view outcome_symbol(claim::Outcome outcome) {
  switch (outcome) {
    case claim::Outcome::proved:
      return "✓";
    case claim::Outcome::refuted:
      return "✗";
    case claim::Outcome::inconclusive:
      return "?";
    case claim::Outcome::vacuous:
      return "!";
    case claim::Outcome::not_evaluated:
      return "-";
  }
  SEGPROOF_UNREACHABLE();
}

Ink outcome_ink(claim::Outcome outcome) {
  switch (outcome) {
    case claim::Outcome::proved:
      return Ink::good;
    case claim::Outcome::refuted:
      return Ink::bad;
    case claim::Outcome::inconclusive:
      return Ink::doubtful;
    case claim::Outcome::vacuous:
    case claim::Outcome::not_evaluated:
      return Ink::odd;
  }
  SEGPROOF_UNREACHABLE();
}

Piece outcome_piece(claim::Outcome outcome) {
  return {.text = fmt::format("{} {}", outcome_symbol(outcome), claim::outcome_name(outcome)),
          .ink = outcome_ink(outcome)};
}

}  // namespace segproof::report
