// SPDX-License-Identifier: Apache-2.0
// The answers to reach, blast and trace for people, and as JSON ("segproof/reach/1" and so on).
#pragma once

#include <string>

#include "base/source.h"
#include "claim/answers.h"
#include "report/page.h"

namespace segproof::report {

[[nodiscard]] std::string reach_text(const claim::ReachAnswer& answer, const SourceStore& sources,
                                     const TextStyle& style);
[[nodiscard]] std::string blast_text(const claim::BlastAnswer& answer, const SourceStore& sources,
                                     const TextStyle& style);
[[nodiscard]] std::string trace_text(const claim::TraceAnswer& answer, const SourceStore& sources,
                                     const TextStyle& style);

[[nodiscard]] std::string reach_json(const claim::ReachAnswer& answer, const SourceStore& sources);
[[nodiscard]] std::string blast_json(const claim::BlastAnswer& answer, const SourceStore& sources);
[[nodiscard]] std::string trace_json(const claim::TraceAnswer& answer, const SourceStore& sources);

}  // namespace segproof::report
