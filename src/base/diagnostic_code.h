// SPDX-License-Identifier: Apache-2.0
// The codes of the diagnostic catalogue (base/diagnostic_catalogue.def). A code never changes its meaning and is never
// used again for another one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace segproof {

enum class DiagnosticCode : std::uint16_t {
#define SEGPROOF_DIAGNOSTIC(number, name, summary, explanation) name = number,  // NOLINT(bugprone-macro-parentheses)
#include "base/diagnostic_catalogue.def"
#undef SEGPROOF_DIAGNOSTIC
};

struct CatalogueEntry {
  DiagnosticCode code;
  std::string_view name;         // "host_in_two_zones"
  std::string_view summary;      // one line
  std::string_view explanation;  // what it means for the verdicts, and what to do
};

// All entries, by ascending number.
[[nodiscard]] std::span<const CatalogueEntry> diagnostic_catalogue();
// "SP0213".
[[nodiscard]] std::string_view code_text(DiagnosticCode code);

}  // namespace segproof
