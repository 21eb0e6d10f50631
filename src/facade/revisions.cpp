// SPDX-License-Identifier: Apache-2.0
#include "segproof/revisions.h"

#include <utility>

#include "facade/contents.h"
#include "facade/revision_run.h"

namespace segproof::api {

struct Revisions::State {
  State(const Inputs& inputs, const VerifyOptions& options)
      : run({.topology = inputs.topology, .policy = inputs.policy, .claims = inputs.claims}, files) {
    asked.jobs = options.jobs;
    asked.only = options.only;
  }
  RealFileSystem files;
  RevisionRun run;
  claim::Options asked;
};

Revisions::Revisions(const Inputs& inputs, const VerifyOptions& options)
    : state_(std::make_unique<State>(inputs, options)) {}
Revisions::Revisions(Revisions&&) noexcept = default;
Revisions& Revisions::operator=(Revisions&&) noexcept = default;
Revisions::~Revisions() = default;

Revision Revisions::next() {
  Revision revision;
  Reading reading;
  DiagnosticSink sink;
  const std::optional<Failure> failure = state_->run.read(reading, sink);
  revision.diagnostics = facade_diagnostics(sink, reading.sources);
  if (failure) {
    revision.failure = failure->message;
    return revision;
  }
  const VerifiedRevision& verified = state_->run.verify(std::move(reading), state_->asked);
  revision.results = facade_results(verified.results, verified.reading.snapshot.claims, verified.reading.sources);
  revision.changed = verified.changed;
  revision.claims_judged = verified.claims_judged;
  return revision;
}

}  // namespace segproof::api
