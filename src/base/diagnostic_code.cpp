// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostic_code.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace segproof {
namespace {

constexpr std::array catalogue = {
#define SEGPROOF_DIAGNOSTIC(number, name, summary, explanation) \
  CatalogueEntry{DiagnosticCode::name, #name, summary, explanation},
#include "base/diagnostic_catalogue.def"
#undef SEGPROOF_DIAGNOSTIC
};

struct CodeText {
  DiagnosticCode code;
  std::string_view text;
};

// The catalogue writes numbers without their leading zero, because that would make them octal.
constexpr std::array code_texts = {
#define SEGPROOF_DIAGNOSTIC(number, name, summary, explanation) CodeText{DiagnosticCode::name, "SP0" #number},
#include "base/diagnostic_catalogue.def"
#undef SEGPROOF_DIAGNOSTIC
};

#define SEGPROOF_DIAGNOSTIC(number, name, summary, explanation) \
  static_assert((number) >= 100 && (number) <= 999, "a code of the catalogue has three digits");
#include "base/diagnostic_catalogue.def"
#undef SEGPROOF_DIAGNOSTIC

consteval bool ascending() {
  for (std::size_t i = 1; i < catalogue.size(); ++i) {
    if (catalogue[i - 1].code >= catalogue[i].code) {
      return false;
    }
  }
  return true;
}
static_assert(ascending(), "the catalogue lists each code once, by ascending number");

}  // namespace

std::span<const CatalogueEntry> diagnostic_catalogue() {
  return catalogue;
}

std::string_view code_text(DiagnosticCode code) {
  const auto* found = std::ranges::lower_bound(code_texts, code, {}, &CodeText::code);
  SEGPROOF_ASSERT(found != code_texts.end() && found->code == code);
  return found->text;
}

}  // namespace segproof
