// SPDX-License-Identifier: Apache-2.0
#include "cli/outcome.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/sarif.h"
#include "report/text.h"

namespace segproof::cli {
namespace {

constexpr std::string_view advisory_suffix = "/responder";

}  // namespace

ExitCode exit_code_of(std::span<const claim::Verdict> verdicts) {
  bool any = false;
  bool refuted = false;
  bool undecided = false;
  for (const claim::Verdict& verdict : verdicts) {
    if (!verdict.advisory) {
      any = true;
      refuted = refuted || verdict.outcome == claim::Outcome::refuted;
      undecided = undecided || verdict.outcome != claim::Outcome::proved;
    }
  }
  if (!any) {
    return ExitCode::cannot_run;
  }
  if (refuted) {
    return ExitCode::refuted;
  }
  return undecided ? ExitCode::undecided : ExitCode::good;
}

ExitCode confirmed_exit_code(const claim::Results& results) {
  SEGPROOF_ASSERT(results.confirmation.has_value());
  if (results.confirmation->differences > 0) {
    return ExitCode::fault;
  }
  const ExitCode code = exit_code_of(results.verdicts);
  const bool is_partial = std::ranges::any_of(results.verdicts, [](const claim::Verdict& verdict) {
    return verdict.confirmation && verdict.confirmation->says != claim::KernelSays::confirmed;
  });
  return code == ExitCode::good && is_partial ? ExitCode::undecided : code;
}

std::string written(const claim::Results& results, const SourceStore& sources, Format format,
                    const report::TextStyle& style) {
  switch (format) {
    case Format::text:
      return report::verify_text(results, sources, style);
    case Format::json:
      return report::verify_json(results, sources);
    case Format::junit:
      return report::verify_junit(results, sources);
    case Format::sarif:
      return report::verify_sarif(results, sources);
    case Format::csv:
      break;
  }
  SEGPROOF_UNREACHABLE();  // `verify` does not offer it
}

Result<std::vector<std::string>> checked_ids(std::span<const claim::Claim> claims, std::span<const std::string> only) {
  std::vector<std::string> known;
  for (const claim::Claim& claim : claims) {
    known.push_back(claim.id);
  }
  std::vector<std::string> ids;
  for (const std::string& word : only) {
    const bool is_claim = std::ranges::find(known, word) != known.end();
    const std::string id =
        !is_claim && word.ends_with(advisory_suffix) ? word.substr(0, word.size() - advisory_suffix.size()) : word;
    if (std::ranges::find(known, id) == known.end()) {
      const std::string hint = did_you_mean_hint(id, known);
      return Failure{fmt::format("no claim of this run has the id {}{}{}", quote(id), hint.empty() ? "" : "; ", hint)};
    }
    if (std::ranges::find(ids, id) == ids.end()) {
      ids.push_back(id);
    }
  }
  return ids;
}

}  // namespace segproof::cli
