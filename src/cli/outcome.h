// SPDX-License-Identifier: Apache-2.0
// From results to exit codes and formats.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "claim/verdict.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "report/page.h"

namespace segproof::cli {

// From the verdicts themselves, not from the summary; advisory entries do not count. No verdict at all is `cannot_run`.
[[nodiscard]] ExitCode exit_code_of(std::span<const claim::Verdict> verdicts);

// The same after the kernel was asked: `fault` when it contradicts the model anywhere, `undecided` instead of `good`
// when it could not be asked about some claim. Precondition: it was asked.
[[nodiscard]] ExitCode confirmed_exit_code(const claim::Results& results);

[[nodiscard]] std::string written(const claim::Results& results, const SourceStore& sources, Format format,
                                  const report::TextStyle& style);

// The ids asked for, in the order asked, each once; the id of an advisory entry ("ID/responder") stands for its claim.
// A Failure that names an id that no claim has.
[[nodiscard]] Result<std::vector<std::string>> checked_ids(std::span<const claim::Claim> claims,
                                                           std::span<const std::string> only);

}  // namespace segproof::cli
