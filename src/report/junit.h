// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/source.h"
#include "claim/verdict.h"

namespace segproof::report {

// JUnit XML: one test case for each verdict. Refuted is a failure; inconclusive, vacuous and not-evaluated are errors,
// because the exit code fails for them too; an advisory entry that is not proved is skipped, because it does not.
[[nodiscard]] std::string verify_junit(const claim::Results& results, const SourceStore& sources);

}  // namespace segproof::report
