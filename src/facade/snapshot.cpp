// SPDX-License-Identifier: Apache-2.0
#include "segproof/snapshot.h"

#include <utility>

#include "base/diagnostic.h"
#include "base/file.h"
#include "claim/session.h"
#include "facade/contents.h"

namespace segproof::api {
namespace {

Severity severity_of(segproof::Severity severity) {
  switch (severity) {
    case segproof::Severity::note:
      return Severity::note;
    case segproof::Severity::warning:
      return Severity::warning;
    case segproof::Severity::error:
      return Severity::error;
  }
  return Severity::error;
}

}  // namespace

std::vector<Diagnostic> facade_diagnostics(const DiagnosticSink& sink, const SourceStore& sources) {
  std::vector<Diagnostic> result;
  for (const segproof::Diagnostic& diagnostic : sink.all()) {
    result.push_back({std::string(code_text(diagnostic.code)), severity_of(diagnostic.severity),
                      location_of(diagnostic.span, sources), diagnostic.message, diagnostic.hint,
                      render(diagnostic, sources)});
  }
  return result;
}

Location location_of(const SourceSpan& span, const SourceStore& sources) {
  return span.file.valid() ? Location{std::string(sources.path(span.file)), span.line, span.column} : Location{};
}

Claim facade_claim(const claim::Claim& claim, const SourceStore& sources) {
  return {claim.id,   std::string(claim::kind_name(claim.kind)), claim.text, claim.author,
          claim.date, location_of(claim.origin, sources)};
}

Snapshot::Snapshot(std::unique_ptr<const Contents> contents) : contents_(std::move(contents)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

const std::string& Snapshot::epoch() const {
  return contents_->snapshot.network.epoch;
}
const std::vector<Claim>& Snapshot::claims() const {
  return contents_->claims;
}

Loaded load(const Inputs& inputs) {
  Loaded loaded;
  auto contents = std::make_unique<Snapshot::Contents>();
  contents->request = {.topology = inputs.topology, .policy = inputs.policy, .claims = inputs.claims};
  DiagnosticSink sink;
  Result<input::Snapshot> snapshot = input::load_snapshot(contents->request, RealFileSystem(), contents->sources, sink);
  if (snapshot && !sink.has_errors()) {
    claim::check(snapshot.value().network, snapshot.value().claims, sink);
  }
  loaded.diagnostics = facade_diagnostics(sink, contents->sources);
  if (!snapshot) {
    loaded.failure = snapshot.failure().message;
  } else if (sink.has_errors()) {
    loaded.failure = "the input has errors, so nothing was looked at";
  } else {
    contents->snapshot = std::move(snapshot).value();
    for (const claim::Claim& claim : contents->snapshot.claims) {
      contents->claims.push_back(facade_claim(claim, contents->sources));
    }
    loaded.snapshot.emplace(std::move(contents));
  }
  return loaded;
}

}  // namespace segproof::api
