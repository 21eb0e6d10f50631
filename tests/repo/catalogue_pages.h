// SPDX-License-Identifier: Apache-2.0
// The diagnostic catalogue, its generated pages in docs/diagnostics, and its golden cases. A golden case is a folder
// tests/golden/diagnostics/SP0213 with the input files, `command` (the arguments of segproof, run in that folder, and
// the exit code) and `expected` (what it then writes). SP0213-filter is another case of the same code.
#pragma once

#include <span>

#include "base/diagnostic_code.h"
#include "tree.h"

namespace segproof::repo {

using Catalogue = std::span<const CatalogueEntry>;

// Path to text of every page, and of the list of them. The examples of a page are its golden cases.
[[nodiscard]] Tree catalogue_pages(Catalogue catalogue, const Tree& tree);

// Pages that are missing, differ from what would be generated, or belong to no code.
[[nodiscard]] Complaints outdated_pages(Catalogue catalogue, const Tree& tree);

// True when the tree holds golden cases of diagnostics at all.
[[nodiscard]] bool has_golden_cases(const Tree& tree);
// Codes without a golden case, and cases that do not show their code.
[[nodiscard]] Complaints missing_golden_cases(Catalogue catalogue, const Tree& tree);

// Codes that no source in src/ reports.
[[nodiscard]] Complaints unused_codes(Catalogue catalogue, const Tree& tree);

}  // namespace segproof::repo
