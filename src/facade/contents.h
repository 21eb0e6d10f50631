// SPDX-License-Identifier: Apache-2.0
// What a Snapshot of the facade holds, and the way from the rooms' places to the facade's.
#pragma once

#include <string>
#include <vector>

#include "base/source.h"
#include "input/snapshot.h"
#include "segproof/snapshot.h"

namespace segproof::api {

struct Snapshot::Contents {
  SourceStore sources;
  input::Snapshot snapshot;
  std::vector<Claim> claims;
};

[[nodiscard]] Location location_of(const SourceSpan& span, const SourceStore& sources);
[[nodiscard]] Claim facade_claim(const claim::Claim& claim, const SourceStore& sources);

}  // namespace segproof::api
