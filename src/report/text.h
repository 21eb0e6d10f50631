// SPDX-License-Identifier: Apache-2.0
// The results of a run for people: the table of verdicts, the details (what failed first), the assumptions with their
// texts, what was read, and one line that sums it up.
#pragma once

#include <string>

#include "base/source.h"
#include "claim/verdict.h"
#include "report/page.h"

namespace segproof::report {

[[nodiscard]] std::string verify_text(const claim::Results& results, const SourceStore& sources,
                                      const TextStyle& style);

// "4 claims: 2 proved, 1 refuted (by spoofed sources only), 1 vacuous". Names each outcome that occurs.
[[nodiscard]] std::string summary_line(const claim::Summary& summary);

}  // namespace segproof::report
