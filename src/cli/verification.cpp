// SPDX-License-Identifier: Apache-2.0
#include "cli/verification.h"

#include <memory>
#include <string>
#include <utility>

#include "claim/session.h"
#include "cli/load.h"
#include "cli/outcome.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "facade/accounts.h"
#include "facade/evidence_run.h"

namespace segproof::cli {
namespace {

claim::Results answers(const input::Snapshot& snapshot, const SourceStore& sources, const VerifyArguments& arguments,
                       std::vector<std::string> only, Terminal& terminal) {
  Progress progress(terminal);
  claim::Options options;
  options.jobs = arguments.jobs;
  options.only = std::move(only);
  options.progress = [&progress](std::size_t done, std::size_t total) { progress.set(done, total); };
  return claim::verify(snapshot.network, snapshot.claims, sources, options);
}

// The snapshot becomes one that was read from copies. False, and said so, when that cannot be.
bool use_copies(const VerifyArguments& arguments, const World& world, input::Snapshot& snapshot, SourceStore& sources) {
  const api::Copies copies = arguments.evidence->is_redacted ? api::Copies::redacted : api::Copies::whole;
  Result<std::unique_ptr<api::Reading>> again =
      api::read_again(snapshot_request(arguments.inputs), snapshot, sources, copies);
  if (!again) {
    complain(world.terminal, again.failure().message);
    return false;
  }
  snapshot = std::move(again.value()->snapshot);
  sources = std::move(again.value()->sources);
  return true;
}

}  // namespace

std::optional<Verification> verified(const VerifyArguments& arguments, const World& world, SourceStore& sources) {
  std::optional<input::Snapshot> snapshot = load(arguments.inputs, world, sources);
  if (!snapshot) {
    return std::nullopt;
  }
  if (snapshot->claims.empty()) {
    for (const std::string& note : snapshot->notes) {
      remark(world.terminal, note);
    }
    complain(world.terminal, "there are no claims to verify; a claims file begins with `segproof: claims/1`");
    return std::nullopt;
  }
  Result<std::vector<std::string>> only = checked_ids(snapshot->claims, arguments.only);
  if (!only) {
    complain(world.terminal, only.failure().message);
    return std::nullopt;
  }
  DiagnosticSink faults;
  claim::check(snapshot->network, snapshot->claims, faults);
  if (!passes(faults, sources, world.terminal)) {
    return std::nullopt;
  }
  if (arguments.evidence && !use_copies(arguments, world, *snapshot, sources)) {
    return std::nullopt;
  }
  claim::Results results = answers(*snapshot, sources, arguments, std::move(only).value(), world.terminal);
  api::add_accounts(*snapshot, results);
  return Verification{std::move(*snapshot), std::move(results)};
}

bool deliver_results(const claim::Results& results, const SourceStore& sources, const OutputArguments& output,
                     Terminal& terminal) {
  const report::TextStyle style =
      output.file.empty() ? style_for(terminal, Stream::out, output.colour) : style_for_file(output.colour);
  const Result<std::size_t> delivered = deliver(terminal, output.file, written(results, sources, output.format, style));
  if (!delivered) {
    complain(terminal, delivered.failure().message);
  }
  return delivered.ok();
}

}  // namespace segproof::cli
