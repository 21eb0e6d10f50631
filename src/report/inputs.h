// SPDX-License-Identifier: Apache-2.0
// What became of the lines of every file that was read.
#pragma once

#include <span>
#include <string>

#include "base/input_file.h"
#include "report/page.h"

namespace segproof::report {

// Each file with the numbers of its lines that are not modelled, and why; then the sums.
[[nodiscard]] std::string inputs_text(std::span<const InputFile> inputs, const SourceStore& sources,
                                      const TextStyle& style);

// "segproof/inputs/1".
[[nodiscard]] std::string inputs_json(std::span<const InputFile> inputs, const SourceStore& sources);

}  // namespace segproof::report
