// SPDX-License-Identifier: Apache-2.0
#include "segproof/evidence.h"

#include <utility>

#include "claim/session.h"
#include "facade/accounts.h"
#include "facade/contents.h"
#include "facade/evidence_run.h"

namespace segproof::api {

Evidence evidence(const Snapshot& snapshot, const EvidenceOptions& options) {
  const Snapshot::Contents& contents = snapshot.contents();
  const Copies copies = options.redact ? Copies::redacted : Copies::whole;
  if (!options.made.empty() && proof::made_at(options.made) != options.made) {
    return {.failure = "`made` is no time such as 2024-05-01T12:00:00Z"};
  }
  const Result<std::unique_ptr<Reading>> reading =
      read_again(contents.request, contents.snapshot, contents.sources, copies);
  if (!reading) {
    return {.failure = reading.failure().message};
  }
  const Reading& read = *reading.value();
  claim::Options asked;
  asked.jobs = options.jobs;
  claim::Results results = claim::verify(read.snapshot.network, read.snapshot.claims, read.sources, asked);
  add_accounts(read.snapshot, results);
  Result<proof::Files> files = evidence_of(read, results,
                                           {.inputs = contents.request,
                                            .copies = copies,
                                            .made = options.made,
                                            .secret_key = options.secret_key,
                                            .jobs = options.jobs,
                                            .progress = {}});
  if (!files) {
    return {.failure = files.failure().message};
  }
  return {.files = std::move(files).value()};
}

}  // namespace segproof::api
