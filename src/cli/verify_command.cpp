// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/evidence_folder.h"
#include "cli/load.h"
#include "cli/outcome.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verification.h"
#include "cli/watch.h"
#include "facade/evidence_run.h"
#include "proof/signing.h"

namespace segproof::cli {
namespace {

constexpr std::size_t largest_key = 65536;

// What can be said before the long work begins: where the evidence goes, whose it is, when it was made.
Result<api::EvidenceRequest> evidence_request(const VerifyArguments& arguments, const World& world) {
  const EvidenceArguments& evidence = *arguments.evidence;
  api::EvidenceRequest request{.inputs = snapshot_request(arguments.inputs),
                               .copies = evidence.is_redacted ? api::Copies::redacted : api::Copies::whole,
                               .made = evidence.made,
                               .secret_key = {},
                               .jobs = arguments.jobs,
                               .progress = {}};
  if (std::optional<std::string> reason = unusable_folder(evidence.folder)) {
    return Failure{*std::move(reason)};
  }
  if (!evidence.key_file.empty()) {
    Result<std::string> key = world.files.read_file(evidence.key_file, largest_key);
    if (!key) {
      return key.failure();
    }
    if (const Result<std::string> open = proof::open_half(key.value()); !open) {
      return Failure{fmt::format("cannot sign with {}: {}", quote(evidence.key_file), open.failure().message)};
    }
    request.secret_key = std::move(key).value();
  }
  const std::optional<std::string> epoch = world.terminal.environment("SOURCE_DATE_EPOCH");
  if (request.made.empty() && epoch) {
    const std::optional<std::string> made = proof::made_at(*epoch);
    if (!made || epoch->ends_with('Z')) {
      return Failure{fmt::format("SOURCE_DATE_EPOCH is no number of seconds since 1970: {}", quote(*epoch))};
    }
    request.made = *made;
  }
  return request;
}

bool deliver_evidence(const api::EvidenceRequest& request, const std::string& folder, const api::Reading& reading,
                      claim::Results& results, Terminal& terminal) {
  const Result<proof::Files> files = [&] {
    Progress progress(terminal);
    api::EvidenceRequest asked = request;
    asked.progress = [&progress](std::size_t done, std::size_t total) { progress.set(done, total); };
    return api::evidence_of(reading, results, asked);
  }();
  const Result<std::size_t> written = files ? write_folder(folder, files.value()) : files.failure();
  if (!written) {
    complain(terminal, written.failure().message);
    return false;
  }
  const auto certified = std::ranges::count_if(
      results.verdicts, [](const claim::Verdict& verdict) { return verdict.certificate.has_value(); });
  const auto claims = std::ranges::count(results.verdicts, false, &claim::Verdict::advisory);
  remark(terminal, fmt::format("evidence in {}: {} files; {} of {} claims have certificates", quote(folder),
                               written.value(), certified, claims));
  return true;
}

}  // namespace

ExitCode run_verify(const ParsedLine& line, const World& world) {
  const Result<VerifyArguments> arguments = verify_arguments(line);
  if (!arguments) {
    complain(world.terminal, arguments.failure().message);
    return ExitCode::cannot_run;
  }
  if (arguments.value().watches) {
    return watch(arguments.value(), world);
  }
  std::optional<api::EvidenceRequest> request;
  if (arguments.value().evidence) {
    Result<api::EvidenceRequest> asked = evidence_request(arguments.value(), world);
    if (!asked) {
      complain(world.terminal, asked.failure().message);
      return ExitCode::cannot_run;
    }
    request = std::move(asked).value();
  }
  SourceStore sources;
  std::optional<Verification> done = verified(arguments.value(), world, sources);
  if (!done) {
    return ExitCode::cannot_run;
  }
  const api::Reading reading{std::move(sources), std::move(done->snapshot)};
  if (request &&
      !deliver_evidence(*request, arguments.value().evidence->folder, reading, done->results, world.terminal)) {
    return ExitCode::cannot_run;
  }
  if (!deliver_results(done->results, reading.sources, arguments.value().output, world.terminal)) {
    return ExitCode::cannot_run;
  }
  return exit_code_of(done->results.verdicts);
}

}  // namespace segproof::cli
