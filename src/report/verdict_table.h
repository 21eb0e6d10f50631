// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "claim/verdict.h"
#include "report/page.h"

namespace segproof::report {

// One row for each verdict: outcome, id, kind, direction, reason. The reason stands beside the row on a wide page,
// below it otherwise; on a narrow page the row itself becomes a few lines.
void add_verdict_table(Page& page, std::span<const claim::Verdict> verdicts);

}  // namespace segproof::report
