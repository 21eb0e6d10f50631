// SPDX-License-Identifier: Apache-2.0
// The same inputs verified again and again, as they change. What a change cannot have touched is not done again:
// readers do not read files that are as they were, rule sets of nodes that are as they were are not compiled, and
// claims keep their verdicts where claim::Change says that they may. The verdicts are those of a fresh run.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/file.h"
#include "base/result.h"
#include "claim/continuation.h"
#include "facade/evidence_run.h"
#include "input/reading_memory.h"
#include "input/snapshot.h"

namespace segproof::api {

// What was not done again.
struct Spared {
  std::size_t readings = 0;   // of files by their readers
  std::size_t rule_sets = 0;  // nodes that have them
  std::size_t claims = 0;
};

struct VerifiedRevision {
  Reading reading;
  claim::Results results;            // with what was read
  std::vector<std::string> changed;  // paths of files that are new, gone or have other bytes than at the last revision
  Spared spared;
  std::size_t claims_judged = 0;
};

class RevisionRun {
 public:
  RevisionRun(input::SnapshotRequest request, const FileSystem& files) : request_(std::move(request)), files_(&files) {}

  // Reads everything; what is found goes to `sink`, and lies in the sources of `reading`. A Failure, in one line, where
  // it cannot be verified, which leaves the last revision as it is.
  [[nodiscard]] std::optional<Failure> read(Reading& reading, DiagnosticSink& sink);
  // Verifies what was read, and makes it the last revision. `options.only` as for claim::verify.
  const VerifiedRevision& verify(Reading reading, const claim::Options& options);

  // Null before the first one.
  [[nodiscard]] const VerifiedRevision* last() const { return last_.get(); }

 private:
  input::SnapshotRequest request_;
  const FileSystem* files_;
  input::ReadingMemory memory_;
  claim::Continuation continuation_;
  std::vector<std::string> only_;  // of the last revision
  std::unique_ptr<VerifiedRevision> last_;
};

}  // namespace segproof::api
