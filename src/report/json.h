// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/source.h"
#include "claim/verdict.h"

namespace segproof::report {

// The results of a run as "segproof/result/1" (schemas/result.schema.json): complete, nothing is shortened.
[[nodiscard]] std::string verify_json(const claim::Results& results, const SourceStore& sources);

}  // namespace segproof::report
