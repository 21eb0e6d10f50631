// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <doctest/doctest.h>

#include "base/diagnostic.h"
#include "base/file.h"
#include "claim/session.h"
#include "input/snapshot.h"
#include "report/json.h"

namespace segproof::test {

Run verify_folders(const std::string& topology, const std::string& policy, Warnings warnings, unsigned jobs) {
  Run run;
  DiagnosticSink sink;
  const RealFileSystem files;
  const Result<input::Snapshot> snapshot =
      input::load_snapshot({.topology = {topology}, .policy = {policy}, .claims = {}}, files, run.sources, sink);
  if (!snapshot) {
    run.faults = snapshot.failure().message;
    return run;
  }
  for (const Diagnostic& diagnostic : sink.all()) {
    const bool counts = diagnostic.severity == Severity::error ||
                        (diagnostic.severity == Severity::warning && warnings == Warnings::are_faults);
    if (counts) {
      run.faults += render(diagnostic, run.sources) + "\n";
    }
  }
  if (sink.has_errors()) {
    return run;
  }
  claim::Options options;
  options.jobs = jobs;
  run.results = claim::verify(snapshot.value().network, snapshot.value().claims, run.sources, options);
  run.json = report::verify_json(run.results, run.sources);
  return run;
}

std::map<std::string, std::string> outcomes(const Run& run) {
  std::map<std::string, std::string> all;
  for (const claim::Verdict& verdict : run.results.verdicts) {
    all[verdict.id] = claim::outcome_name(verdict.outcome);
  }
  return all;
}

std::string file_text(const std::string& path) {
  const Result<std::string> text = RealFileSystem().read_file(path, default_file_limit);
  REQUIRE_MESSAGE(text.ok(), path);
  return text.value();
}

}  // namespace segproof::test
