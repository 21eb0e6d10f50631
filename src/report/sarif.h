// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/source.h"
#include "claim/verdict.h"

namespace segproof::report {

// SARIF 2.1.0, for code scanning. It holds what was refuted (error) or not decided (inconclusive, vacuous,
// not-evaluated: warning), and no proved claim: such services show every result as an alert. Advisory entries are
// notes. A result stands at the line of its claim; the deciding lines are related locations and a code flow. Its
// fingerprint depends on the claim and not on any line, so that an alert survives edits above it.
[[nodiscard]] std::string verify_sarif(const claim::Results& results, const SourceStore& sources);

// A path as a URI reference: "a b.yaml" is "a%20b.yaml", "/etc/x" is "file:///etc/x", "-" is "stdin".
[[nodiscard]] std::string uri_of(std::string_view path);

}  // namespace segproof::report
