// SPDX-License-Identifier: Apache-2.0
// The matrix of who may talk to whom, in the order of the cells it is given.
#pragma once

#include <string>

#include "base/source.h"
#include "claim/matrix.h"
#include "report/page.h"

namespace segproof::report {

// A grid of letters with its legend, then the rows of every cell that is not closed. A grid that is wider than the page
// is left out.
[[nodiscard]] std::string matrix_text(const claim::Matrix& matrix, const SourceStore& sources, const TextStyle& style);

// "segproof/matrix/1".
[[nodiscard]] std::string matrix_json(const claim::Matrix& matrix, const SourceStore& sources);

// from,to,state,new,replies; rows of `new` are joined by "; ".
[[nodiscard]] std::string matrix_csv(const claim::Matrix& matrix);

}  // namespace segproof::report
