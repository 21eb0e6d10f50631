// SPDX-License-Identifier: Apache-2.0
// The same inputs verified again and again while they change, without doing again what a change cannot have touched.
//
//   segproof::api::Revisions revisions({.topology = {"my-network"}});
//   auto first = revisions.next();   // reads and verifies everything
//   ...                              // somebody edits a file
//   auto second = revisions.next();  // the answers of a fresh run, with less work
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "segproof/diagnostic.h"
#include "segproof/snapshot.h"
#include "segproof/verdict.h"
#include "segproof/verify.h"

namespace segproof::api {

struct Revision {
  std::optional<Results> results = {};  // nothing: the inputs cannot be used as they are now
  std::string failure = {};             // why, in one line
  std::vector<Diagnostic> diagnostics = {};
  std::vector<std::string> changed = {};  // files that are new, gone or different since the last usable revision
  std::size_t claims_judged = 0;          // the others kept their verdicts
};

// For one thread at a time.
class Revisions {
 public:
  // Ids in `options.only` that no claim has are left out.
  explicit Revisions(const Inputs& inputs, const VerifyOptions& options = {});
  Revisions(Revisions&&) noexcept;
  Revisions& operator=(Revisions&&) noexcept;
  ~Revisions();

  // Reads the inputs as they are now. Verdicts are those of `verify` on a fresh `load`. Inputs that cannot be used are
  // as if they had not been looked at: the next usable ones are compared with the last usable ones.
  [[nodiscard]] Revision next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace segproof::api
