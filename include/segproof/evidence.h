// SPDX-License-Identifier: Apache-2.0
// What others need to check a run: a bundle of files with certificates (docs/evidence.md), for `segproof-check`.
#pragma once

#include <map>
#include <string>

#include "segproof/snapshot.h"

namespace segproof::api {

struct EvidenceOptions {
  bool redact = false;          // copies of the inputs without secrets and comments
  std::string secret_key = {};  // an Ed25519 key as PEM; empty: not signed
  std::string made = {};        // "2024-05-01T12:00:00Z"; empty: no time
  unsigned jobs = 0;            // threads; 0: as many as the machine has
};

struct Evidence {
  std::map<std::string, std::string> files = {};  // path within the bundle, bytes; empty: there is none
  std::string failure = {};                       // why
};

// Answers all claims and certifies the answers. The same snapshot and options give the same bytes.
[[nodiscard]] Evidence evidence(const Snapshot& snapshot, const EvidenceOptions& options = {});

}  // namespace segproof::api
