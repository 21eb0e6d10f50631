// SPDX-License-Identifier: Apache-2.0
// What a Snapshot of the facade holds, and the way from the rooms' places to the facade's.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"
#include "claim/verdict.h"
#include "input/snapshot.h"
#include "segproof/snapshot.h"
#include "segproof/verdict.h"

namespace segproof::api {

struct Snapshot::Contents {
  input::SnapshotRequest request;
  SourceStore sources;
  input::Snapshot snapshot;
  std::vector<Claim> claims;
};

[[nodiscard]] Location location_of(const SourceSpan& span, const SourceStore& sources);
[[nodiscard]] std::vector<Diagnostic> facade_diagnostics(const DiagnosticSink& sink, const SourceStore& sources);
// What was found, with what was read.
[[nodiscard]] Results facade_results(const claim::Results& found, std::span<const claim::Claim> claims,
                                     const SourceStore& sources);
[[nodiscard]] Claim facade_claim(const claim::Claim& claim, const SourceStore& sources);

}  // namespace segproof::api
