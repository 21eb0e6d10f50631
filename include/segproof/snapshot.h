// SPDX-License-Identifier: Apache-2.0
// A network at one epoch and the claims about it, read from files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "segproof/claim.h"
#include "segproof/diagnostic.h"

namespace segproof::api {

// Files or folders, as on the command line (docs/files.md). Where only `topology` is given it stands for all three.
struct Inputs {
  std::vector<std::string> topology = {};
  std::vector<std::string> policy = {};
  std::vector<std::string> claims = {};
};

// Immutable. May be asked from several threads at once. A moved-from Snapshot may only be destroyed or assigned to.
class Snapshot {
 public:
  struct Contents;  // of the library alone
  explicit Snapshot(std::unique_ptr<const Contents> contents);
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();

  [[nodiscard]] const std::string& epoch() const;
  [[nodiscard]] const std::vector<Claim>& claims() const;  // of this epoch, in the order of the files
  [[nodiscard]] const Contents& contents() const { return *contents_; }

 private:
  std::unique_ptr<const Contents> contents_;
};

struct Loaded {
  std::optional<Snapshot> snapshot;     // nothing: the inputs cannot be used
  std::string failure;                  // why, in one line; empty when there is a snapshot
  std::vector<Diagnostic> diagnostics;  // in the order in which they were found, warnings of a usable snapshot included
};

// Reads everything. What is not understood in device configurations is a warning and makes verdicts inconclusive;
// errors in segproof's own YAML, and files that cannot be read, leave no snapshot.
[[nodiscard]] Loaded load(const Inputs& inputs);

}  // namespace segproof::api
